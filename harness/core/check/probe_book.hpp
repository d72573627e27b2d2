// Which sequence number carried which wire probe: known to the publisher's thread alone, so that
// checks ask for it when all threads have been merged.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "harness/core/check/check.hpp"
#include "harness/core/check/probes.hpp"

namespace streamgauge {

class ProbeBook {
 public:
  static constexpr std::size_t entries_max = 4096;  // later probes are not told apart by name
  struct Entry {
    std::uint16_t channel = 0;
    std::uint64_t seq = 0;
    Instant started{};
    int status = 0;
    std::size_t probe = 0;  // index into wire_probes(), set by named()
  };

  void on(const fact::Published& published) {
    if (published.kind != sse::EnvelopeKind::probe || entries_.size() == entries_max) return;
    entries_.push_back({published.channel, published.seq, published.intended + published.late,
                        published.status, 0});
  }
  void merge(const ProbeBook& other) {
    entries_.insert(entries_.end(), other.entries_.begin(), other.entries_.end());
  }
  [[nodiscard]] bool empty() const { return entries_.empty(); }

  /// By channel and seq; the k-th probe of a channel is the k-th of wire_probes(), round and round.
  [[nodiscard]] std::vector<Entry> named() const {
    auto sorted = entries_;
    std::sort(sorted.begin(), sorted.end(), [](const Entry& a, const Entry& b) {
      return std::pair{a.channel, a.seq} < std::pair{b.channel, b.seq};
    });
    const auto kinds = wire_probes().size();
    std::size_t nth = 0;
    for (std::size_t i = 0; i < sorted.size(); ++i) {
      nth = i > 0 && sorted[i - 1].channel == sorted[i].channel ? nth + 1 : 0;
      sorted[i].probe = kinds == 0 ? 0 : nth % kinds;
    }
    return sorted;
  }
  /// "probe 'lf-block'" for the probe with that seq on `channel`, or "seq 12" when unknown.
  [[nodiscard]] std::string name_of(std::uint16_t channel, std::uint64_t seq) const {
    for (const auto& entry : named()) {
      if (entry.channel == channel && entry.seq == seq && entry.probe < wire_probes().size()) {
        return "probe '" + std::string(wire_probes()[entry.probe].name) + "'";
      }
    }
    return "seq " + std::to_string(seq);
  }

 private:
  std::vector<Entry> entries_;
};

/// True when `data` is `probe` as a correct encoder delivers it, behind `envelope`.
[[nodiscard]] bool carries(std::string_view data, const sse::Envelope& envelope,
                           const Probe& probe);
/// What `probe` behind `envelope` reads as on arrival.
[[nodiscard]] std::string expected_data(const sse::Envelope& envelope, const Probe& probe);

}  // namespace streamgauge

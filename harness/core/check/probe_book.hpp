// Which sequence number carried which wire probe: known to the publisher's thread alone, so that
// checks ask for it when all threads have been merged.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
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
    std::size_t probe = 0;  // index into wire_probes()
  };

  /// The k-th record of a channel tells of the k-th of wire_probes(), round and round. Probes that
  /// could not be sent have a record too, with seq 0: they count, but nothing can arrive of them.
  void on(const fact::Published& published) {
    if (published.kind != sse::EnvelopeKind::probe || entries_.size() == entries_max) return;
    if (told_.size() <= published.channel) told_.resize(std::size_t{published.channel} + 1);
    const auto kinds = std::max<std::size_t>(wire_probes().size(), 1);
    entries_.push_back({published.channel, published.seq, published.intended + published.late,
                        published.status, told_[published.channel]++ % kinds});
  }
  void merge(const ProbeBook& other) {
    entries_.insert(entries_.end(), other.entries_.begin(), other.entries_.end());
  }
  [[nodiscard]] bool empty() const { return entries_.empty(); }

  /// By channel and seq.
  [[nodiscard]] std::vector<Entry> sorted() const {
    auto entries = entries_;
    std::sort(entries.begin(), entries.end(), before);
    return entries;
  }
  /// The entry of `sorted` that was published as `seq` on `channel`, or null.
  [[nodiscard]] static const Entry* find(const std::vector<Entry>& sorted, std::uint16_t channel,
                                         std::uint64_t seq) {
    Entry wanted;
    wanted.channel = channel;
    wanted.seq = seq;
    const auto found = std::lower_bound(sorted.begin(), sorted.end(), wanted, before);
    if (seq == 0 || found == sorted.end() || before(wanted, *found)) return nullptr;
    return &*found;
  }
  /// "probe 'lf-block'" for the probe with that seq on `channel`, or "seq 12" when unknown.
  [[nodiscard]] std::string name_of(std::uint16_t channel, std::uint64_t seq) const {
    const auto entries = sorted();
    const auto* entry = find(entries, channel, seq);
    if (!entry || entry->probe >= wire_probes().size()) return "seq " + std::to_string(seq);
    return "probe '" + std::string(wire_probes()[entry->probe].name) + "'";
  }

 private:
  [[nodiscard]] static bool before(const Entry& a, const Entry& b) {
    return std::pair{a.channel, a.seq} < std::pair{b.channel, b.seq};
  }

  std::vector<Entry> entries_;
  std::vector<std::size_t> told_;  // by channel; a channel has one publisher, hence one thread
};

/// The probe envelope that `event` carries, also where what followed the envelope was joined to it
/// without a line break, so that it no longer reads as one.
[[nodiscard]] std::optional<sse::Envelope> probe_envelope(const fact::Event& event);

/// True when `data` is `probe` as a correct encoder delivers it, behind `envelope`.
[[nodiscard]] bool carries(std::string_view data, const sse::Envelope& envelope,
                           const Probe& probe);
/// What `probe` behind `envelope` reads as on arrival.
[[nodiscard]] std::string expected_data(const sse::Envelope& envelope, const Probe& probe);

}  // namespace streamgauge

// path.absorbs-bounded: a proxy does not swallow for a reader that has stopped reading.
//
// What it takes in is lost to the server's backpressure: the server sees a reader that reads.
// Judged is the phase in which readers stop: what has left the target by the kernel's account (of
// every stream, so the phase should publish for the stopped ones alone), or, where that is not
// known, by how much memory and disk of the hops have grown.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "harness/core/base/units.hpp"
#include "harness/core/check/checks.hpp"
#include "harness/core/check/finding.hpp"
#include "harness/core/check/timeline.hpp"

namespace streamgauge {

namespace {

class AbsorbsBounded final : public Fold<AbsorbsBounded> {
 public:
  /// Per stopped reader: socket buffers of both sides of a proxy grow to some 6 MiB each.
  static constexpr std::uint64_t bound_bytes = 32u << 20;
  static constexpr std::size_t hops_max = 17;  // hop 0 is the way out of the target

  explicit AbsorbsBounded(const CheckContext&) {}

  void on(const Record& record) override {
    if (const auto* phase = std::get_if<fact::PhaseBegan>(&record.fact)) {
      phase_ = phase->index;
      begins_.emplace(phase->index, record.at);
    } else if (const auto* sample = std::get_if<fact::HopSample>(&record.fact)) {
      if (sample->hop < hops_max) uses_[{phase_, sample->hop}].on(*sample);
    } else if (const auto* published = std::get_if<fact::Published>(&record.fact)) {
      if (published->status / 100 == 2) offered_[{phase_, published->channel}] += published->bytes;
    } else if (const auto* joined = std::get_if<fact::Joined>(&record.fact)) {
      readers_[record.stream].channel = joined->channel;
    } else if (std::holds_alternative<fact::ReadingStopped>(record.fact)) {
      auto& reader = readers_[record.stream];
      if (!reader.stopped) reader.stopped = record.at;
    }
  }

  void absorb(const AbsorbsBounded& other) {
    begins_.insert(other.begins_.begin(), other.begins_.end());
    readers_.merge(other.readers_);
    for (const auto& [key, bytes] : other.offered_) offered_[key] += bytes;
    for (const auto& [key, use] : other.uses_) uses_[key].merge(use);
  }

  Finding judge(const Noise&) const override {
    const Stop stop = first_stop();
    const Growth growth = growth_in(stop.phase);
    const std::uint64_t readers = std::max<std::uint64_t>(stop.readers, 1);
    const auto taken = (growth.sent ? *growth.sent : growth.memory + growth.disk) / readers;
    const auto offered = offered_to(stop) / readers;
    std::string where;
    if (growth.hops > 0) {
      where = fmt::format(" ({} memory, {} disk)", format_size(growth.memory),
                          format_size(growth.disk));
    }
    auto result = finding(Verdict::pass, fmt::format("{}{}", format_size(taken), where),
                          fmt::format("{} each of {}", format_size(bound_bytes), stop.readers));
    result.counts = {{"stopped readers", stop.readers},
                     {"taken bytes each", taken},
                     {"offered bytes each", offered},
                     {"memory bytes", growth.memory},
                     {"disk bytes", growth.disk}};
    if (stop.readers > 0 && taken > bound_bytes) {
      result.verdict = Verdict::fail;
      result.reason = fmt::format(
          "for each reader that had stopped, {} of {} were taken in by the path, which goes on: "
          "the "
          "server never sees that the reader is slow (F6); bound the proxy's buffers (and its "
          "spool "
          "files) for event streams",
          format_size(taken), format_size(offered));
    } else if (stop.readers == 0) {
      result.verdict = Verdict::inconclusive;
      result.reason = "no reader stopped reading";
    } else if (!growth.sent && growth.hops == 0) {
      result.verdict = Verdict::inconclusive;
      result.reason = "neither what left the target nor what the hops use is known here";
    } else if (offered < bound_bytes + bound_bytes / 2) {
      result.verdict = Verdict::inconclusive;
      result.reason = fmt::format(
          "only {} were published for each stopped reader, {} are needed to tell a bounded path "
          "from an unbounded one",
          format_size(offered), format_size(bound_bytes + bound_bytes / 2));
    }
    return result;
  }

 private:
  /// Of one hop in one phase.
  struct Use {
    fact::HopSample first{};
    fact::HopSample most{};
    bool seen = false;

    void on(const fact::HopSample& sample) {
      if (!seen) first = most = sample;
      seen = true;
      most.rss_bytes = std::max(most.rss_bytes, sample.rss_bytes);
      most.disk_bytes = std::max(most.disk_bytes, sample.disk_bytes);
      most.sent_bytes = std::max(most.sent_bytes, sample.sent_bytes);
    }
    void merge(const Use& other) {
      if (!seen) *this = other;
    }
  };
  struct Reader {
    std::optional<Instant> stopped;
    std::uint16_t channel = 0;
  };
  struct Stop {
    std::uint16_t phase = 0xffff;
    std::uint64_t readers = 0;
    std::set<std::uint16_t> channels;
  };
  struct Growth {
    std::optional<std::uint64_t> sent;
    std::uint64_t memory = 0, disk = 0;
    std::size_t hops = 0;
  };

  [[nodiscard]] std::uint16_t phase_at(Instant at) const {
    std::uint16_t phase = 0xffff;
    for (const auto& [index, begin] : begins_) {
      if (begin <= at) phase = index;
    }
    return phase;
  }

  /// The phase of the first stop, and who stopped in it.
  [[nodiscard]] Stop first_stop() const {
    std::optional<Instant> first;
    readers_.each([&](StreamId, const Reader& reader) {
      if (reader.stopped && (!first || *reader.stopped < *first)) first = reader.stopped;
    });
    Stop stop;
    if (!first) return stop;
    stop.phase = phase_at(*first);
    readers_.each([&](StreamId, const Reader& reader) {
      if (!reader.stopped || phase_at(*reader.stopped) != stop.phase) return;
      ++stop.readers;
      stop.channels.insert(reader.channel);
    });
    return stop;
  }

  [[nodiscard]] Growth growth_in(std::uint16_t phase) const {
    Growth growth;
    for (const auto& [key, use] : uses_) {
      if (key.first != phase || !use.seen) continue;
      if (key.second == 0) {
        growth.sent = use.most.sent_bytes - use.first.sent_bytes;
        continue;
      }
      ++growth.hops;
      growth.memory += use.most.rss_bytes - use.first.rss_bytes;
      growth.disk += use.most.disk_bytes - use.first.disk_bytes;
    }
    return growth;
  }

  /// Each event goes to every reader of its channel: to all of them together, so many times.
  [[nodiscard]] std::uint64_t offered_to(const Stop& stop) const {
    std::uint64_t bytes = 0;
    for (const auto& [key, published] : offered_) {
      if (key.first == stop.phase && stop.channels.contains(key.second)) bytes += published;
    }
    return bytes * stop.readers;
  }

  std::uint16_t phase_ = 0xffff;
  std::map<std::uint16_t, Instant> begins_;
  std::map<std::pair<std::uint16_t, std::uint16_t>, Use> uses_;               // by phase and hop
  std::map<std::pair<std::uint16_t, std::uint16_t>, std::uint64_t> offered_;  // and channel
  PerStream<Reader> readers_;
};

}  // namespace

CheckSpec path_absorbs_bounded() {
  return {.id = "path.absorbs-bounded",
          .level = Level::must,
          .requirement = "What the path takes in for a reader that has stopped is bounded.",
          .source = "FIELD F6",
          .needs = {Capability::publish},
          .not_stated = nullptr,
          .make = &make_check<AbsorbsBounded>,
          .wants = facts<fact::PhaseBegan, fact::HopSample, fact::Published, fact::Joined,
                         fact::ReadingStopped>()};
}

}  // namespace streamgauge

// buffering.no-coalescing: events published well apart do not arrive together.
//
// A time window (a corked socket, Nagle's algorithm, a proxy's timer) collects what comes within
// it: delays go like the teeth of a saw, the first of each clump waits longest. Judged is the share
// of neighbours, published at least 50 ms apart, that arrived within a quarter of that distance: a
// window of twice the distance brings half of them together. Noise delays single ones.
#include <fmt/format.h>

#include <algorithm>

#include "harness/core/base/units.hpp"
#include "harness/core/check/band.hpp"
#include "harness/core/check/checks.hpp"
#include "harness/core/check/finding.hpp"
#include "harness/core/check/hold_trace.hpp"
#include "harness/core/check/timeline.hpp"

namespace streamgauge {

namespace {

class NoCoalescing final : public Fold<NoCoalescing> {
 public:
  static constexpr std::uint64_t pairs_min = 40;
  static constexpr std::uint64_t share_percent = 20;
  static constexpr Duration apart = std::chrono::milliseconds{50};
  static constexpr Duration apart_max = std::chrono::seconds{2};

  explicit NoCoalescing(const CheckContext& context)
      : timeline_(context.scenario), events_(context, apart) {}

  void on(const Record& record) override {
    if (const auto* published = std::get_if<fact::Published>(&record.fact)) {
      ++published_;
      if (published->late > apart / 2) ++published_late_;
      return;
    }
    if (record.stream == no_stream) return timeline_.on(record);
    timeline_.see(record.at);
    const auto arrival = events_.on(record);
    if (!arrival || arrival->apart > apart_max) return;
    if (timeline_.frozen_between(record.at - arrival->gap - arrival->latency_before, record.at)) {
      return;
    }
    ++pairs_;
    closest_ = std::min(closest_, arrival->apart);
    farthest_ = std::max(farthest_, arrival->apart);
    if (arrival->gap * 4 >= arrival->apart) return;
    held_.add(arrival->latency_before, record.at, record.stream);
  }

  void absorb(const NoCoalescing& other) {
    timeline_.merge(other.timeline_);
    events_.merge(other.events_);
    held_.merge(other.held_);
    closest_ = std::min(closest_, other.closest_);
    farthest_ = std::max(farthest_, other.farthest_);
    pairs_ += other.pairs_;
    published_ += other.published_;
    published_late_ += other.published_late_;
  }

  Finding judge(const Noise& noise) const override {
    const auto percent = pairs_ == 0 ? 0 : held_.count() * 100 / pairs_;
    auto result =
        finding(Verdict::pass,
                fmt::format("{} of {} pairs together ({} %)", held_.count(), pairs_, percent),
                fmt::format("at most {} %", share_percent));
    result.counts = {{"pairs", pairs_}, {"together", held_.count()}};
    if (pairs_ < pairs_min) {
      result.verdict = Verdict::inconclusive;
      result.reason = fmt::format(
          "only {} pairs of events were published {} to {} apart, {} are needed; publish at such "
          "a rate for longer",
          pairs_, format_duration(apart), format_duration(apart_max), pairs_min);
    } else if (percent <= share_percent) {
      return result;
    } else if (!noise.measured || noise.lag_p99 * 4 > closest_) {
      result.verdict = Verdict::inconclusive;
      result.reason = drowned_reason(noise, closest_ / 4);
    } else if (noise.generator_saturated || published_late_ * 10 > published_) {
      result.verdict = Verdict::inconclusive;
      result.reason = fmt::format(
          "events came together, but {} of {} publications were begun late; run "
          "again on a quieter machine",
          published_late_, published_);
    } else {
      result.verdict = Verdict::fail;
      result.reason = fmt::format(
          "{} % of events published {} apart came together with the one before, which had been "
          "held for {} on the median; {}",
          percent, range_text(closest_, farthest_), format_duration(held_.at_percentile(50)),
          cause());
      result.evidence = held_.evidence_above(apart / 2, "came with its successor, held for");
    }
    return result;
  }

 private:
  [[nodiscard]] std::string cause() const {
    if (!events_.trace().encoding().empty()) return events_.trace().cause(held_.worst(), false);
    return fmt::format(
        "a window of about {} collects them (F4): write each event at once, and switch corking, "
        "Nagle's algorithm or the proxy's delayed writes off",
        format_duration(held_.at_percentile(90)));
  }

  Timeline timeline_;
  LoneEvents events_;
  Observations held_;
  Duration closest_ = apart_max;
  Duration farthest_{};
  std::uint64_t pairs_ = 0;
  std::uint64_t published_ = 0;
  std::uint64_t published_late_ = 0;
};

}  // namespace

CheckSpec buffering_no_coalescing() {
  return {.id = "buffering.no-coalescing",
          .level = Level::must,
          .requirement = "Events published well apart do not arrive together.",
          .source = "WHATWG HTML 9.2.3; FIELD F4",
          .needs = {Capability::publish},
          .not_stated = nullptr,
          .make = &make_check<NoCoalescing>,
          .wants = LoneEvents::wants | Timeline::wants | facts<fact::Published>(),
          .timing = true};
}

}  // namespace streamgauge

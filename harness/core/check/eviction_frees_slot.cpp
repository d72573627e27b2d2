// eviction.frees-slot: the descriptor of a reader that was given up is given back.
//
// Descriptors open late in the run (the fewest, at least half a second after the last eviction and
// before the end) against their median in the control phase, less one for each reader given up.
// Connections of the publisher come and go: four are tolerated, but never more than half of what
// was to be freed.
#include <fmt/format.h>

#include <algorithm>

#include "harness/core/check/checks.hpp"
#include "harness/core/check/finding.hpp"
#include "harness/core/check/stopped_reader.hpp"
#include "harness/core/check/timeline.hpp"

namespace streamgauge {

namespace {

class FreesSlot final : public Fold<FreesSlot> {
 public:
  static constexpr std::uint64_t slack = 4;
  static constexpr std::uint64_t evicted_min = 2;
  static constexpr std::size_t samples_max = 4096;
  static constexpr Duration settled_after = std::chrono::milliseconds{500};

  explicit FreesSlot(const CheckContext& context) : timeline_(context.scenario) {}

  void on(const Record& record) override {
    if (const auto* sample = std::get_if<fact::Sample>(&record.fact)) {
      timeline_.see(record.at);
      add({record.at, sample->descriptors});
    } else if (record.stream == no_stream) {
      timeline_.on(record);
    } else {
      timeline_.see(record.at);
      auto& state = streams_[record.stream];
      (void)state.reader.on(record);
      state.life.on(record);
    }
  }

  void absorb(const FreesSlot& other) {
    timeline_.merge(other.timeline_);
    streams_.merge(other.streams_);
    samples_.insert(samples_.end(), other.samples_.begin(), other.samples_.end());
  }

  Finding judge(const Noise&) const override {
    std::uint64_t evicted = 0;
    Instant last_gone{};
    streams_.each([&](StreamId, const State& state) {
      if (!state.reader.cut) return;
      if (state.life.open && !state.life.gone) return;  // it has connected again: nothing is freed
      ++evicted;
      last_gone = std::max(last_gone, state.reader.cut_at);
    });
    std::vector<std::uint32_t> control;
    std::optional<std::uint32_t> late;
    std::uint64_t late_samples = 0;
    for (const auto& sample : samples_) {
      if (timeline_.kind_at(sample.at) == PhaseKind::control) control.push_back(sample.descriptors);
      if (sample.at < last_gone + settled_after || sample.at >= timeline_.end()) continue;
      late = std::min(late.value_or(sample.descriptors), sample.descriptors);
      ++late_samples;
    }
    std::sort(control.begin(), control.end());
    const std::uint64_t before = control.empty() ? 0 : control[control.size() / 2];
    const auto spare = std::min(slack, evicted / 2);
    const auto bound = before + spare - std::min(before + spare, evicted);
    auto result = finding(
        Verdict::pass,
        fmt::format("{0} descriptors, {1} after {2} given up", before, late.value_or(0), evicted),
        fmt::format("{}", bound));
    result.counts = {{"before", before},
                     {"after", late.value_or(0)},
                     {"given up", evicted},
                     {"samples", control.size() + late_samples}};
    if (evicted < evicted_min || control.empty() || !late) {
      result.verdict = Verdict::inconclusive;
      result.reason =
          evicted < evicted_min
              ? fmt::format("{} readers were given up, {} are needed", evicted, evicted_min)
              : std::string{
                    "no sample of descriptors in the control phase, or after the "
                    "last eviction"};
    } else if (*late > bound) {
      result.verdict = violated(Level::should);
      result.reason = fmt::format(
          "{} readers were given up but {} descriptors are still open, {} more than expected; "
          "close the socket when a stream is evicted, not when its peer closes",
          evicted, *late, *late - bound);
      result.evidence = {
          {last_gone, no_stream, fmt::format("{} descriptors before, {} after", before, *late)}};
    }
    return result;
  }

 private:
  struct State {
    StoppedReader reader;
    StreamLife life;
  };
  struct One {
    Instant at{};
    std::uint32_t descriptors = 0;
  };

  void add(const One& one) {
    if (seen_++ % stride_ != 0) return;
    if (samples_.size() == samples_max) {  // keep every other one
      for (std::size_t i = 0; i < samples_max / 2; ++i) samples_[i] = samples_[2 * i];
      samples_.resize(samples_max / 2);
      stride_ *= 2;
    }
    samples_.push_back(one);
  }

  Timeline timeline_;
  PerStream<State> streams_;
  std::vector<One> samples_;
  std::uint64_t seen_ = 0;
  std::uint64_t stride_ = 1;
};

}  // namespace

CheckSpec eviction_frees_slot() {
  return {.id = "eviction.frees-slot",
          .level = Level::should,
          .requirement = "A reader that is given up frees its descriptor.",
          .source = "contract eviction.stalled_after",
          .needs = {Capability::local_process},
          .not_stated = [](const Contract& contract) -> std::string {
            return contract.eviction ? "" : "eviction";
          },
          .make = &make_check<FreesSlot>,
          .wants = StreamLife::wants | Timeline::wants | facts<fact::Sample>()};
}

}  // namespace streamgauge

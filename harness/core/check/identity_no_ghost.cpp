// identity.no-ghost: a stream that has ended, in whatever way, is registered no longer.
//
// Told by the target's descriptors: late in the run there are no more of them for each open stream
// than in the control phase. A client that vanished without a packet can only be noticed by what it
// does not acknowledge: it counts as open unless the contract states when it is given up, and
// that time has passed. Every client that comes back must also get in: one that is refused because
// a ghost still holds its id or slot is judged by limits.freed and identity.newest-wins.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "harness/core/check/checks.hpp"
#include "harness/core/check/descriptor_track.hpp"
#include "harness/core/check/finding.hpp"
#include "harness/core/check/timeline.hpp"

namespace streamgauge {

namespace {

class NoGhost final : public Fold<NoGhost> {
 public:
  static constexpr std::uint64_t aborts_min = 4;
  // Connections of the publisher and of polls come and go.
  static constexpr std::uint64_t slack = 3;
  static constexpr Duration late_stretch = std::chrono::milliseconds{500};

  explicit NoGhost(const CheckContext& context)
      : contract_(context.contract), timeline_(context.scenario) {}

  void on(const Record& record) override {
    if (const auto* sample = std::get_if<fact::Sample>(&record.fact)) {
      timeline_.see(record.at);
      track_.add(record.at, sample->descriptors);
      return;
    }
    if (record.stream == no_stream) return timeline_.on(record);
    timeline_.see(record.at);
    auto& state = streams_[record.stream];
    if (const auto* aborted = std::get_if<fact::Aborted>(&record.fact)) {
      ++aborts_[static_cast<std::size_t>(aborted->kind)];
      last_abort_ = std::max(last_abort_, record.at);
      if (aborted->kind == AbortKind::vanish) state.vanished_at = record.at;
      // Given up by us in order or by reset, or half of it: nothing of it need stay.
      ++state.aborted;
    }
    const bool was_open = state.life.open;
    state.life.on(record);
    if (!was_open && state.life.open && state.first_opened == Instant{}) {
      state.first_opened = record.at;
    }
  }

  void absorb(const NoGhost& other) {
    timeline_.merge(other.timeline_);
    streams_.merge(other.streams_);
    track_.merge(other.track_);
    for (std::size_t i = 0; i < aborts_.size(); ++i) aborts_[i] += other.aborts_[i];
    last_abort_ = std::max(last_abort_, other.last_abort_);
  }

  Finding judge(const Noise&) const override {
    const auto control = timeline_.first(PhaseKind::control);
    const auto before = track_.median(timeline_, PhaseKind::control);
    const auto after = track_.least(timeline_.end() - late_stretch, timeline_.end());
    std::uint64_t open_before = 0, open_after = 0;
    streams_.each([&](StreamId, const State& state) {
      if (control && state.first_opened != Instant{} && state.first_opened <= *control) {
        ++open_before;
      }
      const bool vanished = state.vanished_at != Instant{};
      if (vanished ? !due(state) : state.life.open_at(timeline_.end())) ++open_after;
    });
    std::uint64_t aborted = 0;
    for (const auto count : aborts_) aborted += count;
    const std::uint64_t allowed = before.value_or(0) + open_after + std::min(slack, aborted / 2) -
                                  std::min(before.value_or(0) + open_after, open_before);
    auto result =
        finding(Verdict::pass,
                fmt::format("{} descriptors for {} open streams", after.value_or(0), open_after),
                fmt::format("{}", allowed));
    result.counts = {{"aborted by FIN", aborts_[0]},
                     {"aborted by RST", aborts_[1]},
                     {"half-closed", aborts_[2]},
                     {"vanished", aborts_[3]},
                     {"descriptors before", before.value_or(0)},
                     {"open before", open_before},
                     {"descriptors after", after.value_or(0)},
                     {"open after", open_after}};
    if (aborted < aborts_min || !before || !after) {
      result.verdict = Verdict::inconclusive;
      result.reason =
          aborted < aborts_min
              ? fmt::format("{} clients aborted, {} are needed", aborted, aborts_min)
              : std::string("no sample of descriptors in the control phase or at the end");
    } else if (*after > allowed) {
      result.verdict = Verdict::fail;
      result.reason = fmt::format(
          "{} clients left, but {} descriptors more than their due are still open at the end; give "
          "a "
          "stream up on every kind of end: FIN, reset, write error, and no progress",
          aborted, *after - allowed);
      result.evidence = {{last_abort_, no_stream,
                          fmt::format("{} descriptors before with {} streams, {} after with {}",
                                      *before, open_before, *after, open_after)}};
    }
    return result;
  }

 private:
  struct State {
    StreamLife life;
    Instant first_opened{};
    Instant vanished_at{};
    std::uint32_t aborted = 0;
  };

  /// A client that vanished should have been given up by now.
  [[nodiscard]] bool due(const State& state) const {
    if (!contract_.eviction) return false;
    const auto& terms = *contract_.eviction;
    // A peer that acknowledges nothing is seen at the first write after it vanished.
    const Duration write = contract_.heartbeat ? contract_.heartbeat->every : Duration{};
    const Duration within =
        terms.stalled_after + scaled(terms.stalled_after, terms.tolerance) + write;
    return timeline_.end() - late_stretch >= state.vanished_at + within;
  }

  const Contract& contract_;
  Timeline timeline_;
  PerStream<State> streams_;
  DescriptorTrack track_;
  std::array<std::uint64_t, 4> aborts_{};
  Instant last_abort_{};
};

}  // namespace

CheckSpec identity_no_ghost() {
  return {.id = "identity.no-ghost",
          .level = Level::must,
          .requirement = "A stream that has ended in whatever way is registered no longer.",
          .source = "contract identity; failure modes F14, F27",
          .needs = {Capability::local_process},
          .not_stated = [](const Contract& contract) -> std::string {
            return contract.identity || contract.eviction ? "" : "identity";
          },
          .make = &make_check<NoGhost>,
          .wants = StreamLife::wants | Timeline::wants | facts<fact::Aborted, fact::Sample>()};
}

}  // namespace streamgauge

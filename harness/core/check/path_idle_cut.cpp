// path.idle-cut: the path ends a silent stream later than heartbeats come.
//
// Silence long enough is made by freezing the target: nobody sends anything then, and what ends a
// stream is the path. Its patience is told from the last byte that the client has received. A path
// that holds bytes back hands them out at the cut, so that the last byte tells nothing: then it is
// told from the begin of the freeze, and the longest of these is taken (heartbeats of different
// streams are sent at different times, one of them just before the freeze).
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "harness/core/base/units.hpp"
#include "harness/core/check/band.hpp"
#include "harness/core/check/checks.hpp"
#include "harness/core/check/finding.hpp"
#include "harness/core/check/heartbeat_fold.hpp"
#include "harness/core/check/timeline.hpp"

namespace streamgauge {

namespace {

class IdleCut final : public Fold<IdleCut> {
 public:
  /// Bytes that come so shortly before the end came because of it.
  static constexpr Duration with_the_end = std::chrono::milliseconds{50};

  explicit IdleCut(const CheckContext& context)
      : timeline_(context.scenario), terms_(*context.contract.heartbeat) {}

  void on(const Record& record) override {
    if (record.stream == no_stream) {
      timeline_.on(record);
      const auto* began = std::get_if<fact::FaultBegan>(&record.fact);
      if (began != nullptr && began->name == "freeze") frozen_at_ = record.at;
      const bool order = began != nullptr || std::holds_alternative<fact::Commanded>(record.fact);
      if (order) ordered_at_ = std::min(ordered_at_, record.at);
      return;
    }
    timeline_.see(record.at);
    State& state = streams_[record.stream];
    std::visit(Overloaded{
                   [&](const fact::Connected&) {
                     state = {record.at, true, false};
                   },
                   [&](const fact::Deafened&) { state.disturbed = true; },
                   [&](const fact::Aborted&) { state.disturbed = true; },
                   [&](const fact::ReadingStopped&) { state.disturbed = true; },
                   [&](const fact::Closed& closed) { end(record, state, closed.ending); },
                   [&](const auto&) { byte(state, record.at); },
               },
               record.fact);
  }

  void absorb(const IdleCut& other) {
    timeline_.merge(other.timeline_);
    streams_.merge(other.streams_);
    cuts_.merge(other.cuts_);
    held_cuts_.merge(other.held_cuts_);
    outlived_ = std::max(outlived_, other.outlived_);
    shortest_ = std::min(shortest_, other.shortest_);
    if (!frozen_at_) frozen_at_ = other.frozen_at_;
    ordered_at_ = std::min(ordered_at_, other.ordered_at_);
    early(other.early_);
  }

  Finding judge(const Noise& noise) const override {
    const Duration needed = period_max();
    auto outlived = outlived_;
    streams_.each([&](StreamId, const State& state) {
      if (state.up && !state.disturbed) {
        outlived = std::max(outlived, timeline_.end() - state.last_byte);
      }
    });
    const bool exact = cuts_.count() > 0;
    const bool cut = exact || held_cuts_.count() > 0;
    const Duration after = exact ? cuts_.at_percentile(50) : held_cuts_.worst();
    auto result = finding(Verdict::pass,
                          cut ? fmt::format("after {} of silence", format_duration(after))
                              : fmt::format("never in {}", format_duration(outlived)),
                          fmt::format("later than {}", format_duration(needed)));
    result.counts = {{"streams cut", cuts_.count() + held_cuts_.count()},
                     {"cut after us", cut ? in_us(after) : 0},
                     {"silence outlived us", in_us(outlived)}};
    // Before anything was ordered nobody but the path ends a stream that is kept alive.
    if (early_.at < ordered_at_) {
      result.verdict = Verdict::fail;
      result.measured = fmt::format("after {} of silence", format_duration(early_.silence));
      result.reason = fmt::format(
          "a stream was ended after {} without a byte, before anything was ordered, and heartbeats "
          "come every {}; raise the path's idle time-out above that, or send heartbeats more often",
          format_duration(early_.silence), format_duration(terms_.every));
      result.evidence = {{early_.at, early_.stream, "ended"}};
      return result;
    }
    const Duration earliest = exact ? shortest_ : after;
    if (cut && earliest <= needed + widening_of_worst(noise)) {
      result.verdict = Verdict::fail;
      result.reason = fmt::format(
          "a stream was ended after {} without a byte, and heartbeats come every {}: each idle "
          "stream is cut between two of them; raise the path's idle time-out above that, or send "
          "heartbeats more often",
          format_duration(earliest), format_duration(terms_.every));
      result.evidence = (exact ? cuts_ : held_cuts_).evidence_above({}, "ended after a silence of");
    } else if (!cut && outlived <= needed) {
      result.verdict = Verdict::inconclusive;
      result.reason = fmt::format(
          "no stream was silent for longer than {}: freeze the target for as long as the path is "
          "expected to wait",
          format_duration(outlived));
    }
    return result;
  }

 private:
  struct State {
    Instant last_byte{};
    bool up = false;
    bool disturbed = false;
  };

  /// The first end that came sooner than a heartbeat.
  struct EarlyCut {
    Instant at = Instant::max();
    StreamId stream = no_stream;
    Duration silence{};
  };
  void early(const EarlyCut& cut) {
    if (cut.at < early_.at) early_ = cut;
  }

  static std::uint64_t in_us(Duration length) {
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(length).count());
  }

  [[nodiscard]] Duration period_max() const {
    return terms_.every + std::chrono::duration_cast<Duration>(terms_.every * terms_.tolerance);
  }

  void byte(State& state, Instant at) {
    if (!state.up) return;
    if (!state.disturbed) outlived_ = std::max(outlived_, at - state.last_byte);
    state.last_byte = at;
  }

  void end(const Record& record, State& state, Ending ending) {
    const bool was_up = std::exchange(state.up, false);
    const bool by_path = ending != Ending::local && ending != Ending::silent &&
                         ending != Ending::timed_out && ending != Ending::over_limit;
    if (!was_up || state.disturbed || !by_path) return;
    const Duration silence = record.at - state.last_byte;
    if (!timeline_.frozen_now() || !frozen_at_) {
      // A target that has said all ends in order, or with its connection.
      const bool cut = ending == Ending::truncated || ending == Ending::reset;
      if (cut && silence < period_max()) early({record.at, record.stream, silence});
      return;
    }
    if (silence > with_the_end) {
      shortest_ = std::min(shortest_, silence);
      cuts_.add(silence, record.at, record.stream);
    } else if (record.at > *frozen_at_) {
      held_cuts_.add(record.at - *frozen_at_, record.at, record.stream);
    }
  }

  Timeline timeline_;
  HeartbeatTerms terms_;
  PerStream<State> streams_;
  Observations cuts_;       // the last byte had come before
  Observations held_cuts_;  // it came with the end
  std::optional<Instant> frozen_at_;
  EarlyCut early_;
  Instant ordered_at_ = Instant::max();  // a fault or a command: there are other reasons to end
  Duration outlived_{};
  Duration shortest_ = Duration::max();
};

}  // namespace

CheckSpec path_idle_cut() {
  return {
      .id = "path.idle-cut",
      .level = Level::must,
      .requirement = "The path ends a silent stream later than heartbeats come.",
      .source = "contract heartbeat.every; FIELD F25",
      .needs = {Capability::local_process},
      .not_stated = &no_heartbeat,
      .make = &make_check<IdleCut>,
      .wants =
          Timeline::wants |
          facts<fact::Commanded, fact::Connected, fact::Headers, fact::Comment, fact::Event,
                fact::Retry, fact::Deafened, fact::Aborted, fact::ReadingStopped, fact::Closed>()};
}

}  // namespace streamgauge

// stall.no-false-alarm: what is alive is not called dead.
//
// An end by the client's own deadline is a false alarm unless the harness had made the path silent,
// or stopped the target. Whose fault it is, the silence before it tells: shorter than the
// deadline, it is the client's; longer, the target (or the path) sent no heartbeat in time.
// Idle is a stream without events: the heartbeats alone must keep it alive.
#include <fmt/format.h>

#include "harness/core/base/units.hpp"
#include "harness/core/check/checks.hpp"
#include "harness/core/check/finding.hpp"
#include "harness/core/check/stall_fold.hpp"

namespace streamgauge {

namespace {

class NoFalseAlarm final : public Fold<NoFalseAlarm> {
 public:
  static constexpr std::size_t alarms_max = 256;  // more are counted, not kept apart

  explicit NoFalseAlarm(const CheckContext& context)
      : scenario_(context.scenario),
        heartbeat_(context.contract.heartbeat.value_or(HeartbeatTerms{})),
        client_(context.contract.client.value_or(ClientTerms{})),
        timeline_(context.scenario) {}

  void on(const Record& record) override {
    if (const auto* changed = std::get_if<fact::TargetChanged>(&record.fact)) {
      const bool stopped =
          changed->what == TargetEvent::killed || changed->what == TargetEvent::stop_ordered;
      if (stopped && (!stopped_at_ || record.at < *stopped_at_)) stopped_at_ = record.at;
      return;
    }
    if (record.stream == no_stream) return timeline_.on(record);
    timeline_.see(record.at);
    auto& state = streams_[record.stream];
    auto& connection = state.connection;
    if (const auto* closed = std::get_if<fact::Closed>(&record.fact)) {
      rest(state, record.at);
      alarm(record, connection, closed->ending);
      state.quiet = false;
    } else if (const auto* event = std::get_if<fact::Event>(&record.fact)) {
      if (event->envelope) {
        rest(state, record.at);
        state.quiet_since = record.at;
      }
    } else if (const auto* headers = std::get_if<fact::Headers>(&record.fact)) {
      state.quiet = headers->status == 200 && has_liveness(scenario_, connection.group);
      state.quiet_since = record.at;
    } else if (std::holds_alternative<fact::Deafened>(record.fact) ||
               std::holds_alternative<fact::ReadingStopped>(record.fact) ||
               std::holds_alternative<fact::Aborted>(record.fact)) {
      rest(state, record.at);
      state.quiet = false;
    }
    connection.on(record);
  }

  void absorb(const NoFalseAlarm& other) {
    timeline_.merge(other.timeline_);
    streams_.merge(other.streams_);
    alarms_.insert(alarms_.end(), other.alarms_.begin(), other.alarms_.end());
    longest_idle_ = std::max(longest_idle_, other.longest_idle_);
    if (other.stopped_at_ && (!stopped_at_ || *other.stopped_at_ < *stopped_at_)) {
      stopped_at_ = other.stopped_at_;
    }
  }

  Finding judge(const Noise& noise) const override {
    auto idle = longest_idle_;
    streams_.each([&](StreamId, const State& state) {
      if (state.quiet) idle = std::max(idle, timeline_.end() - state.quiet_since);
    });
    Tally tally;
    for (const auto& one : alarms_) count(one, tally);
    const auto total = tally.silent + tally.hasty + tally.headless;
    const auto needed = scaled(*client_.liveness, 1.5);
    auto result = finding(
        Verdict::pass, fmt::format("{} false alarms, idle for {}", total, format_duration(idle)),
        fmt::format("0; heartbeat {}, liveness {}", format_duration(heartbeat_.every),
                    format_duration(*client_.liveness)));
    result.counts = {{"false alarms", total},
                     {"target silent", tally.silent},
                     {"client hasty", tally.hasty},
                     {"no head in time", tally.headless}};
    const auto room = *client_.liveness - longest_gap();
    if (total > 0 && (!noise.measured || (room > Duration{} && noise.lag_max > room))) {
      result.verdict = Verdict::inconclusive;
      result.reason = drowned_reason(noise, room);
    } else if (total > 0) {
      result.verdict = Verdict::fail;
      result.reason = reason(tally);
    } else if (idle < needed) {
      result.verdict = Verdict::inconclusive;
      result.reason = fmt::format(
          "no stream with a liveness deadline was open and idle for longer than {}; {} are needed",
          format_duration(idle), format_duration(needed));
    }
    if (total > 0) result.evidence = tally.evidence.items();
    return result;
  }

 private:
  struct State {
    Connection connection;
    Instant quiet_since{};
    bool quiet = false;  // open, read, not deaf, and of a client that has the deadline
  };
  struct Alarm {
    Instant at{};
    StreamId stream = no_stream;
    Duration silence{};  // since the last byte, or since the connection without a head
    bool head = false;
  };
  struct Tally {
    std::uint64_t silent = 0, hasty = 0, headless = 0;
    Duration longest{}, shortest = Duration::max();
    EvidenceList evidence;
  };

  void rest(const State& state, Instant until) {
    if (state.quiet) longest_idle_ = std::max(longest_idle_, until - state.quiet_since);
  }

  void alarm(const Record& record, const Connection& connection, Ending ending) {
    if (ending != Ending::silent && ending != Ending::timed_out) return;
    if (connection.deaf || connection.stopped || connection.aborted) return;
    const auto from = connection.last_byte_at;
    if (timeline_.frozen_between(from, record.at) || alarms_.size() == alarms_max) return;
    alarms_.push_back({record.at, record.stream, record.at - from, connection.answered});
  }

  void count(const Alarm& one, Tally& tally) const {
    if (stopped_at_ && one.at >= *stopped_at_) return;
    const auto deadline =
        one.head ? *client_.liveness : client_.header_timeout.value_or(Duration::max());
    if (one.silence < scaled(deadline, 0.9)) {
      ++tally.hasty;
      tally.shortest = std::min(tally.shortest, one.silence);
    } else {
      ++(one.head ? tally.silent : tally.headless);
      tally.longest = std::max(tally.longest, one.silence);
    }
    tally.evidence.add({one.at, one.stream,
                        fmt::format("called dead {} after {}", format_duration(one.silence),
                                    one.head ? "the last byte" : "connecting, without a head")});
  }

  /// Between two signs of life, as the contract has it.
  [[nodiscard]] Duration longest_gap() const {
    return heartbeat_.every + scaled(heartbeat_.every, heartbeat_.tolerance);
  }

  [[nodiscard]] std::string reason(const Tally& tally) const {
    const auto terms =
        fmt::format("heartbeat every {}, liveness {}", format_duration(heartbeat_.every),
                    format_duration(*client_.liveness));
    if (tally.silent > 0 && longest_gap() >= *client_.liveness) {
      return fmt::format(
          "{} healthy streams were called dead because the contract leaves no room ({}); state a "
          "liveness of at least two heartbeats",
          tally.silent, terms);
    }
    if (tally.silent >= tally.hasty && tally.silent > 0) {
      return fmt::format(
          "clients called {} streams dead after up to {} without a byte though nobody had broken "
          "the path ({}); no heartbeat came through: send them also on streams without events",
          tally.silent, format_duration(tally.longest), terms);
    }
    if (tally.hasty > 0) {
      return fmt::format(
          "clients called {} healthy connections dead, the soonest after {} ({}); count the "
          "silence from the last byte of any kind, comments included",
          tally.hasty, format_duration(tally.shortest), terms);
    }
    return fmt::format(
        "clients gave up {} healthy connections without a response head, after up to {}; flush the "
        "head when the stream opens",
        tally.headless, format_duration(tally.longest));
  }

  const Scenario& scenario_;
  HeartbeatTerms heartbeat_;
  ClientTerms client_;
  Timeline timeline_;
  PerStream<State> streams_;
  std::vector<Alarm> alarms_;
  Duration longest_idle_{};
  std::optional<Instant> stopped_at_;
};

}  // namespace

CheckSpec stall_no_false_alarm() {
  return {.id = "stall.no-false-alarm",
          .level = Level::must,
          .requirement = "An idle stream with heartbeats is never called dead.",
          .source = "contract client.liveness, heartbeat.every",
          .needs = {},
          .not_stated = [](const Contract& contract) -> std::string {
            return contract.heartbeat ? no_liveness(contract) : "heartbeat";
          },
          .make = &make_check<NoFalseAlarm>,
          .wants = Connection::wants | Timeline::wants | facts<fact::TargetChanged>(),
          .timing = true};
}

}  // namespace streamgauge

// session.priming, session.first-event, session.retry-before-close: what a stream begins with, and
// what it is told before it is ended on purpose (Model Context Protocol, "Streamable HTTP").
#include <fmt/format.h>

#include "harness/core/base/units.hpp"
#include "harness/core/check/checks.hpp"
#include "harness/core/check/finding.hpp"
#include "harness/core/check/members.hpp"
#include "harness/core/check/timeline.hpp"

namespace streamgauge {

namespace {

/// Judges the first event of each connection. Heartbeats that are events come later than it.
class FirstEvent final : public Fold<FirstEvent> {
 public:
  FirstEvent(const CheckContext& context, bool priming)
      : contract_(context.contract), priming_(priming) {}

  void on(const Record& record) override {
    if (record.stream == no_stream) return;
    auto& state = streams_[record.stream];
    if (const auto* connecting = std::get_if<fact::Connecting>(&record.fact)) {
      state = {};
      state.resumes = connecting->sends_last_event_id;
    } else if (const auto* headers = std::get_if<fact::Headers>(&record.fact)) {
      state.awaited = headers->status == 200;
    } else if (const auto* event = std::get_if<fact::Event>(&record.fact)) {
      if (!state.awaited) return;
      state.awaited = false;
      // A resumed stream may begin with what it missed.
      if (priming_ && state.resumes) return;
      ++connections_;
      if (right(*event)) return;
      ++wrong_;
      evidence_.add(
          {record.at, record.stream,
           fmt::format("begins with type={} id={} ({} B)", printable(event->type, 20),
                       event->has_id ? printable(event->id, 20) : "none", event->data.size())});
    } else if (std::holds_alternative<fact::Closed>(record.fact)) {
      if (state.awaited) ++silent_;
      state.awaited = false;
    }
  }
  void absorb(const FirstEvent& other) {
    streams_.merge(other.streams_);
    evidence_.merge(other.evidence_);
    connections_ += other.connections_;
    wrong_ += other.wrong_;
    silent_ += other.silent_;
  }

  Finding judge(const Noise&) const override {
    auto silent = silent_;
    streams_.each([&](StreamId, const State& state) { silent += state.awaited ? 1u : 0u; });
    const std::string expected =
        priming_ ? std::string("an id and empty data")
                 : fmt::format("type {}", printable(contract_.first_event.value_or(""), 20));
    auto result = finding(
        Verdict::pass,
        fmt::format("{} of {} begin so", connections_ - wrong_, connections_ + silent), expected);
    result.counts = {{"connections", connections_ + silent},
                     {"another first event", wrong_},
                     {"no event at all", silent}};
    result.evidence = evidence_.items();
    if (wrong_ + silent > 0) {
      result.verdict = Verdict::fail;
      result.reason = priming_
                          ? fmt::format(
                                "{} streams did not begin with an event of an id and empty data; "
                                "without it a client cannot resume what it lost at the start",
                                wrong_ + silent)
                          : fmt::format("{} streams did not begin with an event of {}",
                                        wrong_ + silent, expected);
    } else if (connections_ == 0) {
      result.verdict = Verdict::inconclusive;
      result.reason = "no stream was opened anew; at least 1 is needed";
    }
    return result;
  }

 private:
  struct State {
    bool awaited = false;
    bool resumes = false;
  };
  [[nodiscard]] bool right(const fact::Event& event) const {
    if (priming_) return event.has_id && !event.id.empty() && event.data.empty();
    return event.type == contract_.first_event.value_or("");
  }

  const Contract& contract_;
  bool priming_;
  PerStream<State> streams_;
  EvidenceList evidence_;
  std::uint64_t connections_ = 0, wrong_ = 0, silent_ = 0;
};

class RetryBeforeClose final : public Fold<RetryBeforeClose> {
 public:
  explicit RetryBeforeClose(const CheckContext& context)
      : hint_(context.contract.deliberate_close.value_or(DeliberateCloseTerms{}).retry),
        opens_with_retry_(context.contract.retry.has_value()) {}

  void on(const Record& record) override {
    command_.on(record);
    if (record.stream == no_stream) return;
    auto& state = streams_[record.stream];
    if (const auto* headers = std::get_if<fact::Headers>(&record.fact)) {
      state.open = headers->status == 200;
      state.retry = {};
    } else if (const auto* retry = std::get_if<fact::Retry>(&record.fact)) {
      state.retry = {record.at, std::chrono::milliseconds{retry->milliseconds}};
    } else if (const auto* closed = std::get_if<fact::Closed>(&record.fact)) {
      if (state.open && closed->ending != Ending::local) {
        state.last = {state.retry, record.at, closed->ending};
      }
      state.open = false;
    }
  }
  void absorb(const RetryBeforeClose& other) {
    streams_.merge(other.streams_);
    command_.merge(other.command_);
  }

  Finding judge(const Noise&) const override {
    std::uint64_t ended = 0, untold = 0, disorderly = 0;
    EvidenceList evidence;
    streams_.each([&](StreamId id, const State& state) {
      if (!command_.sent() || state.last.at < *command_.sent()) return;
      ++ended;
      if (state.last.ending != Ending::complete && state.last.ending != Ending::eof) {
        ++disorderly;
        evidence.add({state.last.at, id, fmt::format("closed {}", to_string(state.last.ending))});
      } else if (!told(state.last.retry)) {
        ++untold;
        evidence.add({state.last.at, id, "closed without a fitting retry before"});
      }
    });
    auto result =
        finding(Verdict::pass, fmt::format("{} of {} told when to return", ended - untold, ended),
                fmt::format("retry about {}", format_duration(hint_)));
    result.counts = {{"ended on purpose", ended},
                     {"without a retry field", untold},
                     {"not in order", disorderly}};
    result.evidence = evidence.items();
    if (!command_.sent() || ended == 0) {
      result.verdict = Verdict::inconclusive;
      result.reason = command_.sent() ? "the target was told to close, but ended no stream"
                                      : command_.why_not();
    } else if (untold + disorderly > 0) {
      result.verdict = Verdict::fail;
      result.reason = fmt::format(
          "{} streams were ended without a retry field and {} not in order; send retry, the queued "
          "events and the terminal chunk before a deliberate close",
          untold, disorderly);
    }
    return result;
  }

 private:
  struct Told {
    Instant at{};
    Duration value{};
  };
  /// Any fitting value on the same connection, the priming event's too, will do; but where every
  /// stream opens with `retry`, that one says nothing of the end.
  [[nodiscard]] bool told(const Told& retry) const {
    const bool late_enough = !opens_with_retry_ || retry.at >= *command_.sent();
    return retry.at != Instant{} && late_enough && retry.value >= hint_ / 2;
  }
  struct State {
    Told retry;
    struct {
      Told retry;
      Instant at{};
      Ending ending = Ending::local;
    } last;
    bool open = false;
  };
  Duration hint_;
  bool opens_with_retry_;
  PerStream<State> streams_;
  CommandFold command_{"close"};
};

}  // namespace

CheckSpec session_priming() {
  return {.id = "session.priming",
          .level = Level::must,
          .requirement = "A new stream begins with an event of an id and empty data.",
          .source = "Model Context Protocol, Streamable HTTP; contract priming",
          .needs = {},
          .not_stated = [](const Contract& contract) -> std::string {
            return contract.priming ? "" : "priming";
          },
          .make = [](const CheckContext& context) -> std::unique_ptr<Check> {
            return std::make_unique<FirstEvent>(context, true);
          },
          .wants = facts<fact::Connecting, fact::Headers, fact::Event, fact::Closed>()};
}

CheckSpec session_first_event() {
  return {.id = "session.first-event",
          .level = Level::must,
          .requirement = "Every stream begins with the event that the contract names.",
          .source = "contract first_event",
          .needs = {},
          .not_stated = [](const Contract& contract) -> std::string {
            return contract.first_event ? "" : "first_event";
          },
          .make = [](const CheckContext& context) -> std::unique_ptr<Check> {
            return std::make_unique<FirstEvent>(context, false);
          },
          .wants = facts<fact::Connecting, fact::Headers, fact::Event, fact::Closed>()};
}

CheckSpec session_retry_before_close() {
  return {.id = "session.retry-before-close",
          .level = Level::must,
          .requirement = "Before a healthy stream is ended on purpose, it is told when to return.",
          .source = "Model Context Protocol, Streamable HTTP; contract deliberate_close.retry",
          .needs = {Capability::close},
          .not_stated = [](const Contract& contract) -> std::string {
            return contract.deliberate_close ? "" : "deliberate_close";
          },
          .make = &make_check<RetryBeforeClose>,
          .wants = facts<fact::Headers, fact::Retry, fact::Closed, fact::Commanded>()};
}

}  // namespace streamgauge

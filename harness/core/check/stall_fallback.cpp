// stall.falls-back and stall.returns: after some failures a client goes to its fallback address,
// and once its own works again it is back there.
//
// A sure failure is an attempt that was not connected, ran into the deadline for its head, or was
// cut off before it. A client may count other ends as well (refusals, short streams), so that
// falling back too soon is judged by all ends of connections.
#include <fmt/format.h>

#include "harness/core/base/units.hpp"
#include "harness/core/check/checks.hpp"
#include "harness/core/check/finding.hpp"
#include "harness/core/check/stall_fold.hpp"

namespace streamgauge {

namespace {

bool follows_contract(const Scenario& scenario, std::uint16_t group) {
  return group < scenario.groups.size() && (scenario.groups[group].policy.from_contract ||
                                            scenario.groups[group].policy.fallback_after > 0);
}

// --- falls-back -----------------------------------------------------------------------------

class FallsBack final : public Fold<FallsBack> {
 public:
  // On the fallback a connection is made and answered at once, or after one more backoff.
  static constexpr Duration settling = std::chrono::seconds{1};

  explicit FallsBack(const CheckContext& context)
      : scenario_(context.scenario),
        after_(context.contract.client.value_or(ClientTerms{}).fallback_after),
        timeline_(context.scenario) {}

  void on(const Record& record) override {
    if (record.stream == no_stream) return timeline_.on(record);
    timeline_.see(record.at);
    auto& state = streams_[record.stream];
    const bool judged = follows_contract(scenario_, state.connection.group);
    if (const auto* fell = std::get_if<fact::FellBack>(&record.fact)) {
      on_fallback(record, state, fell->to_fallback);
    } else if (const auto* closed = std::get_if<fact::Closed>(&record.fact)) {
      ++state.ends;
      const bool deadline = closed->ending == Ending::timed_out || closed->ending == Ending::silent;
      const bool sure = deadline ? !state.connection.open : state.cut;
      if (sure) ++state.failures;
      state.cut = false;
    } else if (const auto* aborted = std::get_if<fact::Aborted>(&record.fact)) {
      state.cut = aborted->kind == AbortKind::reset && !state.connection.answered;
    } else if (std::holds_alternative<fact::ConnectFailed>(record.fact)) {
      ++state.ends;
      ++state.failures;
    } else if (std::holds_alternative<fact::Connecting>(record.fact) ||
               std::holds_alternative<fact::GaveUp>(record.fact)) {
      most_failures_ = std::max(most_failures_, judged ? state.failures : 0);
      if (judged && !state.on_fallback && state.failures >= after_ && !state.blamed) {
        state.blamed = true;
        stays_.add({record.at, record.stream,
                    fmt::format("still on its own address after {} failures", state.failures)});
      }
    } else if (const auto* headers = std::get_if<fact::Headers>(&record.fact)) {
      if (headers->status == 200) {
        state.failures = 0;
        if (state.on_fallback && !state.served) {
          state.served = true;
          ++served_;
        }
      }
    }
    state.connection.on(record);
  }

  void absorb(const FallsBack& other) {
    timeline_.merge(other.timeline_);
    streams_.merge(other.streams_);
    stays_.merge(other.stays_);
    early_.merge(other.early_);
    unserved_.merge(other.unserved_);
    falls_ += other.falls_;
    served_ += other.served_;
    most_failures_ = std::max(most_failures_, other.most_failures_);
  }

  Finding judge(const Noise& noise) const override {
    auto unserved = unserved_;
    streams_.each([&](StreamId id, const State& state) {
      if (!state.on_fallback || state.served) return;
      if (timeline_.end() - state.fell_at < settling + widening_of_worst(noise)) return;
      unserved.add({state.fell_at, id, "no open stream on the fallback address"});
    });
    auto result =
        finding(Verdict::pass, fmt::format("{} fell back, {} with a stream there", falls_, served_),
                fmt::format("after {} failures in a row", after_));
    result.counts = {{"fell back", falls_},
                     {"served there", served_},
                     {"stayed", stays_.total()},
                     {"too early", early_.total()},
                     {"not served", unserved.total()}};
    EvidenceList evidence = stays_;
    evidence.merge(early_);
    evidence.merge(unserved);
    if (evidence.total() > 0) {
      result.verdict = Verdict::fail;
      result.evidence = evidence.items();
      result.reason =
          stays_.total() > 0
              ? fmt::format(
                    "{} clients failed {} times in a row and tried their own address again; "
                    "count failures across attempts and then use the fallback",
                    stays_.total(), after_)
          : early_.total() > 0
              ? fmt::format(
                    "{} clients used the fallback before they had failed {} times; count "
                    "only failures in a row",
                    early_.total(), after_)
              : fmt::format(
                    "{} clients fell back and had no open stream there; the fallback "
                    "address must be served, and tried until it answers",
                    unserved.total());
    } else if (served_ == 0) {
      result.verdict = Verdict::inconclusive;
      result.reason = fmt::format(
          "no client was served on its fallback; the most failures in a row were {}, {} are needed",
          most_failures_, after_);
    }
    return result;
  }

 private:
  struct State {
    Connection connection;
    Instant fell_at{};
    std::uint32_t failures = 0;  // in a row that surely count
    std::uint32_t ends = 0;      // all that may count, since it was last on its own address
    bool cut = false;            // before its head; not yet told as closed
    bool on_fallback = false;
    bool served = false;
    bool blamed = false;
  };

  void on_fallback(const Record& record, State& state, bool there) {
    if (there && !state.on_fallback) {
      ++falls_;
      state.fell_at = record.at;
      state.served = false;
      if (state.ends < after_) {
        early_.add(
            {record.at, record.stream, fmt::format("fell back after {} failures", state.ends)});
      }
    }
    state.on_fallback = there;
    state.failures = 0;
  }

  const Scenario& scenario_;
  std::uint32_t after_;
  Timeline timeline_;
  PerStream<State> streams_;
  EvidenceList stays_, early_, unserved_;
  std::uint64_t falls_ = 0;
  std::uint64_t served_ = 0;
  std::uint32_t most_failures_ = 0;
};

// --- returns --------------------------------------------------------------------------------

class Returns final : public Fold<Returns> {
 public:
  static constexpr Duration settling = std::chrono::seconds{1};

  explicit Returns(const CheckContext& context)
      : scenario_(context.scenario),
        fallback_for_(context.contract.client.value_or(ClientTerms{}).fallback_for),
        timeline_(context.scenario) {}

  void on(const Record& record) override {
    if (record.stream == no_stream) return timeline_.on(record);
    timeline_.see(record.at);
    auto& state = streams_[record.stream];
    if (const auto* fell = std::get_if<fact::FellBack>(&record.fact)) {
      state.hit = state.hit || fell->to_fallback;
      state.on_fallback = fell->to_fallback;
      state.back = false;
      state.since = record.at;
    } else if (std::holds_alternative<fact::Deafened>(record.fact)) {
      state.hit = true;
      state.back = false;
    } else if (const auto* scheduled = std::get_if<fact::ReconnectScheduled>(&record.fact)) {
      state.due = record.at + scheduled->delay;
    } else if (std::holds_alternative<fact::Closed>(record.fact) ||
               std::holds_alternative<fact::ConnectFailed>(record.fact)) {
      state.due = record.at;
      state.waiting = true;
    } else if (std::holds_alternative<fact::Connecting>(record.fact)) {
      state.waiting = false;
    } else if (std::holds_alternative<fact::GaveUp>(record.fact)) {
      state.gave_up = true;
    } else if (const auto* headers = std::get_if<fact::Headers>(&record.fact)) {
      state.back = headers->status == 200 && !state.on_fallback && state.hit;
    }
    state.connection.on(record);
  }

  void absorb(const Returns& other) {
    timeline_.merge(other.timeline_);
    streams_.merge(other.streams_);
  }

  Finding judge(const Noise& noise) const override {
    std::uint64_t hit = 0, returned = 0, elsewhere = 0, stuck_there = 0;
    EvidenceList away;
    streams_.each([&](StreamId id, const State& state) {
      if (!state.hit || !has_liveness(scenario_, state.connection.group)) return;
      if (waits_without_a_deadline(state.connection)) return;
      ++hit;
      const auto patience = settling + widening_of_worst(noise);
      const auto end = timeline_.end();
      if (state.gave_up) {
        away.add({state.due, id, "gave up for good"});
      } else if (state.on_fallback && fallback_for_ &&
                 end - state.since > *fallback_for_ + deadline_margin(*fallback_for_) + patience) {
        ++stuck_there;
        away.add({state.since, id,
                  fmt::format("on the fallback for {}", format_duration(end - state.since))});
      } else if (state.waiting && end > state.due + patience) {
        away.add({state.due, id,
                  fmt::format("did not connect for {}", format_duration(end - state.due))});
      } else if (state.back) {
        ++returned;
      } else if (state.on_fallback) {
        ++elsewhere;  // and rightly, for its time is not over
      }
    });
    auto result = finding(
        Verdict::pass, fmt::format("{} of {} are back, {} stay away", returned, hit, away.total()),
        "every client comes back");
    result.counts = {{"on a silent path", hit},
                     {"back", returned},
                     {"on the fallback", elsewhere},
                     {"away", away.total()}};
    if (away.total() > 0) {
      result.verdict = Verdict::fail;
      result.reason =
          stuck_there > 0
              ? fmt::format(
                    "{} clients stayed on their fallback for longer than {}; try the own "
                    "address again after that time",
                    stuck_there, format_duration(*fallback_for_))
              : fmt::format(
                    "{} clients did not come back after their path had gone silent; connect "
                    "again after each end of a stream, also after one of one's own making",
                    away.total());
      result.evidence = away.items();
    } else if (returned == 0 || returned + elsewhere < hit) {
      result.verdict = Verdict::inconclusive;
      result.reason =
          hit == 0 ? "no client with a liveness deadline met a path that went silent; one is needed"
                   : fmt::format(
                         "{} of {} clients were on their way when the run ended; observe for "
                         "longer than their deadlines and backoff",
                         hit - returned - elsewhere, hit);
    }
    return result;
  }

 private:
  /// A client that the contract gives no time for the head waits for it for ever, and rightly.
  [[nodiscard]] bool waits_without_a_deadline(const Connection& connection) const {
    return connection.deaf && !connection.answered &&
           !scenario_.groups[connection.group].policy.header_timeout;
  }

  struct State {
    Connection connection;
    Instant since{};  // the last change of address
    Instant due{};    // of the next attempt
    bool hit = false;
    bool on_fallback = false;
    bool back = false;  // was open again on its own address since it was last hit
    bool waiting = false;
    bool gave_up = false;
  };

  const Scenario& scenario_;
  std::optional<Duration> fallback_for_;
  Timeline timeline_;
  PerStream<State> streams_;
};

}  // namespace

CheckSpec stall_falls_back() {
  return {.id = "stall.falls-back",
          .level = Level::must,
          .requirement = "After the stated failures in a row a client uses its fallback.",
          .source = "contract client.fallback_after",
          .needs = {},
          .not_stated = [](const Contract& contract) -> std::string {
            return contract.client && contract.client->fallback_after > 0 ? ""
                                                                          : "client.fallback_after";
          },
          .make = &make_check<FallsBack>,
          .wants = Connection::wants | Timeline::wants | facts<fact::FellBack, fact::GaveUp>(),
          .timing = true};
}

CheckSpec stall_returns() {
  return {.id = "stall.returns",
          .level = Level::must,
          .requirement = "A client is back on its own address once the path carries again.",
          .source = "contract client.liveness, client.fallback_for",
          .needs = {},
          .not_stated = &no_liveness,
          .make = &make_check<Returns>,
          .wants = Connection::wants | Timeline::wants |
                   facts<fact::FellBack, fact::GaveUp, fact::ReconnectScheduled>(),
          .timing = true};
}

}  // namespace streamgauge

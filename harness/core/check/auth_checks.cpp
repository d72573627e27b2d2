// auth.401-stops, auth.revoked-closes, auth.no-leak: who may listen, and what others get to see.
#include <fmt/format.h>

#include "harness/core/base/units.hpp"
#include "harness/core/check/band.hpp"
#include "harness/core/check/checks.hpp"
#include "harness/core/check/finding.hpp"
#include "harness/core/check/members.hpp"
#include "harness/core/check/timeline.hpp"

namespace streamgauge {

namespace {

std::string no_auth(const Contract& contract) {
  return contract.auth ? "" : "auth";
}

Credential credential_of(const Scenario& scenario, StreamId stream) {
  const Member member = member_of(scenario, stream);
  return member.group < scenario.groups.size() ? scenario.groups[member.group].credential
                                               : Credential::valid;
}

bool shows_nothing_valid(Credential credential) {
  return credential == Credential::wrong || credential == Credential::none;
}

// --- 401-stops ------------------------------------------------------------------------------

class Refused final : public Fold<Refused> {
 public:
  explicit Refused(const CheckContext& context)
      : scenario_(context.scenario),
        stated_(context.contract.auth.value_or(AuthTerms{}).unauthorized) {}

  void on(const Record& record) override {
    if (record.stream == no_stream ||
        !shows_nothing_valid(credential_of(scenario_, record.stream))) {
      return;
    }
    auto& attempts = streams_[record.stream];
    if (std::holds_alternative<fact::Connecting>(record.fact)) {
      if (attempts.refused) {
        ++came_again_;
        again_.add({record.at, record.stream, fmt::format("connects again after {}", stated_)});
      }
    } else if (const auto* headers = std::get_if<fact::Headers>(&record.fact)) {
      take(record, headers->status, attempts);
    }
  }
  void absorb(const Refused& other) {
    streams_.merge(other.streams_);
    wrong_.merge(other.wrong_);
    again_.merge(other.again_);
    refused_ += other.refused_;
    let_in_ += other.let_in_;
    otherwise_ += other.otherwise_;
    came_again_ += other.came_again_;
  }

  Finding judge(const Noise&) const override {
    const auto asked = refused_ + let_in_ + otherwise_;
    auto result =
        finding(Verdict::pass, fmt::format("{} of {} refused with {}", refused_, asked, stated_),
                fmt::format("{}, then silence", stated_));
    result.counts = {{"without a valid token", asked},
                     {"refused", refused_},
                     {"let in", let_in_},
                     {"answered otherwise", otherwise_},
                     {"came again", came_again_}};
    if (let_in_ > 0) {
      result.verdict = Verdict::fail;
      result.reason = fmt::format(
          "{} clients without a valid token were answered 200; check the token before anything is "
          "sent, and refuse with {}",
          let_in_, stated_);
      result.evidence = wrong_.items();
    } else if (otherwise_ > 0) {
      result.verdict = Verdict::fail;
      result.reason = fmt::format(
          "{} clients without a valid token were answered with another status than {}; clients "
          "stop "
          "only for what they can tell from a passing trouble",
          otherwise_, stated_);
      result.evidence = wrong_.items();
    } else if (came_again_ > 0) {
      result.verdict = Verdict::fail;
      result.reason = fmt::format(
          "refused clients connected again {} times with the same token (F30); a client must stop "
          "at {} until its token changes",
          came_again_, stated_);
      result.evidence = again_.items();
    } else if (asked == 0) {
      result.verdict = Verdict::inconclusive;
      result.reason = "no client without a valid token was answered; at least 1 is needed";
    }
    return result;
  }

 private:
  struct Attempts {
    bool refused = false;
  };
  void take(const Record& record, int status, Attempts& attempts) {
    // 403 to a token that is known but not good enough says the same to a client: stop.
    if (status == stated_ || (stated_ == 401 && status == 403)) {
      ++refused_;
      attempts.refused = true;
      return;
    }
    ++(status / 100 == 2 ? let_in_ : otherwise_);
    wrong_.add(
        {record.at, record.stream, fmt::format("answered {} without a valid token", status)});
  }

  const Scenario& scenario_;
  int stated_;
  PerStream<Attempts> streams_;
  EvidenceList wrong_, again_;
  std::uint64_t refused_ = 0, let_in_ = 0, otherwise_ = 0, came_again_ = 0;
};

// --- revoked-closes -------------------------------------------------------------------------

class RevokedCloses final : public Fold<RevokedCloses> {
 public:
  explicit RevokedCloses(const CheckContext& context)
      : scenario_(context.scenario),
        terms_(context.contract.auth.value_or(AuthTerms{})),
        timeline_(context.scenario) {}

  void on(const Record& record) override {
    command_.on(record);
    if (record.stream == no_stream) return timeline_.on(record);
    timeline_.see(record.at);
    if (credential_of(scenario_, record.stream) != Credential::revocable) return;
    auto& state = streams_[record.stream];
    if (const auto* headers = std::get_if<fact::Headers>(&record.fact)) {
      if (headers->status == 200) {
        state.opened_last = record.at;
        state.ended = {};
      }
      if (headers->status == 200 && state.opened_first == Instant{}) state.opened_first = record.at;
    } else if (const auto* closed = std::get_if<fact::Closed>(&record.fact)) {
      const bool open = state.opened_first != Instant{} && state.ended == Instant{};
      if (open && closed->ending != Ending::local) state.ended = record.at;
    }
  }
  void absorb(const RevokedCloses& other) {
    timeline_.merge(other.timeline_);
    streams_.merge(other.streams_);
    command_.merge(other.command_);
  }

  Finding judge(const Noise& noise) const override {
    const auto bound = terms_.revoked_within;
    const auto widening = widening_of_worst(noise);
    Observations ends;
    std::uint64_t kept = 0, back = 0, streams = 0;
    EvidenceList evidence;
    streams_.each([&](StreamId id, const State& state) {
      if (!command_.sent() || state.opened_first == Instant{}) return;
      if (state.opened_first > *command_.sent()) return;
      ++streams;
      if (state.opened_last > *command_.answered() + bound + widening) {
        ++back;
        evidence.add({state.opened_last, id, "let in again with the revoked token"});
      }
      if (state.ended == Instant{}) {
        ++kept;
        evidence.add({timeline_.end(), id, "still open with the revoked token"});
      } else if (state.ended >= *command_.sent()) {
        ends.add(state.ended - *command_.sent(), state.ended, id);
      }
    });
    auto result = finding(
        Verdict::pass,
        fmt::format("{} ended, worst after {}", ends.count(), format_duration(ends.worst())),
        fmt::format("{} {}", format_duration(bound), widened_text(widening, noise)));
    result.counts = {{"streams of the token", streams},
                     {"ended", ends.count()},
                     {"still open", kept},
                     {"let in again", back}};
    if (!command_.sent() || streams == 0) {
      result.verdict = Verdict::inconclusive;
      result.reason = command_.sent() ? "no stream with the revocable token was open; 1 is needed"
                                      : command_.why_not();
      return result;
    }
    if (ends.count() + kept + back == 0) {
      result.verdict = Verdict::inconclusive;
      result.reason = "every stream of the token had ended before it was revoked";
      return result;
    }
    const auto reach = reach_of_worst(ends.worst(), bound, bound, noise);
    if (kept + back > 0) {
      result.verdict = Verdict::fail;
      result.reason = fmt::format(
          "{} streams of a revoked token stay open and {} were let in again; end the streams of a "
          "token when it is revoked, and refuse it from then on",
          kept, back);
      result.evidence = evidence.items();
    } else if (reach == Reach::drowned) {
      result.verdict = Verdict::inconclusive;
      result.reason = drowned_reason(noise, bound);
    } else if (reach == Reach::beyond) {
      result.verdict = Verdict::fail;
      result.reason = fmt::format("streams of a revoked token were ended only after {}",
                                  format_duration(ends.worst()));
      result.evidence = ends.evidence_above(bound + widening, "ended after");
    }
    return result;
  }

 private:
  struct State {
    Instant opened_first{};
    Instant opened_last{};
    Instant ended{};
  };
  const Scenario& scenario_;
  AuthTerms terms_;
  Timeline timeline_;
  PerStream<State> streams_;
  CommandFold command_{"revoke"};
};

// --- no-leak --------------------------------------------------------------------------------

class NoLeak final : public Fold<NoLeak> {
 public:
  explicit NoLeak(const CheckContext& context)
      : context_(context),
        tokens_count_(context.contract.auth && has(context.target, Capability::auth)) {}

  void on(const Record& record) override {
    const auto* event = std::get_if<fact::Event>(&record.fact);
    if (const auto* joined = std::get_if<fact::Joined>(&record.fact)) {
      streams_[record.stream].channel = joined->channel;
    }
    if (!event || !event->envelope || event->envelope->run != context_.run) return;
    ++seen_;
    const Stream& stream = streams_[record.stream];
    if (event->envelope->stream != stream.channel) {
      ++strange_;
      evidence_.add({record.at, record.stream,
                     fmt::format("seq={} of channel {} on channel {}", event->envelope->seq,
                                 event->envelope->stream, stream.channel)});
    } else if (tokens_count_ &&
               shows_nothing_valid(credential_of(context_.scenario, record.stream))) {
      ++untrusted_;
      evidence_.add(
          {record.at, record.stream,
           fmt::format("seq={} to a client without a valid token", event->envelope->seq)});
    }
  }
  void absorb(const NoLeak& other) {
    streams_.merge(other.streams_);
    evidence_.merge(other.evidence_);
    seen_ += other.seen_;
    strange_ += other.strange_;
    untrusted_ += other.untrusted_;
  }

  Finding judge(const Noise&) const override {
    auto result = finding(Verdict::pass,
                          fmt::format("{} of {} events leaked", strange_ + untrusted_, seen_), "0");
    result.counts = {{"events", seen_},
                     {"of another channel", strange_},
                     {"to clients without a token", untrusted_}};
    result.evidence = evidence_.items();
    if (strange_ + untrusted_ > 0) {
      result.verdict = Verdict::fail;
      result.reason = strange_ > 0
                          ? fmt::format(
                                "{} events of one channel reached readers of another; deliver by "
                                "subscription",
                                strange_)
                          : fmt::format(
                                "{} events reached clients without a valid token; check the token "
                                "before the stream begins",
                                untrusted_);
    } else if (seen_ == 0 || context_.scenario.channels.size() < 2) {
      result.verdict = Verdict::inconclusive;
      result.reason = seen_ == 0 ? "no event arrived anywhere; at least 1 is needed"
                                 : "the scenario has one channel only: nothing could leak";
    }
    return result;
  }

 private:
  struct Stream {
    std::uint16_t channel = 0;
  };
  const CheckContext& context_;
  bool tokens_count_;
  PerStream<Stream> streams_;
  EvidenceList evidence_;
  std::uint64_t seen_ = 0, strange_ = 0, untrusted_ = 0;
};

}  // namespace

CheckSpec auth_401_stops() {
  return {.id = "auth.401-stops",
          .level = Level::must,
          .requirement = "Without a valid token a client is refused as stated, and stays away.",
          .source = "RFC 9110 15.5.2; contract auth.unauthorized",
          .needs = {Capability::auth},
          .not_stated = &no_auth,
          .make = &make_check<Refused>,
          .wants = facts<fact::Connecting, fact::Headers>()};
}

CheckSpec auth_revoked_closes() {
  return {.id = "auth.revoked-closes",
          .level = Level::must,
          .requirement = "Streams of a revoked token end, and the token opens no new one.",
          .source = "contract auth.revoked_within",
          .needs = {Capability::auth, Capability::revoke},
          .not_stated = &no_auth,
          .make = &make_check<RevokedCloses>,
          .wants = Timeline::wants | facts<fact::Headers, fact::Closed, fact::Commanded>()};
}

CheckSpec auth_no_leak() {
  return {.id = "auth.no-leak",
          .level = Level::must,
          .requirement = "Events reach only those who subscribed to them and may have them.",
          .source = "WHATWG HTML 9.2 (a stream is its URL's); contract auth",
          .needs = {Capability::publish, Capability::channels},
          .not_stated = nullptr,
          .make = &make_check<NoLeak>,
          .wants = facts<fact::Joined, fact::Event>()};
}

}  // namespace streamgauge

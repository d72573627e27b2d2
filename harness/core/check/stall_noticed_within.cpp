// stall.noticed-within: a target gives up a client that has vanished without a packet.
//
// It can only notice by what is not acknowledged, so the clock runs from the first byte that it
// must send after the client is gone: the next heartbeat, or the next publication. On one machine
// the kernel tells whether the target has closed its side; else its descriptors tell.
#include <fmt/format.h>

#include "harness/core/base/units.hpp"
#include "harness/core/check/checks.hpp"
#include "harness/core/check/finding.hpp"
#include "harness/core/check/heartbeat_fold.hpp"
#include "harness/core/check/stall_fold.hpp"
#include "harness/core/check/stopped_reader.hpp"

namespace streamgauge {

namespace {

constexpr Duration looked_every = std::chrono::milliseconds{250};

class NoticedWithin final : public Fold<NoticedWithin> {
 public:
  explicit NoticedWithin(const CheckContext& context)
      : terms_(context.contract.eviction.value_or(EvictionTerms{})),
        heartbeat_(context.contract.heartbeat.value_or(HeartbeatTerms{})),
        sees_ends_(sees_the_end(context.target)),
        timeline_(context.scenario) {}

  void on(const Record& record) override {
    if (record.stream == no_stream) return timeline_.on(record);
    timeline_.see(record.at);
    auto& state = streams_[record.stream];
    if (std::holds_alternative<fact::PeerGone>(record.fact)) {
      if (state.gone_from && !state.noticed_at) state.noticed_at = record.at;
    } else if (const auto* closed = std::get_if<fact::Closed>(&record.fact)) {
      // A reset that gets through is the target's doing as well.
      if (state.gone_from && !state.noticed_at && closed->ending == Ending::reset) {
        state.noticed_at = record.at;
      }
      finish(record.stream, state, record.at);
    } else if (state.connection.open && !state.gone_from && leaves(record)) {
      state.gone_from = record.at;
    }
    state.connection.on(record);
  }

  void absorb(const NoticedWithin& other) {
    timeline_.merge(other.timeline_);
    streams_.merge(other.streams_);
    noticed_.merge(other.noticed_);
    kept_.merge(other.kept_);
  }

  Finding judge(const Noise& noise) const override {
    auto noticed = noticed_;
    auto kept = kept_;
    streams_.each([&](StreamId id, const State& state) {
      if (!state.gone_from) return;
      const auto until = state.noticed_at.value_or(timeline_.end());
      if (timeline_.frozen_between(*state.gone_from, until) || until <= *state.gone_from) return;
      (state.noticed_at ? noticed : kept).add(until - *state.gone_from, until, id);
    });
    const auto beat_margin = scaled(heartbeat_.every, heartbeat_.tolerance);
    const auto margin = scaled(terms_.stalled_after, terms_.tolerance) + beat_margin;
    const auto bound = heartbeat_.every + terms_.stalled_after + margin + looked_every;
    const auto widening = widening_of_worst(noise);
    const auto late = noticed.count_above(bound + widening);
    const auto never = sees_ends_ ? kept.count_above(bound + widening) : 0;
    auto result =
        finding(Verdict::pass,
                never > 0 ? fmt::format("{} noticed; {} kept, for {}", noticed.count(), never,
                                        format_duration(kept.worst()))
                          : fmt::format("{} noticed, the last after {}", noticed.count(),
                                        format_duration(noticed.worst())),
                fmt::format("{} {}", format_duration(bound), widened_text(widening, noise)));
    result.counts = {{"noticed", noticed.count()}, {"late", late}, {"never", never}};
    const auto worst = sees_ends_ ? std::max(noticed.worst(), kept.worst()) : noticed.worst();
    switch (reach_of_worst(worst, bound, margin, noise)) {
      case Reach::drowned:
        result.verdict = Verdict::inconclusive;
        result.reason = drowned_reason(noise, margin);
        break;
      case Reach::beyond:
        result.verdict = Verdict::fail;
        result.reason = fmt::format(
            "of clients that vanished without a packet, {} were given up too late and {} not at "
            "all (the longest kept for {}); end a stream whose peer acknowledges nothing for the "
            "stated time, heartbeats included",
            late, never, format_duration(worst));
        break;
      case Reach::within:
        if (noticed.count() > 0) return result;
        result.verdict = Verdict::inconclusive;
        result.reason =
            !sees_ends_
                ? "of a target on another machine it cannot be seen that it gave a vanished "
                  "client up; run the harness beside the target"
                : fmt::format("no client stayed vanished for {}; one is needed",
                              format_duration(bound));
        return result;
    }
    result.evidence = sees_ends_ ? kept.evidence_above(bound + widening, "vanished and kept for")
                                 : std::vector<Evidence>{};
    for (auto& one : noticed.evidence_above(bound + widening, "given up only after")) {
      if (result.evidence.size() < EvidenceList::max) result.evidence.push_back(one);
    }
    return result;
  }

 private:
  struct State {
    Connection connection;
    std::optional<Instant> gone_from;
    std::optional<Instant> noticed_at;
  };

  [[nodiscard]] static bool leaves(const Record& record) {
    const auto* aborted = std::get_if<fact::Aborted>(&record.fact);
    return std::holds_alternative<fact::Deafened>(record.fact) ||
           (aborted && aborted->kind == AbortKind::vanish);
  }

  void finish(StreamId stream, State& state, Instant at) {
    if (state.gone_from && !timeline_.frozen_between(*state.gone_from, at)) {
      const auto until = state.noticed_at.value_or(at);
      (state.noticed_at ? noticed_ : kept_).add(until - *state.gone_from, until, stream);
    }
    state.gone_from.reset();
    state.noticed_at.reset();
  }

  EvictionTerms terms_;
  HeartbeatTerms heartbeat_;
  bool sees_ends_;
  Timeline timeline_;
  PerStream<State> streams_;
  Observations noticed_;
  Observations kept_;
};

}  // namespace

CheckSpec stall_noticed_within() {
  return {.id = "stall.noticed-within",
          .level = Level::must,
          .requirement = "A client that vanishes without a packet is given up in time.",
          .source = "contract eviction.stalled_after; RFC 9293 3.8.3",
          .needs = {},
          .not_stated = [](const Contract& contract) -> std::string {
            if (!contract.eviction) return "eviction";
            return no_heartbeat(contract);  // nothing would be sent, so nothing could be missed
          },
          .make = &make_check<NoticedWithin>,
          .wants = Connection::wants | Timeline::wants | facts<fact::PeerGone>(),
          .timing = true};
}

}  // namespace streamgauge

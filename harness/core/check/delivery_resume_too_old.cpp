// delivery.resume-too-old: who comes back for more than the replay keeps is told so, as stated.
//
// Too old is a return when more was accepted for the channel since the last event that arrived than
// the replay holds, by events or by bytes. The target may keep more than it promises: who gets
// everything has no cause to complain. Everybody else must get the stated answer: a status, a reset
// event before anything else, or the replay from its oldest event on.
#include <fmt/format.h>

#include <algorithm>

#include "harness/core/check/band.hpp"
#include "harness/core/check/delivery_fold.hpp"

namespace streamgauge {

namespace {

class ResumeTooOld final : public Fold<ResumeTooOld> {
 public:
  static constexpr std::size_t returns_max = 8192;
  // What the target does at once, as a machine's time.
  static constexpr Duration at_once = std::chrono::seconds{1};

  explicit ResumeTooOld(const CheckContext& context)
      : run_(context.run),
        replay_(context.contract.replay.value_or(ReplayTerms{})),
        timeline_(context.scenario) {}

  void on(const Record& record) override {
    if (const auto* published = std::get_if<fact::Published>(&record.fact)) {
      trail_.on(*published, record.at);
      return;
    }
    if (record.stream == no_stream) return timeline_.on(record);
    timeline_.see(record.at);
    auto& state = streams_[record.stream];
    if (const auto* event = std::get_if<fact::Event>(&record.fact)) {
      on_event(record, state, *event);
      return;
    }
    state.life.on(record);
    if (const auto* connecting = std::get_if<fact::Connecting>(&record.fact)) {
      settle(record, state);
      if (connecting->attempt > 1 && state.highest > 0 && !connecting->sends_last_event_id) {
        ++without_id_;
      }
    } else if (const auto* headers = std::get_if<fact::Headers>(&record.fact)) {
      if (!state.life.sends_id || state.life.attempt < 2 || state.highest == 0) return;
      state.pending = {state.life.connected_at, record.at,       {},   record.stream,
                       state.life.channel,      state.highest,   0,    state.bytes_max,
                       state.bytes_min,         headers->status, false};
      state.watching = true;
      if (headers->status != 200) settle(record, state);
    } else if (std::holds_alternative<fact::Closed>(record.fact)) {
      settle(record, state);
    }
  }

  void absorb(const ResumeTooOld& other) {
    timeline_.merge(other.timeline_);
    streams_.merge(other.streams_);
    trail_.merge(other.trail_);
    returns_.insert(returns_.end(), other.returns_.begin(), other.returns_.end());
    without_id_ += other.without_id_;
    overflowed_ = overflowed_ || other.overflowed_;
  }

  Finding judge(const Noise& noise) const override {
    Tally tally;
    for (const auto& one : returns_) judge_return(one, one.until, noise, tally);
    streams_.each([&](StreamId, const State& state) {
      if (state.watching) judge_return(state.pending, timeline_.end(), noise, tally);
    });
    const auto wrong = tally.evidence.total();
    auto result =
        finding(Verdict::pass,
                fmt::format("{} too old: {} told, {} complete, {} not", tally.too_old,
                            tally.as_stated, tally.complete, wrong),
                fmt::format("{} beyond {} events", to_string(replay_.too_old), replay_.events_max));
    result.counts = {{"returns", returns_.size() + tally.watching},
                     {"too old", tally.too_old},
                     {"as stated", tally.as_stated},
                     {"complete all the same", tally.complete},
                     {"silently live", tally.silent},
                     {"answered otherwise", tally.otherwise}};
    if (overflowed_ || trail_.overflowed()) {
      result.verdict = Verdict::inconclusive;
      result.reason = "more returns or failed publishes than can be kept apart";
    } else if (wrong > 0) {
      result.verdict = Verdict::fail;
      result.evidence = tally.evidence.items();
      result.reason =
          tally.silent > 0
              ? fmt::format(
                    "{} clients came back with an id older than the replay and were put on "
                    "the live stream with a silent gap; answer as stated: {}",
                    tally.silent, stated())
              : fmt::format(
                    "{} clients came back with an id older than the replay and were "
                    "answered otherwise than stated: {}",
                    tally.otherwise, stated());
    } else if (tally.as_stated + tally.complete == 0) {
      result.verdict = Verdict::inconclusive;
      result.reason =
          tally.too_old > 0 ? "no return was watched for long enough to see its answer"
          : without_id_ > 0 && returns_.empty()
              ? "clients came back without an id, for no event had one; send an id with each event"
              : fmt::format(
                    "no client came back for more than the {} events that the replay keeps; "
                    "publish more while it is away",
                    replay_.events_max);
    }
    return result;
  }

 private:
  struct Return {
    Instant connected_at{};
    Instant opened_at{};
    Instant until{};  // so long nothing else came, or the connection's end
    StreamId stream = no_stream;
    std::uint16_t channel = 0;
    std::uint64_t highest = 0;  // before
    std::uint64_t first = 0;    // after; 0: nothing of the sequence came
    std::uint64_t bytes_max = 0, bytes_min = 0;
    int status = 0;
    bool reset = false;  // the stated event came before anything of the sequence
  };
  struct State {
    StreamLife life;
    Return pending;
    std::uint64_t highest = 0;
    std::uint64_t bytes_max = 0, bytes_min = ~std::uint64_t{0};
    bool watching = false;
  };
  struct Tally {
    std::uint64_t too_old = 0, as_stated = 0, complete = 0, silent = 0, otherwise = 0;
    std::uint64_t watching = 0;
    EvidenceList evidence;
  };

  void on_event(const Record& record, State& state, const fact::Event& event) {
    if (!event.envelope) {
      const bool reset = !replay_.too_old_event.empty() && event.type == replay_.too_old_event;
      if (state.watching && reset) state.pending.reset = true;
      return;
    }
    if (event.envelope->run != run_) return;
    const auto seq = event.envelope->seq;
    if (state.watching) {
      state.pending.first = seq;
      settle(record, state);
    }
    state.highest = std::max(state.highest, seq);
    state.bytes_max = std::max<std::uint64_t>(state.bytes_max, event.data.size());
    state.bytes_min = std::min<std::uint64_t>(state.bytes_min, event.data.size());
  }

  void settle(const Record& record, State& state) {
    if (!state.watching) return;
    state.watching = false;
    state.pending.until = record.at;
    if (returns_.size() == returns_max) {
      overflowed_ = true;
    } else {
      returns_.push_back(state.pending);
    }
  }

  /// So many of the newest events are promised, judging by the sizes of those seen.
  [[nodiscard]] std::uint64_t kept_at_least(const Return& one) const {
    constexpr std::uint64_t overhead = 256;  // field names, an id, whatever else a target counts
    if (replay_.bytes_max == 0) return replay_.events_max;
    return std::min(replay_.events_max, replay_.bytes_max / (one.bytes_max + overhead));
  }

  /// When the replay was put together, nothing newer than that can have been accepted. It may well
  /// have been newer than what was known to be accepted as the client connected.
  [[nodiscard]] std::uint64_t newest_possible(const Return& one) const {
    const auto later = trail_.begun_from(one.channel, one.until);
    return later ? *later - 1 : trail_.answered_by(one.channel, Instant::max());
  }

  void judge_return(const Return& one, Instant until, const Noise& noise, Tally& tally) const {
    if (one.until == Instant{}) ++tally.watching;
    const auto last = trail_.answered_by(one.channel, one.connected_at);
    if (last <= one.highest) return;
    const auto missed = trail_.expected(one.channel, one.highest + 1, last);
    const bool too_many = missed > replay_.events_max;
    const bool too_large = replay_.bytes_max > 0 && missed * one.bytes_min > replay_.bytes_max;
    if (!too_many && !too_large) return;
    ++tally.too_old;
    const auto blame = [&](std::uint64_t& what, std::string text) {
      ++what;
      tally.evidence.add({one.opened_at, one.stream, std::move(text)});
    };
    if (one.status != 200) {
      const bool stated = (replay_.too_old == TooOld::status_204 && one.status == 204) ||
                          (replay_.too_old == TooOld::status_410 && one.status == 410);
      if (stated) {
        ++tally.as_stated;
      } else if (one.status != 429 && one.status < 500) {  // not let in at all: no answer to that
        blame(tally.otherwise, fmt::format("answered {}", one.status));
      }
      return;
    }
    if (one.first == one.highest + 1) {
      ++tally.complete;
    } else if (replay_.too_old == TooOld::reset_event && one.reset) {
      ++tally.as_stated;
    } else if (one.first == 0) {
      if (until - one.opened_at <= at_once + widening_of_worst(noise)) return;
      blame(tally.silent,
            fmt::format("after seq {} nothing, though {} were missed", one.highest, missed));
    } else if (replay_.too_old == TooOld::from_oldest &&
               one.first + kept_at_least(one) <= newest_possible(one) + 1) {
      ++tally.as_stated;
    } else {
      blame(tally.silent,
            fmt::format("seq {} came next after seq {}, without a word", one.first, one.highest));
    }
  }

  [[nodiscard]] std::string stated() const {
    switch (replay_.too_old) {
      case TooOld::reset_event:
        return fmt::format("an event '{}' before anything else", replay_.too_old_event);
      case TooOld::status_204:
        return "status 204";
      case TooOld::status_410:
        return "status 410";
      case TooOld::from_oldest:
        break;
    }
    return fmt::format("everything from the oldest of at least {} events on", replay_.events_max);
  }

  std::uint32_t run_;
  ReplayTerms replay_;
  Timeline timeline_;
  PerStream<State> streams_;
  PublishTrail trail_;
  std::vector<Return> returns_;
  std::uint64_t without_id_ = 0;
  bool overflowed_ = false;
};

}  // namespace

CheckSpec delivery_resume_too_old() {
  return {.id = "delivery.resume-too-old",
          .level = Level::must,
          .requirement = "A return for more than the replay keeps is answered as stated.",
          .source = "contract replay.too_old; FIELD F18",
          .needs = {Capability::publish, Capability::resume},
          .not_stated = [](const Contract& contract) -> std::string {
            return contract.replay ? "" : "replay";
          },
          .make = &make_check<ResumeTooOld>,
          .wants = StreamLife::wants | Timeline::wants | facts<fact::Event, fact::Published>()};
}

}  // namespace streamgauge

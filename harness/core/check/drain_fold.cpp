#include "harness/core/check/drain_fold.hpp"

#include <algorithm>

#include "harness/core/http/head.hpp"

namespace streamgauge {

namespace {

Attempt::Outcome outcome_of(Ending ending) {
  if (ending == Ending::local) return Attempt::Outcome::local;
  if (ending == Ending::timed_out) return Attempt::Outcome::timed_out;
  return Attempt::Outcome::cut;
}

}  // namespace

void DrainFold::on(const Record& record) {
  if (record.stream == no_stream) {
    timeline_.on(record);
    target_.on(record);
    return;
  }
  timeline_.see(record.at);
  auto& state = streams_[record.stream];
  const bool was_open = state.life.open;
  state.life.on(record);
  std::visit(Overloaded{
                 [&](const fact::Connecting&) {
                   state.attempt = {};
                   state.attempt.began = record.at;
                   state.attempt.stream = record.stream;
                 },
                 [&](const fact::ConnectFailed& f) {
                   conclude(state,
                            f.refused ? Attempt::Outcome::connect_refused : Attempt::Outcome::cut,
                            record);
                 },
                 [&](const fact::Headers& f) {
                   state.attempt.status = f.status;
                   state.attempt.retry_after = http::field(f.head, "retry-after").has_value();
                   conclude(state, Attempt::Outcome::answered, record);
                   if (f.status != 200) return;
                   ++state.opened;
                   state.current() = {};
                   state.current().opened = record.at;
                 },
                 [&](const fact::Event& f) {
                   if (!was_open || !f.envelope || f.envelope->run != run_) return;
                   auto& highest = state.current().seq_highest;
                   highest = std::max(highest, f.envelope->seq);
                 },
                 [&](const fact::Retry& f) {
                   if (!was_open) return;
                   state.current().retry_at = record.at;
                   state.current().retry_ms =
                       static_cast<std::uint32_t>(std::min<std::uint64_t>(f.milliseconds, ~0u));
                 },
                 [&](const fact::Closed& f) {
                   if (was_open) {
                     auto& tenure = state.current();
                     tenure.ended = record.at;
                     tenure.ending = f.ending;
                     tenure.mid_block = f.mid_block;
                     tenure.over = true;
                   } else {
                     state.attempt.ending = f.ending;
                     conclude(state, outcome_of(f.ending), record);
                   }
                 },
                 // Who has gone on reading sees its stream's end as everybody does.
                 [&](const fact::ReadingResumed&) {
                   if (was_open) state.current().own_doing = false;
                 },
                 [&](const fact::GaveUp&) { state.gave_up = true; },
                 [&](const auto& f) {
                   using F = std::decay_t<decltype(f)>;
                   constexpr bool ordered = std::is_same_v<F, fact::Aborted> ||
                                            std::is_same_v<F, fact::Deafened> ||
                                            std::is_same_v<F, fact::ReadingStopped>;
                   if (ordered && was_open) state.current().own_doing = true;
                 },
             },
             record.fact);
}

void DrainFold::conclude(State& state, Attempt::Outcome outcome, const Record& record) {
  if (state.attempt.outcome != Attempt::Outcome::pending) return;  // the end of a refusal
  state.attempt.outcome = outcome;
  state.attempt.ended = record.at;
  keep(state.attempt);
}

void DrainFold::keep(const Attempt& attempt) {
  if (attempts_.size() < attempts_max) {
    attempts_.push_back(attempt);
  } else {
    attempts_[next_] = attempt;
    next_ = (next_ + 1) % attempts_max;
  }
}

void DrainFold::merge(const DrainFold& other) {
  timeline_.merge(other.timeline_);
  target_.merge(other.target_);
  streams_.merge(other.streams_);
  attempts_.insert(attempts_.end(), other.attempts_.begin(), other.attempts_.end());
}

std::vector<DrainFold::Stream> DrainFold::drained() const {
  std::vector<Stream> streams;
  const auto* stop = order();
  if (!stop) return streams;
  streams_.each([&](StreamId id, const State& state) {
    Stream stream{id, state.life.channel, nullptr, nullptr, state.gave_up};
    const auto kept = std::min<std::uint32_t>(state.opened, tenures_max);
    for (std::uint32_t i = state.opened - kept; i < state.opened; ++i) {
      const auto& tenure = state.tenures[i % tenures_max];
      if (stream.tenure) {
        stream.after = &tenure;
      } else if (tenure.opened < stop->at && (!tenure.over || tenure.ended >= stop->at)) {
        stream.tenure = &tenure;
      }
    }
    if (stream.tenure && !stream.tenure->own_doing) streams.push_back(stream);
  });
  return streams;
}

std::vector<Attempt> DrainFold::attempts() const {
  auto attempts = attempts_;
  streams_.each([&](StreamId, const State& state) {
    const bool begun = state.attempt.stream != no_stream;
    if (begun && state.attempt.outcome == Attempt::Outcome::pending) {
      attempts.push_back(state.attempt);
    }
  });
  std::sort(attempts.begin(), attempts.end(), [](const Attempt& a, const Attempt& b) {
    return std::tie(a.began, a.stream) < std::tie(b.began, b.stream);
  });
  return attempts;
}

}  // namespace streamgauge

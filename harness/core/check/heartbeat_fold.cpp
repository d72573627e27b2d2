#include "harness/core/check/heartbeat_fold.hpp"

namespace streamgauge {

HeartbeatFold::HeartbeatFold(const CheckContext& context)
    : terms_(context.contract.heartbeat.value_or(HeartbeatTerms{})),
      preamble_(context.contract.preamble),
      scenario_(&context.scenario),
      timeline_(context.scenario) {
  if (terms_.first_within == Duration{}) terms_.first_within = terms_.every;
  for (std::size_t i = 0; i < context.scenario.channels.size(); ++i) {
    empty_.push_back(!publishes_on(context.scenario, static_cast<std::uint16_t>(i)));
  }
}

bool HeartbeatFold::is_heartbeat(const fact::Comment& comment) const {
  if (terms_.form != HeartbeatForm::comment) return false;
  return terms_.text.empty() || comment_text(comment.text) == terms_.text;
}

bool HeartbeatFold::is_heartbeat(const fact::Event& event) const {
  if (terms_.form != HeartbeatForm::event || event.envelope) return false;
  return event.type == (terms_.text.empty() ? std::string_view{"heartbeat"} : terms_.text);
}

bool HeartbeatFold::is_preamble(const fact::Comment& comment, const State& state) const {
  return preamble_ && state.first_body && comment_text(comment.text) == *preamble_;
}

HeartbeatFold::Step HeartbeatFold::on(const Record& record, State& before) {
  if (record.stream == no_stream) {
    timeline_.on(record);
    return Step::none;
  }
  timeline_.see(record.at);
  auto& state = streams_[record.stream];
  before = state;
  if (const auto* event = std::get_if<fact::Event>(&record.fact)) {
    state.first_body = false;
    if (!is_heartbeat(*event)) {
      state.last_traffic = record.at;
      ++state.traffic;
      return Step::traffic;
    }
  } else if (const auto* comment = std::get_if<fact::Comment>(&record.fact)) {
    const bool preamble = is_preamble(*comment, state);
    state.first_body = false;
    if (preamble) return Step::none;
    if (!is_heartbeat(*comment)) return Step::comment;
  } else {
    state.life.on(record);
    if (const auto* joined = std::get_if<fact::Joined>(&record.fact)) {
      state.slow = reads_slowly(*scenario_, joined->group);
    } else if (std::holds_alternative<fact::Headers>(record.fact)) {
      state.connection_beats = state.traffic = 0;
      state.first_body = true;
      state.last_beat = state.last_traffic = Instant{};
      return state.life.open ? Step::opened : Step::none;
    } else if (std::holds_alternative<fact::ReadingResumed>(record.fact)) {
      state.judge_from = std::max(state.judge_from, record.at + 2 * terms_.every);
    } else if (std::holds_alternative<fact::ReadingStopped>(record.fact) ||
               std::holds_alternative<fact::Closed>(record.fact)) {
      return before.life.open ? Step::ended : Step::none;
    }
    return Step::none;
  }
  state.last_beat = record.at;
  ++state.beats;
  ++state.connection_beats;
  return Step::beat;
}

Duration HeartbeatFold::judged(const State& state, Instant from, Instant to) const {
  if (state.slow || state.life.stopped || !state.life.open) return Duration{};
  from = timeline_.judged_from(std::max(from, state.judge_from), to, terms_.every);
  return from < to ? to - from : Duration{};
}

}  // namespace streamgauge

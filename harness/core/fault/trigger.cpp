#include "harness/core/fault/trigger.hpp"

#include <algorithm>
#include <utility>

namespace streamgauge::fault {

std::vector<Parameter> trigger_parameters() {
  return {
      {"time", ParameterForm::duration, "", "after so long, from the answer's head", false, true},
      {"bytes", ParameterForm::size, "", "behind so many bytes of the body"},
      {"events", ParameterForm::count, "", "behind so many events"},
      {"blocks", ParameterForm::count, "",
       "behind so many events or comments that stand alone, such as a preamble"},
      {"plus", ParameterForm::count, "", "and so many bytes more: in the middle of an event"}};
}

namespace {

/// Faults without the parameter strike at once.
template <class T>
std::optional<T> given(const FaultSpec& spec, std::string_view name) {
  for (std::size_t i = 0; i < spec.values.size(); ++i) {
    const auto* value = std::get_if<T>(&spec.values[i]);
    if (spec.type->parameters[i].name == name && value != nullptr) return *value;
  }
  return std::nullopt;
}

}  // namespace

Trigger::Trigger(const FaultSpec& spec)
    : bytes_(given<std::uint64_t>(spec, "bytes")),
      events_(given<std::uint64_t>(spec, "events").value_or(0)),
      blocks_(given<std::uint64_t>(spec, "blocks").value_or(0)),
      plus_(given<std::uint64_t>(spec, "plus").value_or(0)),
      time_(given<Duration>(spec, "time")) {}

void Trigger::begin(Instant now) {
  begun_ = true;
  struck_ = at_once() && plus_ == 0;
  due_ = time_ ? now + *time_ : Instant::max();
  passed_ = counted_ = 0;
  plus_left_.reset();
  if (at_once()) plus_left_ = plus_;
  events_seen_ = {};
}

bool Trigger::struck(Instant now) const {
  return begun_ && (struck_ || now >= due_);
}

std::size_t Trigger::before(std::string_view data) {
  std::size_t most = data.size();
  if (bytes_) {
    const std::uint64_t left = *bytes_ - std::min(*bytes_, passed_);
    if (left <= most) {
      most = static_cast<std::size_t>(left);
      struck_ = true;
    }
  }
  const std::uint64_t wanted = std::max(events_, blocks_);
  std::size_t at = 0;
  while (at < most && wanted > 0 && !plus_left_) {
    bool ended = false;
    at += events_seen_.next(data.substr(at, most - at), ended, blocks_ > 0);
    if (ended && ++counted_ == wanted) plus_left_ = plus_;
  }
  if (plus_left_) {
    if (wanted == 0) at = 0;
    if (*plus_left_ <= most - at) {
      most = at + static_cast<std::size_t>(*plus_left_);
      struck_ = true;
    } else {
      *plus_left_ -= most - at;
    }
  }
  passed_ += most;
  return most;
}

void StrikingMachine::start(Instant now, Outlet& out) {
  if (out.answering()) begin(now, out);
}

void StrikingMachine::begin(Instant now, Outlet& out) {
  trigger_.begin(now);
  in_answer_ = true;
  if (trigger_.due() != Instant::max()) wake_for(own_, out);
  if (strikes_at_end() || !trigger_.struck(now)) return;
  struck_ = true;
  strike(now, out);
}

void StrikingMachine::on_piece(Direction direction, const Piece& piece, Instant now, Outlet& out) {
  if (direction != Direction::down) return on_piece_after(direction, piece, now, out);
  if (piece.kind == PieceKind::head && !struck_) {
    out.pass(direction, piece);
    return begin(now, out);
  }
  if (struck_) return on_piece_after(direction, piece, now, out);
  if (!in_answer_) return out.pass(direction, piece);
  const bool ends = piece.kind == PieceKind::last;
  if (ends) in_answer_ = false;
  if (piece.kind != PieceKind::data) {
    if (!ends || !strikes_at_end()) return out.pass(direction, piece);
    struck_ = true;
    return strike(now, out);
  }
  if (strikes_at_end()) return out.pass(direction, piece);
  const std::size_t size = trigger_.before(piece.bytes);
  if (size > 0) out.pass(direction, {piece.kind, piece.bytes.substr(0, size)});
  if (!trigger_.struck(now)) return;
  struck_ = true;
  strike(now, out);
  if (size < piece.bytes.size()) {
    on_piece_after(direction, {piece.kind, piece.bytes.substr(size)}, now, out);
  }
}

void StrikingMachine::on_time(Instant now, Outlet& out) {
  if (in_answer_ && !struck_ && !strikes_at_end() && trigger_.struck(now)) {
    struck_ = true;
    strike(now, out);
  }
  if (now >= own_) {
    own_ = Instant::max();
    on_own_time(now, out);
  }
  wake_for(own_, out);
}

void StrikingMachine::wake_for(Instant at, Outlet& out) {
  own_ = at;
  out.wake_at(struck_ || !in_answer_ ? own_ : std::min(own_, trigger_.due()));
}

void StrikingMachine::on_piece_after(Direction direction, const Piece& piece, Instant,
                                     Outlet& out) {
  if (direction == Direction::up) out.pass(direction, piece);
}
void StrikingMachine::on_own_time(Instant, Outlet&) {}

}  // namespace streamgauge::fault

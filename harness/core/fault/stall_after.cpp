// stall-after: the path goes silent within an answer, and nobody is told: no FIN, no RST.
// headers-then-stall is the same behind the head: accepted, answered, and then nothing.
#include "harness/core/fault/faults.hpp"
#include "harness/core/fault/stall.hpp"

namespace streamgauge::fault {

void Stall::strike(Instant now, Outlet& out) {
  out.fired();
  over_ = false;
  if (lasts_) wake_for(now + *lasts_, out);
}

void Stall::on_piece_after(Direction direction, const Piece& piece, Instant, Outlet& out) {
  if (direction == Direction::up || over_) {
    out.pass(direction, piece);
    if (direction == Direction::down && piece.kind == PieceKind::last) rearm();
    return;
  }
  held_.add(piece);
}

void Stall::on_own_time(Instant now, Outlet& out) {
  release(now, out);
}

void Stall::release(Instant, Outlet& out) {
  over_ = true;
  held_.release(Direction::down, out);
}

namespace {

std::unique_ptr<Machine> make(const FaultSpec& spec, std::uint64_t) {
  return std::make_unique<Stall>(spec);
}

Parameter lasting() {
  return {"for", ParameterForm::duration, "", "then it goes on; without: never", false, true};
}

}  // namespace

FaultType stall_after() {
  FaultType type;
  type.name = "stall-after";
  type.meaning = "the answer goes silent, without FIN or RST";
  type.parameters = trigger_parameters();
  type.parameters.push_back(lasting());
  type.scope = {false, true, false};
  type.make = make;
  type.contradiction = [](const FaultSpec& spec) -> std::string {
    if (!Trigger{spec}.at_once()) return {};
    return "when? expected time, bytes, events or blocks (behind the head: headers-then-stall)";
  };
  return type;
}

FaultType headers_then_stall() {
  FaultType type;
  type.name = "headers-then-stall";
  type.meaning = "the head passes, then nothing, without FIN or RST";
  type.parameters = {lasting()};
  type.scope = {false, true, false};
  type.make = make;
  return type;
}

}  // namespace streamgauge::fault

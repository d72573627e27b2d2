#include "harness/core/fault/machine.hpp"

namespace streamgauge::fault {

std::string_view to_string(PieceKind kind) {
  switch (kind) {
    case PieceKind::head:
      return "head";
    case PieceKind::data:
      return "data";
    case PieceKind::frame:
      return "frame";
    case PieceKind::last:
      return "last";
    case PieceKind::raw:
      return "raw";
    case PieceKind::eof:
      return "eof";
  }
  return "?";
}

void Machine::join(Shared&) {}
void Machine::start(Instant, Outlet&) {}
void Machine::on_time(Instant, Outlet&) {}
bool Machine::on_gone(Side, Instant, Outlet&) {
  return false;
}
void Machine::release(Instant, Outlet&) {}
bool Machine::holds(Direction) const {
  return false;
}
bool Machine::full(Direction) const {
  return false;
}

}  // namespace streamgauge::fault

// accept-silent: the connection is accepted, the request read, and that is all: no answer, no end.
// A client without a deadline for the response's head waits for ever.
#include "harness/core/fault/faults.hpp"
#include "harness/core/fault/machine.hpp"

namespace streamgauge::fault {
namespace {

class AcceptSilent final : public Machine {
 public:
  void on_piece(Direction direction, const Piece& piece, Instant, Outlet& out) override {
    if (piece.kind == PieceKind::eof) return out.pass(direction, piece);
    if (direction == Direction::up && piece.kind == PieceKind::head) {
      silent_ = true;
      out.fired();
    }
    // The rest of an answer that was under way before is none of this fault's affair.
    if (!silent_) out.pass(direction, piece);
  }

 private:
  bool silent_ = false;
};

}  // namespace

FaultType accept_silent() {
  FaultType type;
  type.name = "accept-silent";
  type.meaning = "the request is read and never answered, nor sent on";
  type.scope = {false, true, false};
  type.make = [](const FaultSpec&, std::uint64_t) -> std::unique_ptr<Machine> {
    return std::make_unique<AcceptSilent>();
  };
  return type;
}

}  // namespace streamgauge::fault

// refuse: nobody listens. Refusing all connections the proxy closes its listener (the kernel
// answers with an RST to the SYN); refusing some, it accepts them and answers with an RST at once.
#include "harness/core/fault/faults.hpp"
#include "harness/core/fault/machine.hpp"

namespace streamgauge::fault {
namespace {

class Refuse final : public Machine {
 public:
  /// Only a connection that is new: its first byte has not come.
  void start(Instant, Outlet& out) override {
    out.fired();
    out.reset(Side::client);
    out.reset(Side::upstream);
  }
  void on_piece(Direction direction, const Piece& piece, Instant, Outlet& out) override {
    out.pass(direction, piece);
  }
};

}  // namespace

FaultType refuse() {
  FaultType type;
  type.name = "refuse";
  type.meaning = "new connections are refused; those that are open stay";
  type.before_accept = true;
  type.make = [](const FaultSpec&, std::uint64_t) -> std::unique_ptr<Machine> {
    return std::make_unique<Refuse>();
  };
  return type;
}

}  // namespace streamgauge::fault

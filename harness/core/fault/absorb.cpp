// absorb: the proxy reads on for a client that has stopped (nginx a GiB, Varnish and h2o without
// bound), so that the server never learns of its slow consumer. In memory, up to a stated maximum.
#include "harness/core/fault/faults.hpp"
#include "harness/core/fault/machine.hpp"

namespace streamgauge::fault {
namespace {

class Absorb final : public Machine {
 public:
  explicit Absorb(const FaultSpec& spec) : max_(*spec.number("max")), on_(spec.scope.direction) {}

  void start(Instant, Outlet& out) override { set(max_, out); }
  void on_piece(Direction direction, const Piece& piece, Instant, Outlet& out) override {
    if (!told_ && piece.kind == PieceKind::data) out.fired();
    told_ = told_ || piece.kind == PieceKind::data;
    out.pass(direction, piece);
  }
  void release(Instant, Outlet& out) override { set(0, out); }

 private:
  void set(std::uint64_t bytes, Outlet& out) {
    for (const Direction direction : {Direction::up, Direction::down}) {
      if (on_.value_or(direction) == direction) out.absorb(direction, bytes);
    }
  }

  const std::uint64_t max_;
  const std::optional<Direction> on_;
  bool told_ = false;
};

}  // namespace

FaultType absorb() {
  FaultType type;
  type.name = "absorb";
  type.meaning = "the proxy reads on for a receiver that has stopped, into its memory";
  type.parameters = {
      {"max", ParameterForm::size, "1GiB", "so much for each connection, then the sender waits"}};
  type.scope = {true, false, false};
  type.direction = Direction::down;
  type.make = [](const FaultSpec& spec, std::uint64_t) -> std::unique_ptr<Machine> {
    return std::make_unique<Absorb>(spec);
  };
  return type;
}

}  // namespace streamgauge::fault

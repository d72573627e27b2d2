// hold-window: what comes within a window of time leaves together at its end, as HAProxy does
// without http-no-delay (some 205 ms): events come in bunches.
#include <algorithm>
#include <array>

#include "harness/core/fault/faults.hpp"
#include "harness/core/fault/holdback.hpp"

namespace streamgauge::fault {
namespace {

class HoldWindow final : public Machine {
 public:
  explicit HoldWindow(const FaultSpec& spec) : window_(*spec.duration("window")) {}

  void on_piece(Direction direction, const Piece& piece, Instant now, Outlet& out) override {
    const auto way = static_cast<std::size_t>(direction);
    if (held_[way].empty()) {
      if (piece.kind == PieceKind::head) return out.pass(direction, piece);
      out.fired();
      due_[way] = now + window_;
    }
    held_[way].add(piece);
    wake(out);
  }
  void on_time(Instant now, Outlet& out) override {
    for (const Direction direction : {Direction::up, Direction::down}) {
      const auto way = static_cast<std::size_t>(direction);
      if (now < due_[way]) continue;
      due_[way] = Instant::max();
      held_[way].release(direction, out);
    }
    wake(out);
  }
  void release(Instant, Outlet& out) override { on_time(Instant::max(), out); }
  bool holds(Direction direction) const override {
    return !held_[static_cast<std::size_t>(direction)].empty();
  }
  bool full(Direction direction) const override {
    return held_[static_cast<std::size_t>(direction)].size() >= held_bytes_max;
  }

 private:
  void wake(Outlet& out) const { out.wake_at(std::min(due_[0], due_[1])); }

  const Duration window_;
  std::array<Holdback, 2> held_;
  std::array<Instant, 2> due_{Instant::max(), Instant::max()};
};

}  // namespace

FaultType hold_window() {
  FaultType type;
  type.name = "hold-window";
  type.meaning = "bytes of the body wait for the end of a window of time and leave together";
  type.parameters = {{"window", ParameterForm::duration, "205ms", "from the first byte held"}};
  type.scope = {true, true, true};
  type.direction = Direction::down;
  type.make = [](const FaultSpec& spec, std::uint64_t) -> std::unique_ptr<Machine> {
    return std::make_unique<HoldWindow>(spec);
  };
  return type;
}

}  // namespace streamgauge::fault

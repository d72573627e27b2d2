// hold-bytes: a buffer that is passed on when it is full, as proxies buffer by default (nginx with
// proxy_buffering): a stream of small events shows nothing until kilobytes have come.
#include <array>

#include "harness/core/fault/faults.hpp"
#include "harness/core/fault/holdback.hpp"

namespace streamgauge::fault {
namespace {

class HoldBytes final : public Machine {
 public:
  explicit HoldBytes(const FaultSpec& spec)
      : bytes_(*spec.number("bytes")), with_head_(spec.text("head") == "held") {}

  void on_piece(Direction direction, const Piece& piece, Instant, Outlet& out) override {
    Holdback& held = held_[static_cast<std::size_t>(direction)];
    const bool passes = piece.kind == PieceKind::head && !with_head_ && held.empty();
    const bool begins = held.empty() && !passes;
    const bool ends = piece.kind == PieceKind::last || piece.kind == PieceKind::eof;
    if (passes || (held.empty() && ends)) return out.pass(direction, piece);
    if (begins) out.fired();
    held.add(piece);
    if (ends || held.size() >= bytes_) held.release(direction, out);
  }
  void release(Instant, Outlet& out) override {
    for (const Direction direction : {Direction::up, Direction::down}) {
      held_[static_cast<std::size_t>(direction)].release(direction, out);
    }
  }
  bool holds(Direction direction) const override {
    return !held_[static_cast<std::size_t>(direction)].empty();
  }

 private:
  const std::uint64_t bytes_;
  const bool with_head_;
  std::array<Holdback, 2> held_;
};

}  // namespace

FaultType hold_bytes() {
  FaultType type;
  type.name = "hold-bytes";
  type.meaning = "nothing passes until so many bytes have come, or the message is complete";
  type.parameters = {
      {"bytes", ParameterForm::size, "16KiB", "so many at a time", false, false, {}, 64u << 20},
      {"head", ParameterForm::word, "held", "whether the head waits, too", false, false,
       "held passes"}};
  type.scope = {true, true, true};
  type.direction = Direction::down;
  type.make = [](const FaultSpec& spec, std::uint64_t) -> std::unique_ptr<Machine> {
    return std::make_unique<HoldBytes>(spec);
  };
  return type;
}

}  // namespace streamgauge::fault

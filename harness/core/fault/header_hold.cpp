// header-hold: the head of an answer is withheld, and all behind it: until the first byte of the
// body comes (h2o), or so many, or for so long. A client sees a server that does not answer.
#include "harness/core/fault/faults.hpp"
#include "harness/core/fault/holdback.hpp"

namespace streamgauge::fault {
namespace {

class HeaderHold final : public Machine {
 public:
  explicit HeaderHold(const FaultSpec& spec)
      : lasts_(spec.duration("for")),
        bytes_(spec.number("bytes").value_or(lasts_ ? UINT64_MAX : 1)) {}

  void on_piece(Direction direction, const Piece& piece, Instant now, Outlet& out) override {
    if (direction == Direction::up) return out.pass(direction, piece);
    if (piece.kind == PieceKind::head && held_.empty()) {
      out.fired();
      body_ = 0;
      held_.add(piece);
      if (lasts_) out.wake_at(now + *lasts_);
      return;
    }
    if (held_.empty()) return out.pass(direction, piece);
    held_.add(piece);
    if (piece.kind == PieceKind::data) body_ += piece.bytes.size();
    const bool ends = piece.kind == PieceKind::last && !lasts_;
    if (body_ >= bytes_ || ends || piece.kind == PieceKind::eof) held_.release(direction, out);
  }
  void on_time(Instant, Outlet& out) override { held_.release(Direction::down, out); }
  void release(Instant now, Outlet& out) override { on_time(now, out); }
  bool holds(Direction direction) const override {
    return direction == Direction::down && !held_.empty();
  }
  bool full(Direction direction) const override {
    return direction == Direction::down && held_.size() >= held_bytes_max;
  }

 private:
  const std::optional<Duration> lasts_;
  const std::uint64_t bytes_;
  std::uint64_t body_ = 0;
  Holdback held_;
};

}  // namespace

FaultType header_hold() {
  FaultType type;
  type.name = "header-hold";
  type.meaning = "the answer's head is withheld, and what follows it";
  type.parameters = {{"for", ParameterForm::duration, "", "for so long", false, true},
                     {"bytes",
                      ParameterForm::size,
                      "",
                      "until so many bytes of the body have come; 1 without for",
                      false,
                      false,
                      {},
                      128u << 10}};
  type.scope = {false, true, false};
  type.make = [](const FaultSpec& spec, std::uint64_t) -> std::unique_ptr<Machine> {
    return std::make_unique<HeaderHold>(spec);
  };
  return type;
}

}  // namespace streamgauge::fault

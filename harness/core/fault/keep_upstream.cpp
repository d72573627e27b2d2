// keep-upstream: the client leaves, and the server is not told: the proxy stays connected and goes
// on reading (lighttpd does), so that the server serves a reader that does not exist.
#include "harness/core/fault/faults.hpp"
#include "harness/core/fault/machine.hpp"

namespace streamgauge::fault {
namespace {

class KeepUpstream final : public Machine {
 public:
  explicit KeepUpstream(const FaultSpec& spec) : lasts_(spec.duration("for")) {}

  void on_piece(Direction direction, const Piece& piece, Instant now, Outlet& out) override {
    if (direction == Direction::up && piece.kind == PieceKind::head) asked_ = true;
    const bool leaves = direction == Direction::up && piece.kind == PieceKind::eof;
    if (!leaves || !keep(now, out)) out.pass(direction, piece);
  }
  bool on_gone(Side side, Instant now, Outlet& out) override {
    return side == Side::client && keep(now, out);
  }
  void on_time(Instant, Outlet& out) override { release({}, out); }
  void release(Instant, Outlet& out) override {
    if (kept_) out.close();
  }

 private:
  bool keep(Instant now, Outlet& out) {
    if (!asked_) return false;
    if (kept_) return true;
    kept_ = true;
    out.fired();
    out.keep(Side::upstream);
    if (lasts_) out.wake_at(now + *lasts_);
    return true;
  }

  const std::optional<Duration> lasts_;
  bool asked_ = false;
  bool kept_ = false;
};

}  // namespace

FaultType keep_upstream() {
  FaultType type;
  type.name = "keep-upstream";
  type.meaning = "the client has left, and the server is neither told nor stopped";
  type.parameters = {{"for", ParameterForm::duration, "",
                      "then it is told; without: not before the server ends", false, true}};
  type.scope = {false, true, false};
  type.make = [](const FaultSpec& spec, std::uint64_t) -> std::unique_ptr<Machine> {
    return std::make_unique<KeepUpstream>(spec);
  };
  return type;
}

}  // namespace streamgauge::fault

// idle-cut: a path that ends connections on which nothing moved for a while: the idle time-out of
// load balancers and proxies. The client finds a body that was cut without its terminal chunk, or,
// when the answer had not begun, the status that such proxies give.
#include "harness/core/fault/answer.hpp"
#include "harness/core/fault/faults.hpp"
#include "harness/core/fault/machine.hpp"

namespace streamgauge::fault {
namespace {

class IdleCut final : public Machine {
 public:
  explicit IdleCut(const FaultSpec& spec)
      : after_(*spec.duration("after")),
        by_reset_(spec.text("how") == "reset"),
        status_(static_cast<int>(spec.number("status").value_or(0))) {}

  void start(Instant now, Outlet& out) override { moved(now, out); }
  void on_piece(Direction direction, const Piece& piece, Instant now, Outlet& out) override {
    if (direction == Direction::up && piece.kind == PieceKind::head) unanswered_ = true;
    if (direction == Direction::down) unanswered_ = false;
    moved(now, out);
    out.pass(direction, piece);
  }
  void on_time(Instant now, Outlet& out) override {
    if (now < due_) return out.wake_at(due_);
    out.fired();
    if (unanswered_ && status_ != 0) {
      answer({status_, {}, {}, false}, out);
    } else if (by_reset_) {
      out.reset(Side::client);
      out.reset(Side::upstream);
    } else {
      out.close();
    }
  }

 private:
  void moved(Instant now, Outlet& out) {
    due_ = now + after_;
    out.wake_at(due_);
  }

  const Duration after_;
  const bool by_reset_;
  const int status_;
  Instant due_{};
  bool unanswered_ = false;
};

}  // namespace

FaultType idle_cut() {
  FaultType type;
  type.name = "idle-cut";
  type.meaning = "the connection is ended when no byte has passed for a while";
  type.parameters = {
      {"after", ParameterForm::duration, "", "without a byte in the direction", true, true},
      {"how", ParameterForm::word, "close", "FIN or RST, to both sides", false, false,
       "close reset"},
      {"status", ParameterForm::status, "", "answered instead when no answer had begun"}};
  type.scope = {true, true, true};
  type.make = [](const FaultSpec& spec, std::uint64_t) -> std::unique_ptr<Machine> {
    return std::make_unique<IdleCut>(spec);
  };
  return type;
}

}  // namespace streamgauge::fault

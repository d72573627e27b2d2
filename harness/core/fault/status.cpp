// status: the proxy answers in the server's place: at once, without asking it, or when the server's
// answer has not begun in time, as load balancers do (ALB and CloudFront answer 504).
#include "harness/core/fault/answer.hpp"
#include "harness/core/fault/faults.hpp"
#include "harness/core/fault/machine.hpp"

namespace streamgauge::fault {
namespace {

class Status final : public Machine {
 public:
  explicit Status(const FaultSpec& spec)
      : answer_{static_cast<int>(*spec.number("code")),
                spec.duration("retry_after"),
                {},
                spec.text("body") == "html"},
        after_(spec.duration("after")) {}

  void on_piece(Direction direction, const Piece& piece, Instant now, Outlet& out) override {
    if (answered_) return;
    if (direction == Direction::down) {
      waiting_ = false;
      return out.pass(direction, piece);
    }
    if (piece.kind == PieceKind::head) {
      if (!after_) return give(out);
      waiting_ = true;
      out.wake_at(due_ = now + *after_);
    }
    out.pass(direction, piece);
  }
  void on_time(Instant now, Outlet& out) override {
    if (waiting_ && now >= due_) give(out);
  }

 private:
  void give(Outlet& out) {
    out.fired();
    answered_ = true;
    answer(answer_, out);
  }

  const Answer answer_;
  const std::optional<Duration> after_;
  Instant due_{};
  bool waiting_ = false;  // for the server's answer to begin
  bool answered_ = false;
};

}  // namespace

FaultType status() {
  FaultType type;
  type.name = "status";
  type.meaning = "the proxy answers with an error in the server's place, and closes";
  type.parameters = {
      {"code", ParameterForm::status, "502", "the status, from 400 to 599"},
      {"after", ParameterForm::duration, "",
       "only when the server's answer has not begun by then; without: at once, unasked", false,
       true},
      {"retry_after", ParameterForm::duration, "", "a Retry-After of so many seconds", false, true},
      {"body", ParameterForm::word, "html", "a page as gateways show it, or a line", false, false,
       "html text"}};
  type.scope = {false, true, false};
  type.make = [](const FaultSpec& spec, std::uint64_t) -> std::unique_ptr<Machine> {
    return std::make_unique<Status>(spec);
  };
  return type;
}

}  // namespace streamgauge::fault

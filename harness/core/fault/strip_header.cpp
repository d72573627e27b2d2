// strip-header: a header field does not come through: without Last-Event-ID nobody can resume,
// without X-Accel-Buffering the next proxy buffers.
#include <algorithm>

#include "harness/core/fault/faults.hpp"
#include "harness/core/fault/head_edit.hpp"
#include "harness/core/fault/machine.hpp"

namespace streamgauge::fault {
namespace {

class StripHeader final : public Machine {
 public:
  explicit StripHeader(const FaultSpec& spec) : name_(spec.text("name")) {}

  void on_piece(Direction direction, const Piece& piece, Instant, Outlet& out) override {
    if (piece.kind != PieceKind::head) return out.pass(direction, piece);
    const std::string head = without_field(piece.bytes, name_);
    if (head.size() != piece.bytes.size()) out.fired();
    out.pass(direction, {piece.kind, head});
  }

 private:
  const std::string name_;
};

}  // namespace

FaultType strip_header() {
  FaultType type;
  type.name = "strip-header";
  type.meaning = "a header field does not come through";
  type.parameters = {{"name", ParameterForm::header, "", "such as Last-Event-ID", true}};
  type.scope = {true, true, false};
  type.direction = Direction::up;
  type.make = [](const FaultSpec& spec, std::uint64_t) -> std::unique_ptr<Machine> {
    return std::make_unique<StripHeader>(spec);
  };
  return type;
}

}  // namespace streamgauge::fault

// latency: everything arrives later, in its order. With jitter each piece draws its delay anew from
// delay - jitter to delay + jitter; what comes behind a slower piece waits for it, as on a network
// path that keeps order.
#include <algorithm>
#include <array>
#include <deque>

#include "harness/core/base/random.hpp"
#include "harness/core/fault/faults.hpp"
#include "harness/core/fault/machine.hpp"

namespace streamgauge::fault {
namespace {

class Latency final : public Machine {
 public:
  Latency(const FaultSpec& spec, std::uint64_t seed)
      : delay_(*spec.duration("delay")),
        jitter_(spec.duration("jitter").value_or(Duration{})),
        buffer_(*spec.number("buffer")),
        random_(seed) {}

  void on_piece(Direction direction, const Piece& piece, Instant now, Outlet& out) override {
    Way& way = ways_[static_cast<std::size_t>(direction)];
    if (now != way.drawn_at) {  // pieces of one read travel together
      way.drawn_at = now;
      const Duration drawn = delay_ + streamgauge::scaled(jitter_ * 2, random_.share()) - jitter_;
      way.due = std::max(way.due, now + drawn);
    }
    if (way.pieces.empty()) out.fired();
    way.bytes += piece.bytes.size();
    way.pieces.push_back({way.due, piece.kind, std::string{piece.bytes}});
    out.wake_at(next_due());
  }
  void on_time(Instant now, Outlet& out) override {
    let_go(Direction::up, now, out);
    let_go(Direction::down, now, out);
    out.wake_at(next_due());
  }
  void release(Instant, Outlet& out) override { on_time(Instant::max(), out); }
  bool holds(Direction direction) const override {
    return !ways_[static_cast<std::size_t>(direction)].pieces.empty();
  }
  bool full(Direction direction) const override {
    return ways_[static_cast<std::size_t>(direction)].bytes >= buffer_;
  }

 private:
  struct Late {
    Instant due{};
    PieceKind kind{};
    std::string bytes;
  };
  struct Way {
    std::deque<Late> pieces;
    std::uint64_t bytes = 0;
    Instant due{};
    Instant drawn_at{};
  };

  void let_go(Direction direction, Instant now, Outlet& out) {
    Way& way = ways_[static_cast<std::size_t>(direction)];
    while (!way.pieces.empty() && way.pieces.front().due <= now) {
      const Late late = std::move(way.pieces.front());
      way.pieces.pop_front();
      way.bytes -= late.bytes.size();
      out.pass(direction, {late.kind, late.bytes});
    }
  }
  [[nodiscard]] Instant next_due() const {
    Instant due = Instant::max();
    for (const Way& way : ways_) {
      if (!way.pieces.empty()) due = std::min(due, way.pieces.front().due);
    }
    return due;
  }

  const Duration delay_, jitter_;
  const std::uint64_t buffer_;
  Random random_;
  std::array<Way, 2> ways_;
};

std::string contradiction(const FaultSpec& spec) {
  if (spec.duration("jitter").value_or(Duration{}) <= *spec.duration("delay")) return {};
  return "key 'jitter': at most the delay";
}

}  // namespace

FaultType latency() {
  FaultType type;
  type.name = "latency";
  type.meaning = "everything arrives later, in its order";
  type.parameters = {
      {"delay", ParameterForm::duration, "", "how much later", true},
      {"jitter", ParameterForm::duration, "", "so much more or less, drawn for each read"},
      {"buffer", ParameterForm::size, "4MiB", "what is under way before the sender must wait"}};
  type.scope = {true, true, true};
  type.direction = Direction::down;
  type.make = [](const FaultSpec& spec, std::uint64_t seed) -> std::unique_ptr<Machine> {
    return std::make_unique<Latency>(spec, seed);
  };
  type.contradiction = contradiction;
  return type;
}

}  // namespace streamgauge::fault

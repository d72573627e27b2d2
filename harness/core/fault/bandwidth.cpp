// bandwidth: so many bytes a second and no more, evenly (a token bucket of 50 ms).
#include <algorithm>
#include <array>
#include <deque>

#include "harness/core/base/token_bucket.hpp"
#include "harness/core/fault/faults.hpp"
#include "harness/core/fault/holdback.hpp"

namespace streamgauge::fault {
namespace {

class Bandwidth final : public Machine {
 public:
  explicit Bandwidth(const FaultSpec& spec) : rate_(static_cast<double>(*spec.number("rate"))) {}

  void start(Instant now, Outlet&) override {
    for (Way& way : ways_) way.bucket = TokenBucket{rate_, now};
  }
  void on_piece(Direction direction, const Piece& piece, Instant now, Outlet& out) override {
    Way& way = ways_[static_cast<std::size_t>(direction)];
    if (way.pieces.empty()) out.fired();
    way.bytes += piece.bytes.size();
    way.pieces.push_back({piece.kind, std::string{piece.bytes}});
    let_go(direction, now, out);
    wake(out);
  }
  void on_time(Instant now, Outlet& out) override {
    let_go(Direction::up, now, out);
    let_go(Direction::down, now, out);
    wake(out);
  }
  void release(Instant, Outlet& out) override {
    for (const Direction direction : {Direction::up, Direction::down}) {
      Way& way = ways_[static_cast<std::size_t>(direction)];
      const auto pieces = std::exchange(way.pieces, {});
      way.bytes = 0;
      for (const Waiting& it : pieces) out.pass(direction, {it.kind, it.bytes});
    }
  }
  bool holds(Direction direction) const override {
    return !ways_[static_cast<std::size_t>(direction)].pieces.empty();
  }
  bool full(Direction direction) const override {
    return ways_[static_cast<std::size_t>(direction)].bytes >= held_bytes_max;
  }

 private:
  struct Waiting {
    PieceKind kind{};
    std::string bytes;
  };
  struct Way {
    std::deque<Waiting> pieces;
    std::uint64_t bytes = 0;
    TokenBucket bucket;
  };

  void let_go(Direction direction, Instant now, Outlet& out) {
    Way& way = ways_[static_cast<std::size_t>(direction)];
    while (!way.pieces.empty()) {
      Waiting& first = way.pieces.front();
      const auto size = static_cast<std::size_t>(
          std::min<std::uint64_t>(first.bytes.size(), way.bucket.available(now)));
      // A head is one piece: it goes as a whole, and what follows pays for it.
      const bool whole = size == first.bytes.size() || (first.kind == PieceKind::head && size > 0);
      if (size == 0 && !first.bytes.empty()) return;
      const std::size_t part = whole ? first.bytes.size() : size;
      const std::string bytes = first.bytes.substr(0, part);
      const PieceKind kind = first.kind;
      way.bucket.take(part);
      way.bytes -= part;
      whole ? way.pieces.pop_front() : void(first.bytes.erase(0, part));
      out.pass(direction, {kind, bytes});
    }
  }
  void wake(Outlet& out) const {
    Instant due = Instant::max();
    for (const Way& way : ways_) {
      if (!way.pieces.empty()) due = std::min(due, way.bucket.worth_reading_at());
    }
    out.wake_at(due);
  }

  const double rate_;
  std::array<Way, 2> ways_;
};

}  // namespace

FaultType bandwidth() {
  FaultType type;
  type.name = "bandwidth";
  type.meaning = "so many bytes a second and no more";
  type.parameters = {{"rate", ParameterForm::byte_rate, "", "bytes a second", true}};
  type.scope = {true, true, true};
  type.direction = Direction::down;
  type.make = [](const FaultSpec& spec, std::uint64_t) -> std::unique_ptr<Machine> {
    return std::make_unique<Bandwidth>(spec);
  };
  return type;
}

}  // namespace streamgauge::fault

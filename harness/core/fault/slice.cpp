// slice: bytes arrive in small writes of their own, with a pause between: wherever that may be, or
// just where it hurts, inside of UTF-8 characters and between CR and LF.
#include <algorithm>
#include <array>
#include <deque>

#include "harness/core/fault/faults.hpp"
#include "harness/core/fault/holdback.hpp"

namespace streamgauge::fault {
namespace {

class Slice final : public Machine {
 public:
  explicit Slice(const FaultSpec& spec)
      : size_(*spec.number("bytes")),
        gap_(spec.duration("gap").value_or(Duration{})),
        where_(spec.text("where")) {}

  void on_piece(Direction direction, const Piece& piece, Instant now, Outlet& out) override {
    Way& way = ways_[static_cast<std::size_t>(direction)];
    const bool whole = piece.kind == PieceKind::eof || piece.bytes.empty();
    if (piece.kind == PieceKind::head || whole) {  // others must be able to read it
      way.bytes += piece.bytes.size();
      way.parts.push_back({piece.kind, std::string{piece.bytes}});
    }
    for (std::string_view rest = piece.bytes; piece.kind != PieceKind::head && !rest.empty();) {
      const std::size_t part = next_part(rest);
      way.bytes += part;
      way.parts.push_back({piece.kind, std::string{rest.substr(0, part)}});
      rest.remove_prefix(part);
    }
    let_go(direction, now, out);
  }
  void on_time(Instant now, Outlet& out) override {
    let_go(Direction::up, now, out);
    let_go(Direction::down, now, out);
  }
  void release(Instant, Outlet& out) override { on_time(Instant::max(), out); }
  bool holds(Direction direction) const override {
    return !ways_[static_cast<std::size_t>(direction)].parts.empty();
  }
  bool full(Direction direction) const override {
    return ways_[static_cast<std::size_t>(direction)].bytes >= held_bytes_max;
  }

 private:
  struct Part {
    PieceKind kind{};
    std::string bytes;
  };
  struct Way {
    std::deque<Part> parts;
    std::size_t bytes = 0;
    Instant next{};  // not before that
  };

  /// Up to and with the first byte behind which is to be cut.
  [[nodiscard]] std::size_t next_part(std::string_view bytes) const {
    if (where_ == "anywhere") return std::min<std::size_t>(bytes.size(), size_);
    for (std::size_t i = 0; i + 1 < bytes.size(); ++i) {
      const bool in_character = (static_cast<unsigned char>(bytes[i + 1]) & 0xc0u) == 0x80u;
      if (where_ != "crlf" && in_character) return i + 1;
      if (where_ != "utf8" && bytes[i] == '\r' && bytes[i + 1] == '\n') return i + 1;
    }
    return bytes.size();
  }

  void let_go(Direction direction, Instant now, Outlet& out) {
    Way& way = ways_[static_cast<std::size_t>(direction)];
    while (!way.parts.empty() && now >= way.next) {
      const Part part = std::move(way.parts.front());
      way.parts.pop_front();
      way.bytes -= part.bytes.size();
      out.pass(direction, {part.kind, part.bytes});
      if (part.bytes.empty()) continue;
      out.cut(direction);
      if (!way.parts.empty()) out.fired();
      if (now != Instant::max()) way.next = now + gap_;
    }
    Instant due = Instant::max();
    for (const Way& it : ways_) {
      if (!it.parts.empty()) due = std::min(due, it.next);
    }
    out.wake_at(due);
  }

  const std::uint64_t size_;
  const Duration gap_;
  const std::string where_;
  std::array<Way, 2> ways_;
};

}  // namespace

FaultType slice() {
  FaultType type;
  type.name = "slice";
  type.meaning = "bytes arrive in small writes, also within UTF-8 characters and line ends";
  type.parameters = {{"bytes", ParameterForm::size, "1B", "so many a write"},
                     {"gap", ParameterForm::duration, "", "pause between two writes"},
                     {"where", ParameterForm::word, "anywhere",
                      "anywhere: each `bytes`; else only inside of characters, of CRLF, or of both",
                      false, false, "anywhere utf8 crlf both"}};
  type.scope = {true, true, true};
  type.direction = Direction::down;
  type.make = [](const FaultSpec& spec, std::uint64_t) -> std::unique_ptr<Machine> {
    return std::make_unique<Slice>(spec);
  };
  return type;
}

}  // namespace streamgauge::fault

// The state machine of one fault on one connection. Pure: what passes and the time go in, orders
// go out through an Outlet; the proxy (harness/net/proxy) carries them out.
//
// What passes is cut into pieces whose bytes, put together, are exactly what was received: a piece
// tells what it is, so that a fault can let the framing of chunks alone or take it away. A fault
// that does nothing passes each piece on. Order is kept as long as a fault passes pieces on in the
// order in which it got them; the end of input is a piece like others, so that it cannot overtake
// what is held.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "harness/core/fault/fault.hpp"

namespace streamgauge::fault {

enum class PieceKind : std::uint8_t {
  head,   // a whole request or response head, blank line included; nothing else is one
  data,   // bytes of a body
  frame,  // what chunking puts around them: size lines, line ends
  last,   // the end of a body, once; its bytes are the terminal chunk where there is one
  raw,    // what is not HTTP/1.x (any more): a tunnel, interim answers, garbage
  eof,    // the sender has closed; no bytes
};
[[nodiscard]] std::string_view to_string(PieceKind kind);

struct Piece {
  PieceKind kind = PieceKind::data;
  std::string_view bytes;
};

/// The request that is under way in a direction: the one whose bytes pass, or are answered.
struct Exchange {
  std::string method;  // empty: not known
  std::string target;
  bool http11 = true;  // the client's version: an older one knows no chunks
  bool accepts_gzip = false;
};

/// How one fault gives its orders. Pieces passed on go to the next fault in that direction.
class Outlet {
 public:
  virtual ~Outlet() = default;

  virtual void pass(Direction direction, const Piece& piece) = 0;
  /// What was passed on so far in that direction leaves in a write of its own.
  virtual void cut(Direction direction) = 0;
  /// Both sides end in order, once what was passed on is written: FIN, no RST.
  virtual void close() = 0;
  /// RST to that side, at once; what it was still to be sent is lost.
  virtual void reset(Side side) = 0;
  /// To that side the proxy vanishes: nothing is sent, acknowledged, or closed any more.
  virtual void vanish(Side side) = 0;
  virtual void reappear(Side side) = 0;
  /// So many bytes may wait for the receiver before the sender is made to wait.
  virtual void absorb(Direction direction, std::uint64_t bytes) = 0;
  /// The other side stays connected, and is read, though this one has left.
  virtual void keep(Side side) = 0;
  /// The machine wants on_time() at that time; a later call replaces an earlier one.
  virtual void wake_at(Instant at) = 0;
  /// It has taken effect; counted once for each call.
  virtual void fired() = 0;
  [[nodiscard]] virtual const Exchange& exchange(Direction direction) const = 0;
  /// The head of an answer has passed, and its end has not: what start() finds under way.
  [[nodiscard]] virtual bool answering() const = 0;
};

/// What the machines of one fault have in common, whatever their connections.
class Shared {
 public:
  Shared() = default;
  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;
  virtual ~Shared() = default;
};

class Machine {
 public:
  Machine() = default;
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;
  virtual ~Machine() = default;

  /// Before anything else, where the fault's type has something to share; it outlives the machine.
  virtual void join(Shared& shared);
  /// Before any piece: the connection has been accepted, or the fault was put in place.
  virtual void start(Instant now, Outlet& out);
  /// Pieces of the directions that the scope names; others pass by.
  virtual void on_piece(Direction direction, const Piece& piece, Instant now, Outlet& out) = 0;
  virtual void on_time(Instant now, Outlet& out);
  /// That side is gone without an end of input: reset, or its connection broke. True: the machine
  /// has taken care of it; else both sides are reset.
  virtual bool on_gone(Side side, Instant now, Outlet& out);
  /// It no longer applies: to pass on what it holds, and to undo what it did as far as that can be
  /// done.
  virtual void release(Instant now, Outlet& out);
  /// It holds pieces of that direction, or is in the middle of rewriting a body: even pieces that
  /// are out of its scope must go through it, so that order is kept.
  [[nodiscard]] virtual bool holds(Direction direction) const;
  /// Takes no more for now: its sender is made to wait.
  [[nodiscard]] virtual bool full(Direction direction) const;
};

}  // namespace streamgauge::fault

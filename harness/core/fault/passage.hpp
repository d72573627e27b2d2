// What the proxy does with one connection, as a pure machine: bytes, ends and the time go in; what
// to write, to end, to reset comes out through a Sink. Holds the connection's faults in their order
// and cuts both directions into pieces for them. Without any fault bytes go through as they are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/fault/event_count.hpp"
#include "harness/core/fault/framing.hpp"
#include "harness/core/fault/machine.hpp"

namespace streamgauge::fault {

/// Carries out what a passage decides. Calls come from within the passage's own functions.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual void write(Side to, std::string_view bytes) = 0;
  /// What was written so far leaves in a write of its own.
  virtual void cut(Side to) = 0;
  /// FIN to that side, behind what was written to it.
  virtual void finish(Side to) = 0;
  /// Both sides end in order, behind what was written to them.
  virtual void close() = 0;
  virtual void reset(Side side) = 0;
  virtual void vanish(Side side) = 0;
  virtual void reappear(Side side) = 0;
  virtual void absorb(Side to, std::uint64_t bytes) = 0;
  virtual void keep(Side side) = 0;
  /// The fault with that number has taken effect.
  virtual void fired(std::uint32_t fault) = 0;
};

/// A fault as it is put in place: the same for all connections that it applies to.
struct Placed {
  std::uint32_t number = 0;  // which one, for Sink::fired() and for taking it away
  FaultSpec spec;
  Instant since{};  // when it was put in place: the scope's window counts from here
  std::shared_ptr<Shared> shared = {};  // as its type makes it, if it does
};

class Passage {
 public:
  explicit Passage(Sink& sink);
  ~Passage();
  Passage(const Passage&) = delete;
  Passage& operator=(const Passage&) = delete;

  /// Places it behind those of smaller numbers; `seed`: of this connection and fault.
  void add(const Placed& fault, std::uint64_t seed, Instant now);
  /// What it holds is passed on. False when there is none of that number.
  bool remove(std::uint32_t number, Instant now);

  void on_bytes(Direction direction, std::string_view bytes, Instant now);
  void on_eof(Direction direction, Instant now);
  void on_gone(Side side, Instant now);
  void on_time(Instant now);
  /// The server cannot be reached: the client is told so, as gateways do (502).
  void on_unreachable(Instant now);

  /// When on_time() has something to do; Instant::max(): never.
  [[nodiscard]] Instant due() const;
  /// False: what that direction's sender sends must wait.
  [[nodiscard]] bool wants(Direction direction) const;
  /// Bytes go through untouched: nobody looks at pieces.
  [[nodiscard]] bool plain() const { return stages_.empty(); }

 private:
  struct Stage;
  class StageOutlet;

  void scan(Direction direction, std::string_view bytes);
  /// Keeps the book of requests and answers as a piece comes in; true: an answer is complete.
  bool note(Direction direction, const Piece& piece);
  /// To the stage at `at`, or whichever of those behind it in that direction it is for.
  void feed(Direction direction, std::ptrdiff_t at, Piece piece, Instant now);
  void deliver(Direction direction, const Piece& piece);
  void enter(Direction direction, const Piece& piece, Instant now);
  void watch_window(std::size_t at, Instant now);
  void sweep();
  [[nodiscard]] const Exchange& exchange(Direction direction) const;
  [[nodiscard]] Framing& framing(Direction direction) {
    return direction == Direction::up ? up_ : down_;
  }

  Sink& sink_;
  Framing up_{Direction::up};
  Framing down_{Direction::down};
  Exchange asked_;                  // the request that is being received
  std::vector<Exchange> awaiting_;  // requests that were sent on and are not answered in full
  std::vector<std::unique_ptr<Stage>> stages_;
  bool answering_ = false;  // the head of an answer to awaiting_.front() has come in
};

}  // namespace streamgauge::fault

// When a fault strikes within an answer: behind so many bytes of its body, or events, or after so
// much time, whichever comes first; at once behind the head when nothing is said.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "harness/core/fault/event_count.hpp"
#include "harness/core/fault/machine.hpp"

namespace streamgauge::fault {

/// Its parameters, to be put into a fault's table. `time` counts from the head of the answer.
[[nodiscard]] std::vector<Parameter> trigger_parameters();

class Trigger {
 public:
  /// Reads the parameters above.
  explicit Trigger(const FaultSpec& spec);

  /// A head passes: a new answer.
  void begin(Instant now);
  /// How many of these bytes of the body pass before it strikes; all of them when it does not.
  [[nodiscard]] std::size_t before(std::string_view data);
  /// True from the moment that it strikes.
  [[nodiscard]] bool struck(Instant now) const;
  /// When time makes it strike; Instant::max(): never.
  [[nodiscard]] Instant due() const { return due_; }
  /// Nothing was said of when.
  [[nodiscard]] bool at_once() const { return !bytes_ && events_ == 0 && blocks_ == 0 && !time_; }

 private:
  std::optional<std::uint64_t> bytes_;
  std::uint64_t events_, blocks_, plus_;
  std::optional<Duration> time_;

  bool begun_ = false;
  bool struck_ = false;
  Instant due_ = Instant::max();
  std::uint64_t passed_ = 0;                // bytes
  std::uint64_t counted_ = 0;               // events or blocks
  std::optional<std::uint64_t> plus_left_;  // once the events have passed
  EventCount events_seen_;
};

/// The part of a fault that all those share which strike within an answer: pieces pass until then.
/// `strike` is called once for each answer that is struck; pieces behind it are its own. An answer
/// that is under way when the fault comes into force is counted from there on.
class StrikingMachine : public Machine {
 public:
  explicit StrikingMachine(const FaultSpec& spec) : trigger_(spec) {}

  void start(Instant now, Outlet& out) final;
  void on_piece(Direction direction, const Piece& piece, Instant now, Outlet& out) final;
  void on_time(Instant now, Outlet& out) final;

 protected:
  virtual void strike(Instant now, Outlet& out) = 0;
  /// Pieces that come once it has struck, `direction` the one that is struck; dropped by default.
  virtual void on_piece_after(Direction direction, const Piece& piece, Instant now, Outlet& out);
  /// A time of its own, asked for by wake_for().
  virtual void on_own_time(Instant now, Outlet& out);
  void wake_for(Instant at, Outlet& out);
  /// As if nothing had struck; with the next head it counts again.
  void rearm() { struck_ = false; }
  [[nodiscard]] bool has_struck() const { return struck_; }
  /// True: strikes in the place of the end of a body that has no fault before.
  [[nodiscard]] virtual bool strikes_at_end() const { return false; }

 private:
  /// An answer's head has passed, here or before.
  void begin(Instant now, Outlet& out);

  Trigger trigger_;
  bool struck_ = false;
  bool in_answer_ = false;
  Instant own_ = Instant::max();
};

}  // namespace streamgauge::fault

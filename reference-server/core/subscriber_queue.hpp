// What waits for one subscriber whose socket does not take it at once.
//
// Bounded in events and bytes of SSE blocks. Three things stand outside of the bounds, because they
// are few by construction: control messages (head, terminal chunk), at most one heartbeat, and the
// lag notices (never more than critical messages plus two).
//
// Invariants:
//  - events() <= events_max and bytes() <= bytes_max, except that an event which finds no other
//    waiting is always taken: a bound smaller than one event must not silence the stream.
//  - The front may be partly written; then it is never dropped, changed or sent again.
//  - With critical_kept, a critical message is never displaced. It displaces normal ones; when only
//    critical ones are left and it does not fit, the answer is to disconnect: the peer comes back
//    with its last id and misses nothing that replay covers.
//  - The sum of all lag notices sent equals the number of events dropped; each stands exactly where
//    the gap is, before the next event that is delivered.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/contract/contract.hpp"
#include "reference-server/core/event.hpp"
#include "reference-server/core/flaws.hpp"

namespace streamgauge::server {

struct QueueBounds {
  static constexpr std::uint64_t unlimited = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t events_max = unlimited;
  std::uint64_t bytes_max = unlimited;
  Overflow overflow = Overflow::disconnect;
  bool critical_kept = false;
  std::string lag_event;   // type of the notice; empty: gaps are counted but not announced
  std::string lag_text{};  // its data, with {n} for the number; empty: "dropped {n} events"
  Flaws flaws{};
};

class SubscriberQueue {
 public:
  struct Pushed {
    bool disconnect = false;  // nothing was changed; close the stream
    std::uint32_t dropped_normal = 0;
    std::uint32_t dropped_critical = 0;  // only without critical_kept
  };
  struct Consumed {
    std::uint32_t messages = 0;       // wholly written now
    std::uint64_t message_bytes = 0;  // SSE bytes of those
    std::uint32_t heartbeats = 0;
    std::uint32_t lag_notices = 0;
  };

  Pushed push(EventPtr event, const QueueBounds& bounds);
  /// Events read from the replay ring: the ring's bound applies to them, not the queue's.
  void push_replayed(EventPtr event) { append(std::move(event)); }
  /// The rest of an event of which `written` bytes (as framed) have left already.
  void push_started(EventPtr event, std::size_t written);
  void push_control(EventPtr event) { append(std::move(event)); }
  void push_heartbeat(EventPtr event) { append(std::move(event)); }
  /// Flaw::heartbeat_displaces_message: in a full queue the oldest message makes room, whatever it
  /// is.
  Pushed push_displacing(EventPtr heartbeat, const QueueBounds& bounds);
  /// Flaw::duplicate_after_drain: the message at the front is to be sent once more; false when
  /// there is none.
  bool repeat_front();
  /// Events that were lost before they came here (the ring overtook a slow replay).
  void push_gap(std::uint64_t events, const QueueBounds& bounds);
  /// Forgets all that has not begun to leave.
  void clear_unsent();

  /// Fills `out` with the next bytes to write, oldest first; returns how many views were set.
  std::size_t gather(std::span<std::string_view> out, Framing framing, const QueueBounds& bounds);
  /// `bytes` of what gather() gave have been taken by the socket.
  Consumed consume(std::size_t bytes, Framing framing);

  [[nodiscard]] bool empty() const { return head_ == items_.size(); }
  /// Messages that wait, the partly written one included.
  [[nodiscard]] std::uint64_t events() const { return events_; }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

 private:
  struct Item {
    EventPtr event;             // of a lag notice: rendered when it is gathered
    std::uint64_t dropped = 0;  // above 0: a lag notice
  };

  [[nodiscard]] bool started(std::size_t at) const { return at == head_ && offset_ > 0; }
  [[nodiscard]] bool droppable(std::size_t at, const QueueBounds& bounds) const;
  [[nodiscard]] bool fits(std::size_t size, const QueueBounds& bounds) const;
  [[nodiscard]] bool could_fit(std::size_t size, const QueueBounds& bounds) const;
  void append(EventPtr event);
  void count(const Event& event, bool in);
  void drop(std::size_t at, const QueueBounds& bounds, Pushed& pushed);
  void drop_one(const QueueBounds& bounds, Pushed& pushed);
  void erase(std::size_t first, std::size_t n);
  void settle();

  std::vector<Item> items_;  // the waiting ones are [head_, end)
  std::size_t head_ = 0;
  std::size_t offset_ = 0;  // bytes of the front, as framed, that have left
  std::uint64_t events_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t critical_events_ = 0;
  std::uint64_t critical_bytes_ = 0;
};

/// The notice: an event of type `lag_event` with data `lag_text`, {n} being the number.
[[nodiscard]] EventPtr make_lag_notice(const QueueBounds& bounds, std::uint64_t dropped);

}  // namespace streamgauge::server

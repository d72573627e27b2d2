// The last events of one channel, for those who come back with a Last-Event-ID.
//
// Bounded in events, bytes of SSE blocks and age. Events have positions 0, 1, 2, … in the order in
// which they came; [first(), end()) are kept. Every shard keeps its own ring of the same shared
// events, so that the step from replay to live happens on one thread, without a lock: an event is
// either in the ring when a subscriber joins, or is delivered to it live, never both.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>

#include "harness/core/base/time.hpp"
#include "reference-server/core/event.hpp"

namespace streamgauge::server {

struct ReplayBounds {
  std::uint64_t events_max = 0;  // 0: nothing is kept
  std::uint64_t bytes_max = 0;   // 0: bounded by events alone
  Duration within{};             // 0: bounded by events alone
};

class ReplayRing {
 public:
  /// `floor`: the sequence that the server had reached when the channel came to be. An id from
  /// before may belong to a forgotten life of the channel, so it counts as too old.
  ReplayRing(std::uint64_t epoch, std::uint64_t floor) : epoch_(epoch), floor_(floor) {}

  void push(EventPtr event, const ReplayBounds& bounds, Instant now);
  void expire(const ReplayBounds& bounds, Instant now);

  /// Position of the first event after the one with this id; nullopt: too old, or never seen here.
  [[nodiscard]] std::optional<std::uint64_t> after(std::string_view last_event_id) const;

  [[nodiscard]] std::uint64_t first() const { return first_; }
  [[nodiscard]] std::uint64_t end() const { return first_ + entries_.size(); }
  [[nodiscard]] const EventPtr& at(std::uint64_t position) const {
    return entries_[static_cast<std::size_t>(position - first_)].event;
  }
  /// How many critical messages came before `position`, which is in [first(), end()].
  [[nodiscard]] std::uint64_t criticals_before(std::uint64_t position) const {
    return position == end() ? criticals_
                             : entries_[static_cast<std::size_t>(position - first_)].criticals;
  }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  /// Sequence of the newest event that came, kept or not.
  [[nodiscard]] std::uint64_t newest() const {
    return entries_.empty() ? floor_ : entries_.back().event->sequence();
  }

 private:
  struct Entry {
    EventPtr event;
    std::uint64_t criticals;  // before this one
  };
  void drop_oldest();

  std::uint64_t epoch_;
  std::uint64_t floor_;  // sequence up to which events are gone
  std::uint64_t first_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t criticals_ = 0;
  std::deque<Entry> entries_;
};

}  // namespace streamgauge::server

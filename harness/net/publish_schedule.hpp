// When the events of one publication are intended: from the rate alone, whatever has been sent.
//
// Pure. The n-th time is computed from n, so that no rounding adds up. Nothing is stored for events
// that wait: a backlog is the difference between two numbers.
#pragma once

#include <cstdint>
#include <optional>

#include "harness/core/base/time.hpp"
#include "harness/core/scenario/scenario.hpp"

namespace streamgauge::net {

class PublishSchedule {
 public:
  /// The first event is intended at `begin`. A rate of zero or less publishes nothing.
  PublishSchedule(const Publication& publication, Instant begin);

  /// Of the next event that was not taken yet; nullopt: there is none left.
  [[nodiscard]] std::optional<Instant> next() const;
  /// Takes that event; whether it is critical (each `critical_every`-th is).
  bool take();
  /// No event intended at `end` or later is published; earlier ones are still owed.
  void stop_at(Instant end);
  /// Events intended at or before `at`, taken or not.
  [[nodiscard]] std::uint64_t due(Instant at) const;
  [[nodiscard]] const Publication& publication() const { return publication_; }

 private:
  [[nodiscard]] Instant intended(std::uint64_t n) const;
  Publication publication_;
  Instant begin_;
  std::optional<Instant> end_;
  std::uint64_t taken_ = 0;
};

}  // namespace streamgauge::net

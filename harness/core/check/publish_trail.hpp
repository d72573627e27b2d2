// What was published when: known to the publisher's thread alone, asked when all are merged.
//
// A sequence number is expected at readers when its publish was answered with 2xx and it was no
// probe (those are judged by the wire checks alone). Times are kept for every n-th accepted
// publish, n doubling when there are too many; the questions are answered on the safe side: what is
// said to have been published before (after) a moment surely was.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "harness/core/check/check.hpp"

namespace streamgauge {

class PublishTrail {
 public:
  static constexpr std::size_t points_max = 4096;
  static constexpr std::size_t unexpected_max = 1024;  // ranges; with more nothing can be said

  void on(const fact::Published& published, Instant answered);
  void merge(const PublishTrail& other);

  [[nodiscard]] std::uint64_t accepted() const;
  [[nodiscard]] std::uint64_t accepted(std::uint16_t channel) const;
  [[nodiscard]] std::uint64_t bytes_mean() const;  // of accepted publishes; 0 without any
  /// More failures than can be remembered: loss cannot be judged.
  [[nodiscard]] bool overflowed() const;

  /// The highest sequence number surely answered by `at`; 0 when there is none.
  [[nodiscard]] std::uint64_t answered_by(std::uint16_t channel, Instant at) const;
  /// The lowest that surely was begun at or after `at`; nullopt when there is none.
  [[nodiscard]] std::optional<std::uint64_t> begun_from(std::uint16_t channel, Instant at) const;
  /// How many of [from, to] should have arrived.
  [[nodiscard]] std::uint64_t expected(std::uint16_t channel, std::uint64_t from,
                                       std::uint64_t to) const;
  /// Bytes of data surely published between the two.
  [[nodiscard]] std::uint64_t bytes_between(std::uint16_t channel, Instant from, Instant to) const;
  /// At most so many bytes of data were published as [from, to].
  [[nodiscard]] std::uint64_t bytes_at_most(std::uint16_t channel, std::uint64_t from,
                                            std::uint64_t to) const;
  /// When `bytes` more than at `from` had surely been published; nullopt: never.
  [[nodiscard]] std::optional<Instant> filled(std::uint16_t channel, Instant from,
                                              std::uint64_t bytes) const;

 private:
  struct Point {
    std::uint64_t seq = 0;
    Instant begun{};
    Instant answered{};
    std::uint64_t bytes = 0;  // of all accepted so far, this one included
  };
  struct Range {
    std::uint64_t from = 0;
    std::uint64_t to = 0;
  };
  struct Channel {
    std::vector<Point> points;  // every `stride`-th accepted, the first one among them
    Point last;
    std::uint64_t accepted = 0;
    std::uint64_t stride = 1;
    std::vector<Range> unexpected;
    bool overflowed = false;
  };

  [[nodiscard]] const Channel* find(std::uint16_t channel) const {
    return channel < channels_.size() ? &channels_[channel] : nullptr;
  }
  std::vector<Channel> channels_;
};

}  // namespace streamgauge

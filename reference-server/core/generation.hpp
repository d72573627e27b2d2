// The work behind an answer that is a stream: tokens at a pace, then a terminator.
//
// Pure: it says what is due at `now` and when it wants to be asked again. What the tokens are is of
// no interest, their times are. A peer that is behind stops the work (see wait()), so that an
// answer never piles up.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "harness/core/contract/contract.hpp"
#include "reference-server/core/event.hpp"
#include "reference-server/core/flaws.hpp"

namespace streamgauge::server {

struct GenerationRequest {
  static constexpr std::uint64_t tokens_max = 100'000;
  static constexpr Duration gap_max = std::chrono::minutes{1};
  std::uint64_t tokens = 40;  // 1 to tokens_max; the terminator comes on top
  Duration gap = std::chrono::milliseconds{20};
};

class Generation {
 public:
  struct Step {
    std::vector<EventPtr> events;
    bool complete = false;  // nothing comes after these
  };

  /// The first token is due at once, the terminator with the last one.
  Generation(GenerationRequest request, const std::optional<TokenTerms>& terms, Flaws flaws,
             Instant start);

  [[nodiscard]] Instant due() const { return due_; }
  /// Tokens that were missed because nobody asked in time are not made up for in a burst: the pace
  /// goes on from `now`.
  [[nodiscard]] Step step(Instant now);
  /// The peer has not taken what it was sent yet.
  void wait(Instant now);

 private:
  [[nodiscard]] std::uint64_t tokens_at_once() const;
  [[nodiscard]] Duration pause() const;

  GenerationRequest request_;
  TokenTerms terms_;
  Flaws flaws_;
  Instant due_;
  std::uint64_t sent_ = 0;
};

}  // namespace streamgauge::server

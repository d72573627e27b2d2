#include "reference-server/core/generation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "harness/core/sse/encoder.hpp"

namespace streamgauge::server {
namespace {

using namespace std::chrono_literals;

// What the flaws exceed when the contract promises nothing.
constexpr Duration unstated = 1s;
constexpr std::uint64_t without_gap_at_once = 64;  // then others have their turn
constexpr Duration look_again = 10ms;

EventPtr token_event(std::string_view text) {
  std::string sse;
  (void)sse::append_event(sse, {{}, text, std::nullopt, std::nullopt});
  return Event::of(sse, EventFacts{MessageClass::normal, 0, {}, {}, {}});
}

/// Well beyond a bound, also on a machine where everything is late.
Duration beyond(Duration bound) {
  return 2 * (bound > Duration::zero() ? bound : unstated) + 200ms;
}

}  // namespace

Generation::Generation(GenerationRequest request, const std::optional<TokenTerms>& terms,
                       Flaws flaws, Instant start)
    : request_(request), terms_(terms.value_or(TokenTerms{})), flaws_(flaws), due_(start) {
  if (flaws_.has(Flaw::first_token_late)) due_ += beyond(terms_.first_within);
}

/// By the flaw: the first token in time, the rest in a few batches.
std::uint64_t Generation::tokens_at_once() const {
  if (flaws_.has(Flaw::tokens_batched)) {
    return sent_ == 0 ? 1 : std::max<std::uint64_t>(4, request_.tokens / 3);
  }
  return request_.gap > Duration::zero() ? 1 : without_gap_at_once;
}

Duration Generation::pause() const {
  return flaws_.has(Flaw::tokens_batched) ? beyond(terms_.gap_max) : request_.gap;
}

Generation::Step Generation::step(Instant now) {
  Step step;
  if (now < due_) return step;
  const std::uint64_t n = std::min(tokens_at_once(), request_.tokens - sent_);
  for (std::uint64_t i = 0; i < n; ++i) {
    ++sent_;
    step.events.push_back(token_event(fmt::format("token {}", sent_)));
  }
  due_ += pause();
  if (due_ <= now) due_ = now + pause();
  step.complete = sent_ == request_.tokens;
  if (step.complete && !flaws_.has(Flaw::tokens_truncated)) {
    step.events.push_back(token_event(terms_.terminator));
  }
  return step;
}

void Generation::wait(Instant now) {
  due_ = now + std::max(request_.gap, look_again);
}

}  // namespace streamgauge::server

#include "harness/net/publish_schedule.hpp"

#include <cmath>

namespace streamgauge::net {

PublishSchedule::PublishSchedule(const Publication& publication, Instant begin)
    : publication_(publication), begin_(begin) {}

Instant PublishSchedule::intended(std::uint64_t n) const {
  const long double offset_ns =
      static_cast<long double>(n) * 1e9L / static_cast<long double>(publication_.events_per_s);
  return begin_ + Duration{static_cast<Duration::rep>(std::llround(offset_ns))};
}

std::optional<Instant> PublishSchedule::next() const {
  if (!(publication_.events_per_s > 0)) return std::nullopt;
  const auto at = intended(taken_);
  if (end_ && at >= *end_) return std::nullopt;
  return at;
}

bool PublishSchedule::take() {
  ++taken_;
  const auto every = publication_.critical_every;
  return every != 0 && taken_ % every == 0;
}

void PublishSchedule::stop_at(Instant end) {
  if (!end_ || end < *end_) end_ = end;
}

std::uint64_t PublishSchedule::due(Instant at) const {
  if (end_ && at >= *end_) at = *end_ - Duration{1};
  if (at < begin_ || !(publication_.events_per_s > 0)) return 0;
  const auto elapsed_ns = static_cast<long double>((at - begin_).count());
  const auto guess = elapsed_ns * static_cast<long double>(publication_.events_per_s) / 1e9L;
  auto count = static_cast<std::uint64_t>(guess) + 1;
  // The guess rounds otherwise than intended() does: settle it by the very same formula.
  while (count > 0 && intended(count - 1) > at) --count;
  while (intended(count) <= at) ++count;
  return count;
}

}  // namespace streamgauge::net

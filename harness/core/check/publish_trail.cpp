#include "harness/core/check/publish_trail.hpp"

#include <algorithm>

namespace streamgauge {

void PublishTrail::on(const fact::Published& published, Instant answered) {
  if (channels_.size() <= published.channel) channels_.resize(std::size_t{published.channel} + 1);
  auto& channel = channels_[published.channel];
  const bool accepted = published.status >= 200 && published.status <= 299;
  if (!accepted || published.kind == sse::EnvelopeKind::probe) {
    auto& ranges = channel.unexpected;
    if (!ranges.empty() && ranges.back().to + 1 == published.seq) {
      ranges.back().to = published.seq;
    } else if (ranges.size() < unexpected_max) {
      ranges.push_back({published.seq, published.seq});
    } else {
      channel.overflowed = true;
    }
    return;
  }
  const Point point{published.seq, published.intended + published.late, answered,
                    channel.last.bytes + published.bytes};
  if (channel.accepted % channel.stride == 0) {
    if (channel.points.size() == points_max) {  // keep every other one
      for (std::size_t i = 0; i < points_max / 2; ++i) channel.points[i] = channel.points[2 * i];
      channel.points.resize(points_max / 2);
      channel.stride *= 2;
    }
    if (channel.accepted % channel.stride == 0) channel.points.push_back(point);
  }
  channel.last = point;
  ++channel.accepted;
}

void PublishTrail::merge(const PublishTrail& other) {
  if (channels_.size() < other.channels_.size()) channels_.resize(other.channels_.size());
  for (std::size_t i = 0; i < other.channels_.size(); ++i) {
    // A channel has one publisher, hence one thread that knows of it.
    const auto& from = other.channels_[i];
    if (from.accepted > 0 || !from.unexpected.empty()) channels_[i] = from;
  }
}

std::uint64_t PublishTrail::accepted() const {
  std::uint64_t sum = 0;
  for (const auto& channel : channels_) sum += channel.accepted;
  return sum;
}

std::uint64_t PublishTrail::accepted(std::uint16_t channel) const {
  const auto* found = find(channel);
  return found ? found->accepted : 0;
}

std::uint64_t PublishTrail::bytes_mean() const {
  std::uint64_t bytes = 0;
  for (const auto& channel : channels_) bytes += channel.last.bytes;
  const auto events = accepted();
  return events == 0 ? 0 : bytes / events;
}

bool PublishTrail::overflowed() const {
  return std::any_of(channels_.begin(), channels_.end(),
                     [](const Channel& channel) { return channel.overflowed; });
}

std::uint64_t PublishTrail::answered_by(std::uint16_t channel, Instant at) const {
  const auto* found = find(channel);
  if (!found || found->accepted == 0) return 0;
  if (found->last.answered <= at) return found->last.seq;
  std::uint64_t seq = 0;
  for (const auto& point : found->points) {
    if (point.answered > at) break;
    seq = point.seq;
  }
  return seq;
}

std::optional<std::uint64_t> PublishTrail::begun_from(std::uint16_t channel, Instant at) const {
  const auto* found = find(channel);
  if (!found) return std::nullopt;
  for (const auto& point : found->points) {
    if (point.begun >= at) return point.seq;
  }
  if (found->accepted > 0 && found->last.begun >= at) return found->last.seq;
  return std::nullopt;
}

std::uint64_t PublishTrail::expected(std::uint16_t channel, std::uint64_t from,
                                     std::uint64_t to) const {
  const auto* found = find(channel);
  if (!found || from > to) return 0;
  // Beyond the last that was answered nothing is promised.
  to = std::min(to, found->last.seq);
  if (from > to) return 0;
  auto count = to - from + 1;
  for (const auto& range : found->unexpected) {
    const auto low = std::max(range.from, from);
    const auto high = std::min(range.to, to);
    if (low <= high) count -= high - low + 1;
  }
  return count;
}

std::uint64_t PublishTrail::bytes_between(std::uint16_t channel, Instant from, Instant to) const {
  const auto* found = find(channel);
  if (!found) return 0;
  std::optional<std::uint64_t> low, high;
  const auto see = [&](const Point& point) {
    if (point.begun < from || point.answered > to) return;
    if (!low) low = point.bytes;
    high = point.bytes;
  };
  for (const auto& point : found->points) see(point);
  if (found->accepted > 0) see(found->last);
  return low ? *high - *low : 0;
}

std::uint64_t PublishTrail::bytes_at_most(std::uint16_t channel, std::uint64_t from,
                                          std::uint64_t to) const {
  const auto* found = find(channel);
  if (!found || from > to) return 0;
  std::uint64_t low = 0;
  std::uint64_t high = found->last.bytes;
  for (const auto& point : found->points) {
    if (point.seq < from) low = point.bytes;
    if (point.seq >= to) {
      high = point.bytes;
      break;
    }
  }
  return high - low;
}

std::optional<Instant> PublishTrail::filled(std::uint16_t channel, Instant from,
                                            std::uint64_t bytes) const {
  const auto* found = find(channel);
  if (!found) return std::nullopt;
  std::optional<std::uint64_t> base;
  const auto reached = [&](const Point& point) {
    if (point.begun < from) return false;
    if (!base) base = point.bytes;
    return point.bytes - *base >= bytes;
  };
  for (const auto& point : found->points) {
    if (reached(point)) return point.answered;
  }
  if (found->accepted > 0 && reached(found->last)) return found->last.answered;
  return std::nullopt;
}

}  // namespace streamgauge

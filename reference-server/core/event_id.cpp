#include "reference-server/core/event_id.hpp"

#include <fmt/format.h>

#include <charconv>

namespace streamgauge::server {

std::string to_string(const EventId& id) {
  return fmt::format("{:x}-{}", id.epoch, id.sequence);
}

std::optional<EventId> parse_event_id(std::string_view text) {
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  EventId id;
  const char* const end = text.data() + text.size();
  const char* const middle = text.data() + dash;
  const auto epoch = std::from_chars(text.data(), middle, id.epoch, 16);
  const auto sequence = std::from_chars(middle + 1, end, id.sequence, 10);
  if (epoch.ec != std::errc{} || epoch.ptr != middle) return std::nullopt;
  if (sequence.ec != std::errc{} || sequence.ptr != end) return std::nullopt;
  // One spelling an id: "-01" or "0A-1" were not written here.
  if (to_string(id) != text) return std::nullopt;
  return id;
}

}  // namespace streamgauge::server

#include "reference-server/core/event.hpp"

#include <fmt/format.h>

#include <iterator>

namespace streamgauge::server {

EventPtr Event::of(std::string_view sse, EventFacts facts) {
  std::string wire;
  wire.reserve(sse.size() + 12);
  fmt::format_to(std::back_inserter(wire), "{:x}\r\n", sse.size());
  const std::size_t at = wire.size();
  wire.append(sse);
  wire.append("\r\n");
  return EventPtr{new Event(std::move(wire), at, sse.size(), std::move(facts))};
}

EventPtr Event::raw(std::string bytes) {
  const std::size_t size = bytes.size();
  return EventPtr{
      new Event(std::move(bytes), 0, size, EventFacts{MessageClass::control, 0, {}, {}, {}})};
}

}  // namespace streamgauge::server

#include "reference-server/core/event.hpp"

#include <fmt/format.h>

#include <iterator>
#include <memory>

#include "harness/core/http/websocket.hpp"

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
  auto* const event =
      new Event(std::move(bytes), 0, size, EventFacts{MessageClass::control, 0, {}, {}, {}});
  event->raw_ = true;
  return EventPtr{event};
}

/// Shards may ask at once: whose frame comes second is thrown away.
std::string_view Event::frame() const {
  if (const std::string* made = frame_.load(std::memory_order_acquire)) return *made;
  auto mine = std::make_unique<std::string>();
  mine->reserve(sse_size_ + 10);
  http::append_frame_header(*mine, http::WebSocketOpcode::text, sse_size_);
  mine->append(wire_, sse_at_, sse_size_);
  const std::string* none = nullptr;
  if (frame_.compare_exchange_strong(none, mine.get(), std::memory_order_acq_rel)) {
    return *mine.release();
  }
  return *none;
}

EventPtr close_frame(std::uint16_t code) {
  std::string bytes;
  const std::string payload = http::close_payload(code);
  http::append_frame_header(bytes, http::WebSocketOpcode::close, payload.size());
  return Event::raw(bytes + payload);
}

}  // namespace streamgauge::server

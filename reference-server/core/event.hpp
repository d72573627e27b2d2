// One message as it goes to every subscriber: encoded once, immutable, shared by counting.
//
// It keeps the bytes of the SSE block and, around them in the same buffer, the HTTP/1.1 chunk
// header and trailer, so that a thousand subscribers are served from the same memory. The frame of
// a WebSocket is made when the first subscriber of that kind asks for it, and then shared likewise.
// Another framing (HTTP/2) takes `plain` bytes and adds its own; the hub never looks inside.
#pragma once

#include <atomic>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "harness/core/base/time.hpp"

namespace streamgauge::server {

/// control: part of the response itself (head, retry, terminal chunk); outside of all bounds.
enum class MessageClass : std::uint8_t { normal, critical, heartbeat, control };

enum class Framing : std::uint8_t { chunked, plain, websocket };

class Event;
using EventPtr = boost::intrusive_ptr<const Event>;

/// What the publisher's side knows of a message beside its bytes.
struct EventFacts {
  MessageClass message_class = MessageClass::normal;
  std::uint64_t sequence = 0;  // grows within its channel; 0: not published (control, heartbeat)
  std::string id;              // as it stands on the wire
  std::string key;
  Instant published{};
};

class Event : public boost::intrusive_ref_counter<Event, boost::thread_safe_counter> {
 public:
  /// `sse` is a whole block, or several.
  [[nodiscard]] static EventPtr of(std::string_view sse, EventFacts facts);
  /// A control message whose bytes stand as they are in every framing (a response head).
  [[nodiscard]] static EventPtr raw(std::string bytes);

  ~Event() { delete frame_.load(); }
  [[nodiscard]] std::string_view bytes(Framing framing) const {
    const std::string_view wire{wire_};
    if (framing == Framing::websocket) return raw_ ? wire : frame();
    return framing == Framing::chunked ? wire : wire.substr(sse_at_, sse_size_);
  }
  /// Bytes of the SSE block: the unit in which queues and rings are bounded.
  [[nodiscard]] std::size_t size() const { return sse_size_; }
  [[nodiscard]] MessageClass message_class() const { return facts_.message_class; }
  [[nodiscard]] bool is_message() const {
    return facts_.message_class == MessageClass::normal ||
           facts_.message_class == MessageClass::critical;
  }
  [[nodiscard]] std::uint64_t sequence() const { return facts_.sequence; }
  [[nodiscard]] const std::string& id() const { return facts_.id; }
  [[nodiscard]] Instant published() const { return facts_.published; }

 private:
  Event(std::string wire, std::size_t sse_at, std::size_t sse_size, EventFacts facts)
      : wire_(std::move(wire)), sse_at_(sse_at), sse_size_(sse_size), facts_(std::move(facts)) {}
  [[nodiscard]] std::string_view frame() const;

  std::string wire_;
  mutable std::atomic<const std::string*> frame_{nullptr};  // of a WebSocket; made once
  bool raw_ = false;
  std::size_t sse_at_;
  std::size_t sse_size_;
  EventFacts facts_;
};

/// The chunk that ends a chunked body (RFC 9112, 7.1).
inline constexpr std::string_view terminal_chunk = "0\r\n\r\n";
/// The frame that ends a WebSocket (RFC 6455, 7.4.1: normal closure; going away).
[[nodiscard]] EventPtr close_frame(std::uint16_t code);

}  // namespace streamgauge::server

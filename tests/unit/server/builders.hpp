// What the tests of the server's core build their cases from.
#pragma once

#include <fmt/format.h>

#include <array>
#include <string>
#include <vector>

#include "reference-server/core/event.hpp"
#include "reference-server/core/event_id.hpp"
#include "reference-server/core/hub.hpp"

namespace streamgauge::server {

inline constexpr Instant t0 = Instant{std::chrono::hours{1000}};

inline Flaws with(Flaw flaw) {
  Flaws flaws;
  flaws.add(flaw);
  return flaws;
}

inline EventPtr message(std::uint64_t sequence, MessageClass as = MessageClass::normal,
                        std::string_view data = "x", Instant at = t0, std::uint64_t epoch = 7) {
  const std::string id = to_string(EventId{epoch, sequence});
  return Event::of(fmt::format("id: {}\ndata: {}\n\n", id, data), {as, sequence, id, {}, at});
}

/// An event of exactly `size` SSE bytes.
inline EventPtr sized(std::uint64_t sequence, std::size_t size,
                      MessageClass as = MessageClass::normal) {
  return Event::of(std::string(size, 'd'), {as, sequence, {}, {}, t0});
}

/// A connection whose room the test decides: takes `room` bytes, then would block.
struct FakeOutlet final : Outlet {
  std::string got;
  std::size_t room = 1 << 30;
  std::uint64_t open = 0;  // not acknowledged
  bool dead = false;
  bool waits = false;
  int writes = 0;
  std::vector<CloseReason> closes;

  std::ptrdiff_t write(std::span<const std::string_view> pieces) override {
    ++writes;
    if (dead) return -1;
    std::ptrdiff_t taken = 0;
    for (const std::string_view piece : pieces) {
      const std::string_view part = piece.substr(0, room);
      got += part;
      room -= part.size();
      taken += static_cast<std::ptrdiff_t>(part.size());
    }
    return taken;
  }
  std::uint64_t unacknowledged() override { return open; }
  void await_writable() override { waits = true; }
  void closed(CloseReason reason) override { closes.push_back(reason); }

  std::string take() { return std::exchange(got, {}); }
};

inline std::size_t count_of(std::string_view text, std::string_view part) {
  std::size_t n = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos;
       at = text.find(part, at + part.size())) {
    ++n;
  }
  return n;
}

}  // namespace streamgauge::server

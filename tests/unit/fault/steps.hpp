// A connection that is stepped by hand: bytes and times go in, what each side was sent comes out.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/fault/fault.hpp"
#include "harness/core/fault/passage.hpp"

namespace streamgauge::fault {

using namespace std::chrono_literals;

inline constexpr std::string_view stream_head =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

inline std::string get(std::string_view target = "/events", std::string_view fields = {}) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n";
}
inline std::string chunk(std::string_view data) {
  char size[32];
  std::snprintf(size, sizeof size, "%zx\r\n", data.size());
  return size + std::string(data) + "\r\n";
}

class Steps final : public Sink {
 public:
  explicit Steps(std::string_view faults) {
    const auto specs = parse_faults(faults);
    EXPECT_TRUE(specs) << (specs ? "" : specs.error().message);
    std::uint32_t number = 1;
    for (const FaultSpec& spec : *specs) {
      auto shared = spec.type->share != nullptr ? spec.type->share(spec) : nullptr;
      placed.push_back({number++, spec, now, shared});
    }
    for (const Placed& it : placed) passage.add(it, 7, now);
  }

  void up(std::string_view bytes) { passage.on_bytes(Direction::up, bytes, now); }
  void down(std::string_view bytes) { passage.on_bytes(Direction::down, bytes, now); }
  /// Asks, and is answered with the head of a stream.
  void open(std::string_view target = "/events") {
    up(get(target));
    down(stream_head);
  }
  /// Time passes, and what falls due happens when it does.
  void wait(Duration by) {
    const Instant until = now + by;
    while (passage.due() <= until) {
      now = std::max(now, passage.due());
      passage.on_time(now);
    }
    now = until;
  }
  /// What a side was sent since the last call.
  std::string client() { return std::exchange(sent_[0], {}); }
  std::string server() { return std::exchange(sent_[1], {}); }
  std::vector<std::string> events() { return std::exchange(events_, {}); }

  void write(Side to, std::string_view bytes) override {
    sent_[static_cast<std::size_t>(to)] += bytes;
  }
  void cut(Side to) override { sent_[static_cast<std::size_t>(to)] += '|'; }
  void finish(Side to) override { note("finish", to); }
  void close() override { events_.emplace_back("close"); }
  void reset(Side side) override { note("reset", side); }
  void vanish(Side side) override { note("vanish", side); }
  void reappear(Side side) override { note("reappear", side); }
  void absorb(Side to, std::uint64_t bytes) override {
    note("absorb " + std::to_string(bytes) + " for", to);
  }
  void keep(Side side) override { note("keep", side); }
  void fired(std::uint32_t) override { ++fired_times; }

  Instant now = instant_from_ns(1'000'000'000'000);
  int fired_times = 0;
  std::vector<Placed> placed;
  Passage passage{*this};

 private:
  void note(std::string_view what, Side side) {
    events_.push_back(std::string(what) + " " + std::string(to_string(side)));
  }
  std::string sent_[2];
  std::vector<std::string> events_;
};

}  // namespace streamgauge::fault

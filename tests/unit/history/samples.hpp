// One record of each kind, with values that a codec could get wrong.
#pragma once

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "harness/core/history/fields.hpp"
#include "harness/core/history/record.hpp"

namespace streamgauge {

inline const Instant sample_start{std::chrono::seconds{1'790'000'000}};

/// Fields as text.
struct Collector {
  std::string text;
  void operator()(const auto&... fields) { (add(fields), ...); }
  void add(std::string_view v) { text += "'" + std::string(v) + "' "; }
  void add(Instant v) { add(v.time_since_epoch()); }
  void add(Duration v) { text += std::to_string(v.count()) + "ns "; }
  void add(const std::optional<sse::Envelope>& v) {
    text += v ? "envelope " : "none ";
    if (v) history::each_field(*this, *v);
  }
  template <class T>
  requires std::is_integral_v<T> || std::is_enum_v<T>
  void add(T v) { text += std::to_string(static_cast<std::int64_t>(v)) + " "; }
};

/// All fields of a record as text, for comparison: facts have no operator== of their own.
inline std::string flat(const Record& record) {
  Collector c;
  c.add(record.at);
  c.add(record.stream);
  c.text += "kind " + std::to_string(record.fact.index()) + ": ";
  std::visit([&](const auto& f) { history::each_field(c, f); }, record.fact);
  return c.text;
}

/// A fact that is missing here fails the test below, one that is new fails to compile.
inline std::vector<Record> one_of_each() {
  using namespace std::chrono_literals;
  static_assert(std::variant_size_v<Fact> == 30, "give the new fact a sample here");
  const Instant at = sample_start + 5ms;
  const sse::Envelope envelope{7, 2, 1'000'000'000'000, sample_start, sse::EnvelopeKind::critical};
  return {
      {at, 0, fact::Joined{1, 65535}},
      {at, 1, fact::Connecting{4'000'000'000, at - 3s, true}},
      {at, 2, fact::Connected{1500us}},
      {at, 3, fact::ConnectFailed{"Connection refused", true}},
      {at, 4, fact::Headers{200, 3ms, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"}},
      {at, 5, fact::Comment{" heartbeat"}},
      {at, 6, fact::Event{"message", "42", true, "sg1 7 2 3 4 c ....", envelope}},
      {at, 7, fact::Event{"", "", false, std::string_view("a\0b\n\xff", 5), std::nullopt}},
      {at, 8, fact::Retry{UINT64_MAX}},
      {at, 9, fact::Oddity{sse::Notice::byte_order_mark, "detail"}},
      {at, 10, fact::ReadingStopped{}},
      {at, 11, fact::ReadingResumed{}},
      {at, no_stream - 1, fact::PeerGone{}},
      {at, 13, fact::Closed{Ending::local, true, "why"}},
      {at, 14, fact::ReconnectScheduled{-1ns}},
      {at, 15, fact::GaveUp{"status 204"}},
      {at + 1s, no_stream,
       fact::Published{3, UINT64_MAX, at, -5ms, 2h, 256, sse::EnvelopeKind::probe, 202}},
      {at - 1s, no_stream, fact::PhaseBegan{2}},
      {at, no_stream, fact::FaultBegan{"freeze"}},
      {at, no_stream, fact::FaultEnded{"freeze"}},
      {at, no_stream, fact::Sample{1u << 30, 12'345'678'901, 8, 100'000, 3}},
      {Instant::max(), no_stream, fact::SchedulingLag{Duration::max()}},
      {Instant::min(), no_stream, fact::TargetDied{"signal 9"}},
      {Instant::min(), 0, fact::Connecting{1, Instant::max(), false}},
      {at, 16, fact::Aborted{AbortKind::vanish}},
      {at, 17, fact::Deafened{}},
      {at, 18, fact::FellBack{true}},
      {at, no_stream, fact::TargetChanged{TargetEvent::switched, -9, "SIGTERM"}},
      {at, no_stream, fact::Readiness{503, 20ms}},
      {at, no_stream, fact::Commanded{"revoke", 65535, 200, 3ms}},
      {at, no_stream, fact::HopChanged{2, HopEvent::died, "signal 11"}},
      {at, no_stream, fact::HopSample{1, 1u << 20, 5'000'000'000, 40, 1ull << 40}},
      {at, 19, fact::Closed{Ending::silent, false, "no byte for 2 s"}},
  };
}

/// Keeps what it hears as text.
struct Listener final : RecordSink {
  void on(const Record& record) override { heard.push_back(flat(record)); }
  std::vector<std::string> heard;
};

}  // namespace streamgauge

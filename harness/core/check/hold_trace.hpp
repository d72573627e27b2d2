// What holds events back on a path, as far as the way in which they arrive tells.
//
// Events that were published apart and arrive together are a clump: something collected them. What
// it waited for (so many bytes, so long, the next data) can be told only in part; the words say
// what the evidence allows.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "harness/core/check/fold.hpp"

namespace streamgauge {

/// Two records of one read, or of two reads right behind each other.
inline constexpr Duration together = std::chrono::milliseconds{5};

class HoldTrace {
 public:
  struct Clump {
    std::uint64_t events = 0;
    std::uint64_t bytes = 0;
  };

  void on_head(std::string_view head);
  /// A clump has grown by one event, to two or more.
  void on_clump(const Clump& clump);
  void merge(const HoldTrace& other);

  [[nodiscard]] std::uint64_t clumps() const { return clumps_; }
  [[nodiscard]] const std::string& encoding() const { return encoding_; }
  /// What to look for and to change, half a sentence. `nothing`: not one event came through.
  [[nodiscard]] std::string cause(Duration longest_held, bool nothing) const;

 private:
  std::string encoding_;  // of the stream's heads; empty: none
  std::uint64_t clumps_ = 0;
  std::uint64_t events_max_ = 0;
  std::uint64_t bytes_max_ = 0;
};

/// Events of a stream that were published well apart from the one before, both while the stream was
/// open and read: what a path does to them is its own doing.
class LoneEvents {
 public:
  static constexpr std::uint32_t wants =
      facts<fact::Joined, fact::Connecting, fact::Headers, fact::Event, fact::ReadingStopped,
            fact::Deafened, fact::Aborted, fact::Closed>();

  struct State {
    Instant opened_at{};
    Instant intended{};  // of the event before
    Instant arrived{};
    Instant left_at{};          // closed by the harness
    std::uint64_t highest = 0;  // on this connection
    std::uint64_t bytes = 0;    // of the event before
    HoldTrace::Clump clump;
    std::uint16_t group = 0;
    std::uint16_t channel = 0;
    bool open = false;
    bool undisturbed = true;  // never stopped, went deaf, slow, aborted
  };
  struct Arrival {
    Duration apart{};    // from the event before, as published
    Duration gap{};      // and as it arrived
    Duration latency{};  // from its own intended time
    Duration latency_before{};
    std::uint64_t bytes = 0;
  };

  LoneEvents(const CheckContext& context, Duration apart)
      : run_(context.run), apart_(apart), scenario_(&context.scenario) {}

  /// Follows the stream; tells of each lone event.
  std::optional<Arrival> on(const Record& record);
  void merge(const LoneEvents& other) {
    streams_.merge(other.streams_);
    trace_.merge(other.trace_);
  }
  [[nodiscard]] const PerStream<State>& streams() const { return streams_; }
  [[nodiscard]] const HoldTrace& trace() const { return trace_; }

 private:
  std::optional<Arrival> on_event(const Record& record, State& state, const fact::Event& event);

  std::uint32_t run_;
  Duration apart_;
  const Scenario* scenario_;
  PerStream<State> streams_;
  HoldTrace trace_;
};

}  // namespace streamgauge

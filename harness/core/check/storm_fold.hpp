// Streams that were all cut at once, and how each of them came back.
//
// A wave is a moment in which at least half of the streams that can return, and at least twenty,
// lose their connection: whoever cut them. Each stream tells of its own absence: when it was cut,
// when it first reached the target again, when it was let in to stay. The moment at which a client
// wants to return is the sum of the delays that it chose, not when the harness got round to it.
#pragma once

#include <array>
#include <vector>

#include "harness/core/check/target_trail.hpp"
#include "harness/core/check/timeline.hpp"

namespace streamgauge {

/// From the loss of an open stream until it is open again to stay.
struct Absence {
  static constexpr std::size_t attempts_told = 5;
  using Tick = std::chrono::duration<std::uint32_t, std::ratio<1, 100'000>>;

  Instant cut{};
  Duration waited{};  // sum of the delays chosen until it first reached the target, or until now
  Instant last_wait{};  // when the delay before that was chosen; zero: no delay was
  Instant arrived{};    // when it first reached the target; zero: never
  Instant back{};       // answered 200; zero: never
  /// Sum of the delays chosen until the n-th attempt; as many as `delays` says.
  std::array<Tick, attempts_told> due{};
  std::uint32_t told_ms = 0;      // the last `retry:` before the cut; 0: none
  std::uint32_t retry_after = 0;  // seconds, of the last refusal; 0: none
  std::uint16_t delays = 0;
  std::uint16_t flaps = 0;  // let in, and cut again before it had settled
  std::int16_t status = 0;  // of the last answer that was not 200
  bool gave_up = false;

  [[nodiscard]] bool reached() const { return arrived != Instant{}; }
  [[nodiscard]] bool returned() const { return back != Instant{}; }
};

struct Wave {
  struct Member {
    StreamId stream = no_stream;
    const Absence* absence = nullptr;
  };
  Instant begin{};
  std::vector<Member> members;  // in the order in which they were cut
};

class StormFold {
 public:
  static constexpr std::uint32_t wants =
      StreamLife::wants | Timeline::wants | TargetTrail::wants |
      facts<fact::ReconnectScheduled, fact::GaveUp, fact::Retry, fact::ConnectFailed>();
  static constexpr std::size_t clients_min = 20;

  explicit StormFold(const CheckContext& context);

  void on(const Record& record);
  void merge(const StormFold& other) {
    timeline_.merge(other.timeline_);
    target_.merge(other.target_);
    streams_.merge(other.streams_);
  }

  /// All waves, in order. Streams whose policy is never to return are left out.
  [[nodiscard]] std::vector<Wave> waves() const;
  /// From when the member could reach the target: the cut, or the restart of a target that was
  /// killed meanwhile. Nullopt: it was never started again.
  [[nodiscard]] std::optional<Instant> reachable(const Absence& absence) const;
  /// Did it return late because the target was away for longer than the scenario had ordered? A
  /// program that is slow to start lets the delays of its clients grow beyond what was meant, and
  /// a delay chosen before the target is there again says nothing of how it takes its clients back.
  [[nodiscard]] bool outwaited(const Absence& absence) const;
  /// Why there is no wave: how many were cut at once, and how many it takes.
  [[nodiscard]] std::string no_wave() const;
  [[nodiscard]] const Timeline& timeline() const { return timeline_; }
  [[nodiscard]] const TargetTrail& target() const { return target_; }
  [[nodiscard]] Duration recovered_within() const { return recovered_within_; }

 private:
  static constexpr std::size_t absences_max = 3;  // of one stream; later ones are not judged
  struct State {
    StreamLife life;
    std::array<Absence, absences_max> absences;
    std::uint32_t told_ms = 0;
    std::uint8_t count = 0;
    bool away = false;
    bool answered = false;  // the current attempt has a response head
  };
  struct Cut {
    Instant at{};
    StreamId stream = no_stream;
    const Absence* absence = nullptr;
  };

  void on_closed(Instant at, Ending ending, State& state) const;
  static void on_away(const Record& record, State& state, Absence& absence);
  [[nodiscard]] bool can_return(const State& state) const;
  [[nodiscard]] std::vector<Cut> cuts() const;
  [[nodiscard]] std::size_t wave_min() const;
  /// When the target was killed before or within the absence, for the last time.
  [[nodiscard]] const TargetTrail::Change* killed(const Absence& absence) const;

  const Scenario* scenario_;
  Duration recovered_within_;
  Duration at_once_;  // a wave's cuts lie within
  Duration outage_{};  // the longest that the scenario orders
  Duration settled_;  // back for that long: back to stay
  Timeline timeline_;
  TargetTrail target_;
  PerStream<State> streams_;
};

/// For CheckSpec::not_stated.
[[nodiscard]] inline std::string no_storm(const Contract& contract) {
  return contract.storm ? "" : "storm";
}

}  // namespace streamgauge

// What became of each open stream, and of who came new, after the target was told to stop.
//
// The order may be known to another thread than the streams, so each stream keeps its last few
// connections, and judge() picks the one that was open at the order.
#pragma once

#include <array>
#include <vector>

#include "harness/core/check/finding.hpp"
#include "harness/core/check/target_trail.hpp"
#include "harness/core/check/timeline.hpp"

namespace streamgauge {

/// One open connection.
struct Tenure {
  Instant opened{};
  Instant ended{};
  Instant retry_at{};  // of the last `retry:`
  std::uint32_t retry_ms = 0;
  std::uint64_t seq_highest = 0;  // of this run's events, at its end
  Ending ending = Ending::local;
  bool over = false;
  bool mid_block = false;
  bool own_doing = false;  // aborted, deafened or not read by order of the scenario

  /// Ended by the target, or still open.
  [[nodiscard]] bool by_target() const {
    return over && ending != Ending::local && ending != Ending::timed_out &&
           ending != Ending::silent;
  }
};

/// An attempt to open a stream, and what came of it.
struct Attempt {
  enum class Outcome : std::uint8_t { pending, answered, connect_refused, cut, timed_out, local };
  Instant began{};
  Instant ended{};  // head, failure or close
  StreamId stream = no_stream;
  int status = 0;
  Ending ending = Ending::local;
  Outcome outcome = Outcome::pending;
  bool retry_after = false;
};

class DrainFold {
 public:
  static constexpr std::uint32_t wants = StreamLife::wants | Timeline::wants | TargetTrail::wants |
                                         facts<fact::Retry, fact::Event, fact::ConnectFailed,
                                               fact::Aborted, fact::Deafened, fact::GaveUp>();
  static constexpr std::size_t tenures_max = 4;
  static constexpr std::size_t attempts_max = 4096;  // of each thread, the latest

  explicit DrainFold(const CheckContext& context)
      : run_(context.run), timeline_(context.scenario) {}

  void on(const Record& record);
  void merge(const DrainFold& other);

  /// The order to stop; null: it was not given.
  [[nodiscard]] const TargetTrail::Change* order() const {
    return target_.next(TargetEvent::stop_ordered);
  }
  /// When the second instance took over; null: there is none.
  [[nodiscard]] const TargetTrail::Change* switched() const {
    return order() ? target_.next(TargetEvent::switched, order()->at) : nullptr;
  }

  struct Stream {
    StreamId id = no_stream;
    std::uint16_t channel = 0;
    const Tenure* tenure = nullptr;  // open at the order
    const Tenure* after = nullptr;   // the last one opened after its end; null: none
    bool gave_up = false;
  };
  /// Streams that were open at the order and are not the scenario's own doing.
  [[nodiscard]] std::vector<Stream> drained() const;
  /// In the order in which they began.
  [[nodiscard]] std::vector<Attempt> attempts() const;
  [[nodiscard]] const Timeline& timeline() const { return timeline_; }
  [[nodiscard]] const TargetTrail& target() const { return target_; }

 private:
  struct State {
    StreamLife life;
    std::array<Tenure, tenures_max> tenures;
    Attempt attempt;
    std::uint32_t opened = 0;  // so many tenures so far; the latest are kept
    bool gave_up = false;
    [[nodiscard]] Tenure& current() { return tenures[(opened - 1) % tenures_max]; }
  };

  void conclude(State& state, Attempt::Outcome outcome, const Record& record);
  void keep(const Attempt& attempt);

  std::uint32_t run_;
  Timeline timeline_;
  TargetTrail target_;
  PerStream<State> streams_;
  std::vector<Attempt> attempts_;
  std::size_t next_ = 0;  // to be overwritten once the list is full
};

/// For CheckSpec::not_stated.
[[nodiscard]] inline std::string no_drain(const Contract& contract) {
  return contract.drain ? "" : "drain";
}

inline constexpr std::string_view not_ordered =
    "the target was not told to stop in this run; let the scenario say stop_target";

/// Fewer than that many streams say nothing about a drain.
inline constexpr std::size_t drained_min = 4;
[[nodiscard]] inline std::string too_few_drained(std::size_t streams, std::size_t needed) {
  return "only " + std::to_string(streams) +
         " streams were open when the target was told to stop; " + std::to_string(needed) +
         " are needed";
}

}  // namespace streamgauge

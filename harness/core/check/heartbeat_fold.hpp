// Recognising heartbeats, and the stretches of a stream in which one is due.
//
// A stretch of silence [from, to] is judged only where the stream's timing means something: not
// while the client did not read nor two periods after (what was sent meanwhile must be read first),
// not during a freeze nor one period after, not on readers that are slow on purpose. Cutting the
// start off a silence is safe: a part of it must satisfy the upper bound as well.
#pragma once

#include <algorithm>

#include "harness/core/check/band.hpp"
#include "harness/core/check/fold.hpp"
#include "harness/core/check/timeline.hpp"

namespace streamgauge {

class HeartbeatFold {
 public:
  static constexpr std::uint32_t wants =
      StreamLife::wants | Timeline::wants | facts<fact::Comment, fact::Event>();

  enum class Step : std::uint8_t {
    none,
    opened,
    beat,     // a heartbeat as the contract states it
    traffic,  // an event that is no heartbeat
    comment,  // a comment that is neither preamble nor heartbeat
    ended,
  };

  struct State {
    StreamLife life;
    Instant judge_from{};  // stopped readers, slow readers: nothing before it is judged
    Instant last_beat{};
    Instant last_traffic{};
    std::uint64_t beats = 0;  // on all connections
    std::uint32_t connection_beats = 0;
    std::uint32_t traffic = 0;  // events on this connection
    bool first_body = true;     // nothing of this connection's body seen yet
    bool slow = false;
  };

  explicit HeartbeatFold(const CheckContext& context);

  /// Updates the stream's state; `before` gets what it was, so that callers can measure.
  Step on(const Record& record, State& before);
  void merge(const HeartbeatFold& other) {
    timeline_.merge(other.timeline_);
    streams_.merge(other.streams_);
  }

  [[nodiscard]] const HeartbeatTerms& terms() const { return terms_; }
  [[nodiscard]] const Timeline& timeline() const { return timeline_; }
  [[nodiscard]] const PerStream<State>& streams() const { return streams_; }
  /// Nothing is ever published on the stream's channel.
  [[nodiscard]] bool on_empty_channel(const State& state) const {
    return state.life.channel >= empty_.size() || empty_[state.life.channel];
  }
  /// The part of [from, to] that may be judged; zero when none may.
  [[nodiscard]] Duration judged(const State& state, Instant from, Instant to) const;
  /// [from, to] may be judged from its very beginning.
  [[nodiscard]] bool judged_whole(const State& state, Instant from, Instant to) const {
    return from >= state.judge_from && judged(state, from, to) == to - from;
  }
  /// Longest silence that the terms allow, before widening.
  [[nodiscard]] Duration upper() const { return terms_.every + margin(); }
  [[nodiscard]] Duration margin() const { return scaled(terms_.every, terms_.tolerance); }

 private:
  [[nodiscard]] bool is_heartbeat(const fact::Comment& comment) const;
  [[nodiscard]] bool is_heartbeat(const fact::Event& event) const;
  [[nodiscard]] bool is_preamble(const fact::Comment& comment, const State& state) const;

  HeartbeatTerms terms_;
  std::optional<std::string> preamble_;
  const Scenario* scenario_;
  std::vector<bool> empty_;
  Timeline timeline_;
  PerStream<State> streams_;
};

/// `text` without the one leading space that writers usually put behind the colon.
[[nodiscard]] constexpr std::string_view comment_text(std::string_view text) {
  return text.starts_with(' ') ? text.substr(1) : text;
}

/// For CheckSpec::not_stated.
[[nodiscard]] inline std::string no_heartbeat(const Contract& contract) {
  return contract.heartbeat ? "" : "heartbeat";
}

}  // namespace streamgauge

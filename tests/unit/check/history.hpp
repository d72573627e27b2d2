// Hand-written histories in a few lines: a world (contract, scenario, target) and a story told in
// milliseconds, folded by one check the way a run would (or by two threads, merged).
//
//   World w;
//   w.heartbeat(100ms);
//   Story s;
//   s.open(0, 0ms);
//   for (int i = 1; i <= 5; ++i) s.comment(0, i * 100ms, "heartbeat");
//   s.close(0, 550ms);
//   EXPECT_THAT(w.judge("heartbeat.cadence", s), Verdict::pass);
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <vector>

#include "harness/core/check/check.hpp"
#include "harness/core/check/probes.hpp"
#include "harness/core/sse/envelope.hpp"

namespace streamgauge::test {

using namespace std::chrono_literals;

inline constexpr std::uint32_t the_run = 7;
inline constexpr std::string_view good_head =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache, "
    "no-transform\r\nX-Accel-Buffering: no\r\n\r\n";

inline Instant at(Duration since_start) {
  return Instant{1000s + since_start};
}

/// Records in the order told; keeps every text that they refer to.
class Story {
 public:
  Story() = default;
  Story(Story&&) = default;  // records point into the texts: a copy would point into the original
  Story& add(StreamId stream, Duration when, Fact fact) {
    records_.push_back({at(when), stream, std::move(fact)});
    return *this;
  }

  // --- streams ---
  Story& join(StreamId stream, Duration when, std::uint16_t group = 0, std::uint16_t channel = 0) {
    return add(stream, when, fact::Joined{group, channel});
  }
  Story& connect(StreamId stream, Duration when, std::uint32_t attempt = 1, bool sends_id = false) {
    add(stream, when, fact::Connecting{attempt, at(when), sends_id});
    return add(stream, when, fact::Connected{0ms});
  }
  Story& head(StreamId stream, Duration when, int status = 200, std::string_view text = good_head) {
    return add(stream, when, fact::Headers{status, 0ms, keep(text)});
  }
  /// Joined, connected and answered with 200 at once.
  Story& open(StreamId stream, Duration when, std::uint16_t group = 0, std::uint16_t channel = 0) {
    join(stream, when, group, channel);
    connect(stream, when);
    return head(stream, when);
  }
  Story& reopen(StreamId stream, Duration when, std::uint32_t attempt = 2, bool sends_id = true) {
    connect(stream, when, attempt, sends_id);
    return head(stream, when);
  }
  Story& comment(StreamId stream, Duration when, std::string_view text) {
    return add(stream, when, fact::Comment{keep(text)});
  }
  /// An event of the run as the publisher makes them; intended when it arrives unless told.
  Story& event(StreamId stream, Duration when, std::uint64_t seq,
               std::optional<Duration> intended = std::nullopt,
               sse::EnvelopeKind kind = sse::EnvelopeKind::normal, std::size_t bytes = 100) {
    sse::Envelope envelope{the_run, 0, seq, at(intended.value_or(when)), kind};
    std::string data;
    sse::append_envelope(data, envelope, bytes);
    return add(stream, when, fact::Event{"message", "", false, keep(data), envelope});
  }
  /// An event without an envelope: a heartbeat, a lag notice, something injected.
  Story& plain(StreamId stream, Duration when, std::string_view type, std::string_view data,
               std::string_view id = "") {
    return add(stream, when,
               fact::Event{keep(type), keep(id), !id.empty(), keep(data), std::nullopt});
  }
  /// Probe data as it arrived; `type` as it arrived.
  Story& probe(StreamId stream, Duration when, std::uint64_t seq, std::string_view tail,
               std::string_view type = "message") {
    sse::Envelope envelope{the_run, 0, seq, at(when), sse::EnvelopeKind::probe};
    std::string data;
    sse::append_envelope(data, envelope);
    data += tail;
    return add(stream, when, fact::Event{keep(type), "", false, keep(data), envelope});
  }
  Story& oddity(StreamId stream, Duration when, sse::Notice notice, std::string_view detail) {
    return add(stream, when, fact::Oddity{notice, keep(detail)});
  }
  Story& stop(StreamId stream, Duration when) { return add(stream, when, fact::ReadingStopped{}); }
  Story& resume(StreamId stream, Duration when) {
    return add(stream, when, fact::ReadingResumed{});
  }
  Story& gone(StreamId stream, Duration when) { return add(stream, when, fact::PeerGone{}); }
  Story& close(StreamId stream, Duration when, Ending ending = Ending::local,
               bool mid_block = false, std::string_view detail = "") {
    return add(stream, when, fact::Closed{ending, mid_block, keep(detail)});
  }

  // --- publisher, run and machine ---
  Story& published(Duration when, std::uint64_t seq, int status = 200, std::uint32_t bytes = 100,
                   sse::EnvelopeKind kind = sse::EnvelopeKind::normal, std::uint16_t channel = 0,
                   Duration took = 0ms, Duration late = 0ms) {
    return add(
        no_stream, when,
        fact::Published{channel, seq, at(when) - took - late, late, took, bytes, kind, status});
  }
  Story& phase(Duration when, std::uint16_t index) {
    return add(no_stream, when, fact::PhaseBegan{index});
  }
  Story& freeze(Duration from) { return add(no_stream, from, fact::FaultBegan{"freeze"}); }
  Story& thaw(Duration when) { return add(no_stream, when, fact::FaultEnded{"freeze"}); }
  Story& sample(Duration when, std::uint64_t rss_bytes, std::uint32_t descriptors = 10) {
    return add(no_stream, when, fact::Sample{rss_bytes, 0, 1, descriptors, 1});
  }

  [[nodiscard]] const std::vector<Record>& records() const { return records_; }

 private:
  std::string_view keep(std::string_view text) { return texts_.emplace_back(text); }

  std::vector<Record> records_;
  std::deque<std::string> texts_;
};

/// The contract, scenario and target of a test, and the noise of its machine.
class World {
 public:
  World() {
    contract.name = "test";
    contract.headers.within = 500ms;
    scenario.name = "story";
    scenario.channels = {"busy", "empty"};
    scenario.groups.resize(2);
    for (const auto kind : {PhaseKind::control, PhaseKind::fault, PhaseKind::heal}) {
      Phase phase;
      phase.kind = kind;
      phase.publish.push_back({"busy", 0, 10, 100, 0});
      scenario.phases.push_back(phase);
    }
    target.capabilities = {Capability::publish,  Capability::channels,   Capability::resume,
                           Capability::critical, Capability::event_type, Capability::local_process};
    target.publish = PublishTemplate{};
    target.spawn = SpawnSpec{};
    noise.measured = true;
    noise.lag_p99 = noise.lag_max = 1ms;
  }
  World(const World&) = delete;

  HeartbeatTerms& heartbeat(Duration every) {
    contract.heartbeat = HeartbeatTerms{};
    contract.heartbeat->every = contract.heartbeat->first_within = every;
    contract.heartbeat->text = "heartbeat";
    return *contract.heartbeat;
  }

  [[nodiscard]] Finding finding(std::string_view id, const Story& story) const {
    const auto context = make_context();
    Jury jury(context, {std::string(id)});
    for (const auto& record : story.records()) jury.on(record);
    return jury.judge(noise).at(0).finding;
  }

  /// As a run folds it: each thread has its streams, all are told of phases and freezes, and what
  /// the publisher and the engine learn is told to an instance of their own.
  [[nodiscard]] Finding finding_of_threads(std::string_view id, const Story& story,
                                           std::size_t threads) const {
    const auto context = make_context();
    std::deque<Jury> juries;
    for (std::size_t i = 0; i < threads + 1; ++i) juries.emplace_back(context, ids(id));
    for (const auto& record : story.records()) {
      const bool shared = std::holds_alternative<fact::PhaseBegan>(record.fact) ||
                          std::holds_alternative<fact::FaultBegan>(record.fact) ||
                          std::holds_alternative<fact::FaultEnded>(record.fact) ||
                          std::holds_alternative<fact::HopChanged>(record.fact);
      if (shared) {
        for (auto& jury : juries) jury.on(record);
      } else {
        juries[record.stream == no_stream ? threads : record.stream % threads].on(record);
      }
    }
    for (std::size_t i = 1; i < juries.size(); ++i) juries[0].merge(juries[i]);
    return juries[0].judge(noise).at(0).finding;
  }

  /// The verdict, and a failure if the threads of a run would have come to another finding.
  [[nodiscard]] Verdict judge(std::string_view id, const Story& story) const {
    const auto one = finding(id, story);
    for (const std::size_t threads : {std::size_t{1}, std::size_t{2}, std::size_t{3}}) {
      const auto many = finding_of_threads(id, story, threads);
      EXPECT_EQ(to_string(one.verdict), to_string(many.verdict)) << id << ": " << many.reason;
      EXPECT_EQ(one.measured, many.measured) << id;
      EXPECT_EQ(one.counts, many.counts) << id;
      EXPECT_EQ(one.reason, many.reason) << id;
      EXPECT_EQ(one.evidence, many.evidence) << id;
    }
    EXPECT_LE(one.evidence.size(), EvidenceList::max);
    EXPECT_LE(columns(one.measured), 44u) << id << ": " << one.measured;
    EXPECT_LE(columns(one.bound), 40u) << id << ": " << one.bound;
    const bool needs_reason = one.verdict != Verdict::pass && one.verdict != Verdict::info;
    EXPECT_EQ(!one.reason.empty(), needs_reason) << to_string(one.verdict) << ": " << one.reason;
    if (one.verdict == Verdict::pass) {
      EXPECT_FALSE(one.measured.empty());
      EXPECT_FALSE(one.bound.empty());
    }
    return one.verdict;
  }

  Contract contract;
  Scenario scenario;
  TargetSpec target;
  Noise noise;
  std::vector<std::string> path;

 private:
  /// A console line has room for that many: what was measured and its bound must not be cut.
  static std::size_t columns(std::string_view text) {
    std::size_t count = 0;
    for (const char c : text) count += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    return count;
  }
  static std::vector<std::string> ids(std::string_view id) { return {std::string(id)}; }
  [[nodiscard]] CheckContext make_context() const {
    return CheckContext{contract, scenario, target, the_run, 16, path};
  }
};

}  // namespace streamgauge::test

namespace streamgauge {
/// So that a failing expectation reads "fail" instead of a number.
inline void PrintTo(Verdict verdict, std::ostream* out) {
  *out << to_string(verdict);
}
}  // namespace streamgauge

#include "harness/core/result/measurements.hpp"

#include <gtest/gtest.h>

#include <random>

using namespace std::chrono_literals;
using namespace streamgauge;

namespace {

const Instant run_began{1'790'000'000s};

Contract contract_with_heartbeats() {
  Contract contract;
  contract.preamble = "connected";
  contract.heartbeat.emplace();
  contract.heartbeat->every = 1s;
  contract.heartbeat->text = "heartbeat";
  return contract;
}

Scenario two_groups() {
  Scenario scenario;
  scenario.groups.resize(2);
  scenario.groups[1].read_bytes_per_s = 100;
  return scenario;
}

/// Writes histories in few words; times are relative to the start.
struct MeasuredStory {
  explicit MeasuredStory(Contract contract = contract_with_heartbeats(), std::uint32_t streams = 4)
      : fold(contract, two_groups(), run_began, streams, 1s) {}

  MeasuredStory& tell(Duration at, Fact fact, StreamId stream = 0) {
    fold.on({run_began + at, stream, fact});
    return *this;
  }
  MeasuredStory& open(Duration at, std::uint32_t attempt = 1, StreamId stream = 0) {
    tell(at, fact::Connecting{attempt, run_began + at, false}, stream);
    tell(at, fact::Connected{1ms}, stream);
    return tell(at, fact::Headers{200, 2ms, "HTTP/1.1 200 OK"}, stream);
  }
  MeasuredStory& event(Duration at, Duration intended, StreamId stream = 0,
                       sse::EnvelopeKind kind = sse::EnvelopeKind::normal) {
    fact::Event e{"message", "", false, "data",
                  sse::Envelope{1, 0, ++seq, run_began + intended, kind}};
    return tell(at, e, stream);
  }
  MeasuredStory& plain(Duration at, std::string_view type = "message", StreamId stream = 0) {
    return tell(at, fact::Event{type, "", false, "data", std::nullopt}, stream);
  }
  MeasuredStory& comment(Duration at, std::string_view text, StreamId stream = 0) {
    return tell(at, fact::Comment{text}, stream);
  }
  MeasuredStory& close(Duration at, Ending ending = Ending::complete, StreamId stream = 0) {
    return tell(at, fact::Closed{ending, false, ""}, stream);
  }

  std::uint64_t n(const char* name) const { return fold.histograms().at(name).count(); }
  /// Whether the histogram's largest value is `value`, within its resolution.
  bool max_is(const std::string& name, Duration value) const {
    const Duration max = fold.histograms().at(name).max();
    return max >= value && max <= value + value / 500 + 1us;
  }

  Measurements fold;
  std::uint64_t seq = 0;
};

}  // namespace

TEST(Measurements, name_every_histogram_from_the_start) {
  const HistogramSet set = MeasuredStory().fold.histograms();
  for (const char* name :
       {"connect", "headers", "first_event", "delivery", "event_gap", "heartbeat_gap",
        "reconnect_gap", "stall_detection", "drain_close", "scheduling_lag", "stream_lifetime"}) {
    ASSERT_TRUE(set.contains(name)) << name;
    EXPECT_TRUE(set.at(name).empty());
  }
  EXPECT_EQ(set.size(), 11u);
}

TEST(Measurements, take_connect_and_header_times_from_the_client) {
  MeasuredStory story;
  story.open(0s);
  EXPECT_TRUE(story.max_is("connect", 1ms));
  EXPECT_TRUE(story.max_is("headers", 2ms));
  EXPECT_EQ(story.fold.counts().opened, 1u);
}

TEST(Measurements, take_no_header_time_from_a_refusal) {
  MeasuredStory story;
  story.tell(0s, fact::Headers{503, 2ms, ""}).close(1s, Ending::rejected);
  EXPECT_EQ(story.n("headers"), 0u);
  EXPECT_EQ(story.n("stream_lifetime"), 0u);
  EXPECT_EQ(story.fold.counts().rejected, 1u);
  EXPECT_EQ(story.fold.counts().opened, 0u);
  EXPECT_EQ(story.fold.series().rows.size(), 0u);
  EXPECT_EQ(story.fold.endings().at("rejected"), 1u);
}

TEST(Measurements, take_the_first_event_from_the_intended_begin_once_per_connection) {
  MeasuredStory story;
  story.tell(100ms, fact::Connecting{1, run_began + 50ms, false});
  story.tell(200ms, fact::Headers{200, 2ms, ""});
  story.plain(250ms).plain(900ms);
  EXPECT_EQ(story.n("first_event"), 1u);
  EXPECT_TRUE(story.max_is("first_event", 200ms));
  story.close(1s).open(2s, 2).plain(2500ms);
  EXPECT_EQ(story.n("first_event"), 2u);
  EXPECT_TRUE(story.max_is("first_event", 500ms));
}

TEST(Measurements, charge_delivery_from_the_intended_send_time) {
  MeasuredStory story;
  story.open(0s).event(1s + 30ms, 1s).event(1s + 31ms, 1s, 0, sse::EnvelopeKind::critical);
  EXPECT_EQ(story.n("delivery"), 2u);
  EXPECT_TRUE(story.max_is("delivery", 31ms));
  EXPECT_EQ(story.fold.series().rows.at(1).delivery, story.fold.histograms().at("delivery"));
}

TEST(Measurements, take_no_delivery_from_probes_and_from_events_without_envelope) {
  MeasuredStory story;
  story.open(0s).event(1s, 1s, 0, sse::EnvelopeKind::probe).plain(2s);
  EXPECT_EQ(story.n("delivery"), 0u);
  EXPECT_EQ(story.n("event_gap"), 1u);
  EXPECT_EQ(story.fold.counts().events, 2u);
}

TEST(Measurements, take_a_negative_latency_as_none) {
  MeasuredStory story;
  story.open(0s).event(1s, 2s);
  EXPECT_EQ(story.n("delivery"), 1u);
  EXPECT_LT(story.fold.histograms().at("delivery").max(), 1us);
}

TEST(Measurements, charge_nothing_to_the_target_while_the_client_does_not_read) {
  MeasuredStory story;
  story.open(0s).event(1s, 1s);
  story.tell(2s, fact::ReadingStopped{}).event(2500ms, 2400ms);
  EXPECT_EQ(story.n("delivery"), 1u);
  story.tell(10s, fact::ReadingResumed{});
  story.event(10s + 1ms, 3s).event(10s + 2ms, 10s - 1ns);
  EXPECT_EQ(story.n("delivery"), 1u);
  EXPECT_EQ(story.n("event_gap"), 0u);
  EXPECT_EQ(story.fold.counts().delayed_by_client, 3u);
  EXPECT_EQ(story.fold.counts().events, 4u);
  story.event(10s + 5ms, 10s).event(11s, 11s);  // intended at the resume or later: counts
  EXPECT_EQ(story.n("delivery"), 3u);
  EXPECT_EQ(story.n("event_gap"), 1u);
  EXPECT_TRUE(story.max_is("event_gap", 995ms));
}

TEST(Measurements, trust_a_new_connection_of_a_client_that_had_stopped_reading) {
  MeasuredStory story;
  story.open(0s).tell(1s, fact::ReadingStopped{}).close(2s, Ending::reset);
  story.open(3s, 2).event(4s, 3500ms);
  EXPECT_EQ(story.n("delivery"), 1u);
}

TEST(Measurements, take_nothing_from_readers_made_slow_on_purpose) {
  MeasuredStory story;
  story.tell(0s, fact::Joined{1, 0}).open(0s).event(1s, 500ms).event(2s, 500ms);
  story.comment(3s, " heartbeat").comment(9s, " heartbeat");
  EXPECT_EQ(story.n("delivery"), 0u);
  EXPECT_EQ(story.n("event_gap"), 0u);
  EXPECT_EQ(story.n("heartbeat_gap"), 0u);
  EXPECT_EQ(story.fold.counts().events, 2u);
}

TEST(Measurements, count_replayed_events_apart) {
  MeasuredStory story;
  story.open(0s).event(1s, 1s).close(2s);
  story.open(5s, 2).event(5s + 1ms, 3s).event(5s + 2ms, 5s - 1ns).event(5s + 3ms, 5s);
  EXPECT_EQ(story.fold.counts().replayed, 2u);
  EXPECT_EQ(story.n("delivery"), 2u);
  EXPECT_TRUE(story.max_is("delivery", 3ms));
  EXPECT_EQ(story.n("event_gap"), 0u);
}

TEST(Measurements, charge_what_the_first_headers_held_back) {
  MeasuredStory story;  // a proxy that buffers hands out headers and event together, late
  story.tell(0s, fact::Connecting{1, run_began, false}).tell(3s, fact::Headers{200, 3s, ""});
  story.event(3s, 1s);
  EXPECT_TRUE(story.max_is("delivery", 2s));
  EXPECT_EQ(story.fold.counts().replayed, 0u);
}

TEST(Measurements, take_events_of_a_former_run_for_replayed) {
  MeasuredStory story;
  story.open(0s).event(1s, -1ns);
  EXPECT_EQ(story.n("delivery"), 0u);
  EXPECT_EQ(story.fold.counts().replayed, 1u);
}

TEST(Measurements, measure_gaps_within_a_connection_only) {
  MeasuredStory story;
  story.open(0s).plain(1s).plain(3s).close(4s).open(8s, 2).plain(9s).plain(10s);
  story.plain(60s, "message", 1).plain(60s, "message", 2);  // other streams' first
  EXPECT_EQ(story.n("event_gap"), 2u);
  EXPECT_TRUE(story.max_is("event_gap", 2s));
}

TEST(Measurements, know_heartbeats_by_the_contract) {
  MeasuredStory story;
  story.open(0s).comment(1ms, " connected");
  story.comment(1s, " heartbeat").comment(1500ms, " other").comment(2s, "heartbeat");
  EXPECT_EQ(story.n("heartbeat_gap"), 1u);
  EXPECT_TRUE(story.max_is("heartbeat_gap", 1s));
  EXPECT_EQ(story.fold.counts().comments, 4u);
  story.close(3s).open(60s, 2).comment(61s, " heartbeat");
  EXPECT_EQ(story.n("heartbeat_gap"), 1u);
}

TEST(Measurements, take_any_comment_but_the_preamble_where_no_text_is_stated) {
  Contract contract = contract_with_heartbeats();
  contract.heartbeat->text.clear();
  MeasuredStory story(contract);
  story.open(0s).comment(0s, " connected").comment(1s, "").comment(2s, "x");
  EXPECT_EQ(story.n("heartbeat_gap"), 1u);
  EXPECT_TRUE(story.max_is("heartbeat_gap", 1s));
  story.comment(5s, " connected");  // only the first block is a preamble
  EXPECT_TRUE(story.max_is("heartbeat_gap", 3s));
}

TEST(Measurements, know_heartbeats_that_come_as_events) {
  Contract contract = contract_with_heartbeats();
  contract.heartbeat->form = HeartbeatForm::event;
  contract.heartbeat->text = "ping";
  MeasuredStory story(contract);
  story.open(0s).plain(1s, "ping").plain(1200ms).plain(2s, "ping").comment(9s, " ping");
  EXPECT_EQ(story.n("heartbeat_gap"), 1u);
  EXPECT_EQ(story.n("event_gap"), 0u);
  EXPECT_EQ(story.fold.counts().events, 1u);
}

TEST(Measurements, take_no_heartbeat_gap_from_a_contract_without_heartbeats) {
  MeasuredStory story{Contract{}};
  story.open(0s).comment(1s, " heartbeat").comment(2s, " heartbeat");
  EXPECT_EQ(story.n("heartbeat_gap"), 0u);
}

TEST(Measurements, take_no_heartbeat_gap_from_the_backlog_after_a_pause) {
  MeasuredStory story;
  story.open(0s).comment(1s, " heartbeat").tell(1500ms, fact::ReadingStopped{});
  story.tell(10s, fact::ReadingResumed{});
  story.comment(10s, " heartbeat").comment(10s, " heartbeat").comment(11s - 1ns, " heartbeat");
  EXPECT_EQ(story.n("heartbeat_gap"), 0u);
  story.comment(11s, " heartbeat").comment(12s, " heartbeat");
  EXPECT_EQ(story.n("heartbeat_gap"), 1u);
}

TEST(Measurements, measure_how_long_a_stream_was_away_and_how_long_it_lived) {
  MeasuredStory story;
  story.open(0s).close(10s, Ending::reset);
  story.tell(11s, fact::ConnectFailed{"refused", true});
  story.tell(12s, fact::Headers{503, 1ms, ""}).close(12s, Ending::rejected).open(15s, 3);
  EXPECT_EQ(story.n("reconnect_gap"), 1u);
  EXPECT_TRUE(story.max_is("reconnect_gap", 5s));
  EXPECT_EQ(story.n("stream_lifetime"), 1u);
  EXPECT_TRUE(story.max_is("stream_lifetime", 10s));
  EXPECT_EQ(story.fold.counts().reconnected, 1u);
  EXPECT_EQ(story.fold.counts().refused, 1u);
  EXPECT_EQ(story.fold.series().rows.at(15).streams_open, 1u);
  EXPECT_EQ(story.fold.series().rows.at(15).reconnects, 1u);
  EXPECT_EQ(story.fold.series().rows.at(12).streams_open, 0u);
}

TEST(Measurements, count_how_connections_ended) {
  MeasuredStory story;
  story.open(0s).close(1s, Ending::truncated).open(2s, 2).close(3s, Ending::local);
  story.tell(4s, fact::Connecting{3, run_began + 4s, false}).close(5s, Ending::timed_out);
  const auto endings = story.fold.endings();
  EXPECT_EQ(endings.size(), 3u);
  EXPECT_EQ(endings.at("truncated"), 1u);
  EXPECT_EQ(endings.at("local"), 1u);
  EXPECT_EQ(endings.at("timed_out"), 1u);
  EXPECT_EQ(story.n("stream_lifetime"), 2u);
}

TEST(Measurements, count_only_accepted_publications_as_published) {
  MeasuredStory story;
  for (const int status : {200, 202, 299, 0, 199, 300, 404, 500}) {
    story.tell(1s, fact::Published{0, 1, run_began, 0s, 1ms, 10, sse::EnvelopeKind::normal, status},
               no_stream);
  }
  EXPECT_EQ(story.fold.counts().published, 3u);
  EXPECT_EQ(story.fold.counts().publish_failed, 5u);
  EXPECT_EQ(story.fold.series().rows.at(1).published, 3u);
}

TEST(Measurements, sum_up_the_targets_resources) {
  MeasuredStory story;
  const auto sample = [&](Duration at, std::uint64_t rss, std::uint64_t cpu,
                          std::uint32_t threads) {
    story.tell(at, fact::Sample{rss, cpu, threads, 10 + threads, 1}, no_stream);
  };
  EXPECT_FALSE(story.fold.resources().sampled);
  sample(0s, 100, 1000, 2);
  sample(500ms, 300, 1500, 5);
  sample(1s, 200, 1700, 3);
  sample(2s, 150, 50, 3);  // another process: counted from there on
  sample(3s, 150, 60, 3);
  const Resources& r = story.fold.resources();
  EXPECT_TRUE(r.sampled);
  EXPECT_EQ(r.rss_start_bytes, 100u);
  EXPECT_EQ(r.rss_peak_bytes, 300u);
  EXPECT_EQ(r.rss_end_bytes, 150u);
  EXPECT_EQ(r.cpu_ns, 710u);
  EXPECT_EQ(r.threads_max, 5u);
  EXPECT_EQ(r.descriptors_max, 15u);
  EXPECT_EQ(r.processes_max, 1u);
  const TimeSeries series = story.fold.series();
  EXPECT_EQ(series.rows[0].cpu_ns, 500u);
  EXPECT_EQ(series.rows[0].rss_bytes, 300u);
  EXPECT_EQ(series.rows[1].cpu_ns, 200u);
  EXPECT_EQ(series.rows[2].cpu_ns, 0u);
}

TEST(Measurements, know_their_own_noise) {
  MeasuredStory story;
  EXPECT_FALSE(story.fold.noise().measured);
  for (int i = 0; i < 98; ++i) story.tell(1s, fact::SchedulingLag{1ms}, no_stream);
  story.tell(1s, fact::SchedulingLag{3ms}, no_stream);
  story.tell(2s, fact::SchedulingLag{70ms}, no_stream);
  const Noise noise = story.fold.noise();
  EXPECT_TRUE(noise.measured);
  EXPECT_EQ(noise.lag_max, 70ms);
  EXPECT_GE(noise.lag_p99, 3ms);
  EXPECT_LT(noise.lag_p99, 4ms);
  EXPECT_FALSE(noise.generator_saturated);
  EXPECT_EQ(story.fold.series().rows.at(2).lag_max, 70ms);
  MeasuredStory single;
  single.tell(0s, fact::SchedulingLag{3ms}, no_stream);
  EXPECT_LE(single.fold.noise().lag_p99, single.fold.noise().lag_max);
}

TEST(Measurements, ignore_streams_that_the_run_does_not_have) {
  MeasuredStory story({}, 2);
  story.plain(1s, "message", 1).plain(1s, "message", 2).plain(1s, "message", no_stream - 1);
  EXPECT_EQ(story.fold.counts().events, 1u);
  EXPECT_EQ(story.fold.counts().misplaced, 2u);
}

TEST(Measurements, survive_times_at_both_ends) {
  MeasuredStory story;
  for (const Instant at : {Instant::min(), Instant::max(), Instant::min()}) {
    story.fold.on({at, 0, fact::Connecting{1, Instant::max(), false}});
    story.fold.on({at, 0, fact::Headers{200, Duration::min(), ""}});
    story.fold.on(
        {at, 0, fact::Event{"m", "", false, "", sse::Envelope{1, 1, 1, Instant::max(), {}}}});
    story.fold.on({at, 0, fact::Comment{" heartbeat"}});
    story.fold.on({at, 0, fact::Closed{Ending::eof, true, ""}});
  }
  EXPECT_EQ(story.fold.counts().events, 3u);
}

TEST(Measurements, merge_to_what_one_instance_would_have_measured) {
  constexpr std::uint32_t streams = 40;
  const Contract contract = contract_with_heartbeats();
  MeasuredStory whole(contract, streams), engine(contract, streams);
  MeasuredStory parts[3] = {MeasuredStory(contract, streams), MeasuredStory(contract, streams),
                            MeasuredStory(contract, streams)};
  std::mt19937 random(5);
  for (int i = 0; i < 20'000; ++i) {
    const Duration at = std::chrono::milliseconds{i / 2};
    const auto stream = static_cast<StreamId>(random() % streams);
    const auto what = static_cast<unsigned>(random() % 100);
    const Duration lag{static_cast<Duration::rep>(random() % 1'000'000)};
    for (MeasuredStory* story : {&whole, &parts[stream % 3]}) {
      if (what < 60)
        story->event(at, at - lag, stream);
      else if (what < 80)
        story->comment(at, " heartbeat", stream);
      else if (what < 85)
        story->close(at, static_cast<Ending>(what - 80), stream);
      else if (what < 93)
        story->open(at, 2, stream);
      else if (what < 95)
        story->tell(at, fact::ReadingStopped{}, stream);
      else if (what < 99)
        story->tell(at, fact::ReadingResumed{}, stream);
    }
    if (what == 99) {
      for (MeasuredStory* story : {&whole, &engine}) {
        story->tell(at, fact::SchedulingLag{lag}, no_stream);
        story->tell(at, fact::Sample{what, static_cast<std::uint64_t>(i), 1, 1, 1}, no_stream);
      }
    }
  }
  // Phases are told to everybody and must change nothing.
  for (MeasuredStory& part : parts) part.tell(10s, fact::PhaseBegan{1}, no_stream);
  MeasuredStory merged(contract, streams);
  for (const MeasuredStory& part : parts) merged.fold.merge(part.fold);
  merged.fold.merge(engine.fold);

  EXPECT_EQ(merged.fold.histograms(), whole.fold.histograms());
  EXPECT_EQ(merged.fold.counts(), whole.fold.counts());
  EXPECT_EQ(merged.fold.endings(), whole.fold.endings());
  EXPECT_EQ(merged.fold.noise().lag_max, whole.fold.noise().lag_max);
  EXPECT_EQ(merged.fold.resources().cpu_ns, whole.fold.resources().cpu_ns);
  const TimeSeries a = merged.fold.series(), b = whole.fold.series();
  ASSERT_EQ(a.rows.size(), b.rows.size());
  for (std::size_t i = 0; i < a.rows.size(); ++i) {
    EXPECT_EQ(a.rows[i].events, b.rows[i].events);
    EXPECT_EQ(a.rows[i].delivery, b.rows[i].delivery);
    EXPECT_EQ(a.rows[i].streams_open, b.rows[i].streams_open);
    EXPECT_EQ(a.rows[i].cpu_ns, b.rows[i].cpu_ns);
  }
  // The state of each stream has come along: gaps go on where the parts left off.
  for (StreamId s = 0; s < streams; ++s) {
    merged.plain(60s, "message", s);
    whole.plain(60s, "message", s);
  }
  EXPECT_EQ(merged.fold.histograms(), whole.fold.histograms());
}

TEST(Measurements, a_stall_is_detected_when_the_client_ends_a_connection_that_went_silent) {
  MeasuredStory story;
  story.open(0s).tell(2s, fact::Deafened{}).tell(2500ms, fact::Deafened{});
  story.close(3s, Ending::silent);
  EXPECT_EQ(story.n("stall_detection"), 1u);
  EXPECT_TRUE(story.max_is("stall_detection", 1s));
  // Ended by somebody else: nothing was detected.
  story.open(4s).tell(5s, fact::Deafened{}).close(6s, Ending::local);
  EXPECT_EQ(story.n("stall_detection"), 1u);
}

TEST(Measurements, a_silence_that_nobody_announced_begins_with_the_last_byte) {
  MeasuredStory story;
  story.open(1s).tell(2s, fact::Comment{"heartbeat"}).close(5s, Ending::silent);
  EXPECT_EQ(story.n("stall_detection"), 1u);
  EXPECT_TRUE(story.max_is("stall_detection", 3s));
}

TEST(Measurements, a_detection_is_told_by_the_policy_that_made_it) {
  MeasuredStory story;
  const auto kind = std::string{to_string(two_groups().groups[0].policy.kind)};
  story.tell(0s, fact::Joined{0, 0}).open(0s).close(2s, Ending::silent);
  EXPECT_TRUE(story.max_is("stall_detection_" + kind, 2s));
}

TEST(Measurements, a_silence_before_the_head_is_detected_by_the_header_deadline) {
  MeasuredStory story;
  story.tell(0s, fact::Connecting{1, run_began, false}).tell(1ms, fact::Connected{1ms});
  story.tell(1ms, fact::Deafened{}).close(501ms, Ending::timed_out);
  EXPECT_TRUE(story.max_is("stall_detection", 500ms));
}

TEST(Measurements, drain_closes_are_of_streams_that_were_open_when_the_order_came) {
  MeasuredStory story;
  story.open(0s, 1, 0).open(0s, 1, 1).open(0s, 1, 2);
  story.close(1s, Ending::complete, 2);
  story.tell(2s, fact::TargetChanged{TargetEvent::stop_ordered, 0, "SIGTERM"}, no_stream);
  story.close(2200ms, Ending::complete, 0);
  story.open(2300ms, 2, 0).close(4s, Ending::complete, 0);  // of the second instance
  story.close(5s, Ending::local, 1);                        // by the harness
  EXPECT_EQ(story.n("drain_close"), 1u);
  EXPECT_TRUE(story.max_is("drain_close", 200ms));
}

TEST(Measurements, tell_rows_how_long_the_gaps_were_that_heartbeats_ended_in_them) {
  MeasuredStory story;
  story.open(0s).comment(0s, "connected").comment(500ms, "heartbeat").comment(1400ms, "heartbeat");
  story.comment(1900ms, "heartbeat").comment(3200ms, "heartbeat");
  const TimeSeries series = story.fold.series();
  EXPECT_EQ(series.rows.at(0).heartbeats, 0u);
  EXPECT_EQ(series.rows.at(1).heartbeats, 2u);
  EXPECT_EQ(series.rows.at(1).heartbeat_gap_min, 500ms);
  EXPECT_EQ(series.rows.at(1).heartbeat_gap_max, 900ms);
  EXPECT_EQ(series.rows.at(3).heartbeat_gap_min, 1300ms);
}

TEST(Measurements, count_attempts_and_returns_of_clients_that_had_a_stream_before) {
  MeasuredStory story;
  story.open(0s).close(10ms).tell(12ms, fact::Connecting{2, run_began, false});
  story.tell(13ms, fact::ConnectFailed{"refused", true});
  story.open(21ms, 3);
  EXPECT_EQ(story.fold.attempts().counts, (std::vector<std::uint32_t>{0, 0, 1, 0, 1}));
  EXPECT_EQ(story.fold.reconnects().counts, (std::vector<std::uint32_t>{0, 0, 0, 0, 1}));
}

TEST(Measurements, show_while_they_go_on_what_sequences_skipped) {
  Contract contract = contract_with_heartbeats();
  MeasuredStory story(contract);
  story.open(0s).event(1s, 1s).event(2s, 2s);
  EXPECT_EQ(story.fold.figures().missing, 0u);
  story.seq += 3;
  story.event(3s, 3s);
  EXPECT_EQ(story.fold.figures().missing, 3u);
  EXPECT_EQ(story.fold.figures().events, 3u);
  EXPECT_EQ(story.fold.figures().delivery.count(), 3u);
  // What was published while a client was away is owed only where it is replayed, and what a full
  // queue dropped while it did not read is another matter.
  story.close(4s).open(5s, 2);
  story.seq += 7;
  story.event(6s, 6s).tell(7s, fact::ReadingStopped{}).tell(8s, fact::ReadingResumed{});
  story.seq += 7;
  story.event(9s, 9s);
  EXPECT_EQ(story.fold.figures().missing, 3u);
}

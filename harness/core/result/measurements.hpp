// What a run measured, folded from its records: histograms, rows over time, counts and resources.
//
// One instance per thread hears that thread's records in order; instances are merged when the run
// is over. State per stream is constant (a vector indexed by stream), memory for the time series is
// bounded (`SeriesFold`), and an event costs tens of nanoseconds.
//
// Facts about the whole run that each thread is told (phases, faults) are marks, not counts;
// Published, Sample, SchedulingLag and TargetDied must be told to one instance each, and add up.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/check/check.hpp"
#include "harness/core/contract/contract.hpp"
#include "harness/core/history/record.hpp"
#include "harness/core/latency/histogram.hpp"
#include "harness/core/result/bin_fold.hpp"
#include "harness/core/result/live_figures.hpp"
#include "harness/core/result/mark_fold.hpp"
#include "harness/core/result/run_result.hpp"
#include "harness/core/result/series_fold.hpp"
#include "harness/core/scenario/scenario.hpp"

namespace streamgauge {

/// Plain sums over the run.
struct MeasuredCounts {
  std::uint64_t events = 0, comments = 0;
  std::uint64_t bytes = 0;     // event data and comment text; no framing, no heads
  std::uint64_t replayed = 0;  // events from before the connection that delivered them
  std::uint64_t delayed_by_client =
      0;  // events while or from before the client began to read again
  std::uint64_t connected = 0, connect_failed = 0, refused = 0;
  std::uint64_t opened = 0;       // responses with status 200
  std::uint64_t reconnected = 0;  // of these: of streams that had one before
  std::uint64_t rejected = 0;     // responses with another status
  std::uint64_t gave_up = 0;
  std::uint64_t published = 0;       // answered with 2xx
  std::uint64_t publish_failed = 0;  // answered otherwise, or not at all
  std::uint64_t target_deaths = 0;
  std::uint64_t misplaced = 0;  // records of streams that the run does not have: ignored

  MeasuredCounts& operator+=(const MeasuredCounts& other);
  friend bool operator==(const MeasuredCounts&, const MeasuredCounts&) = default;
};

/// What goes into which histogram:
/// - connect, headers: as the client measured them (headers: of responses with status 200).
/// - first_event: from the intended begin of the attempt to the connection's first event.
/// - delivery: receipt minus intended send time, of events of kind normal and critical. Not: what
///   arrives while the client does not read on purpose or was sent before it read again, what
///   readers made slow on purpose receive, what a resumed connection replays (sent before its
///   headers), and events from before the run (a predecessor's, out of a replay ring).
/// - event_gap: between two events of one connection, with the same exceptions; heartbeats that
///   come as events are none.
/// - heartbeat_gap: between two heartbeats of one connection, as the contract defines heartbeats;
///   the preamble is none. Not while the client does not read, nor in the first period after.
/// - reconnect_gap: from a close to the next response with status 200.
/// - stall_detection: from a path's silence to the client's own end of the connection, by its
///   liveness or its header deadline. It went silent when the harness made it so (Deafened), else
///   with the last byte that a record tells of. The same again for each policy whose clients
///   detected one: stall_detection_agent, stall_detection_hybrid, ...
/// - drain_close: from the order to stop to the end of each stream that was open then.
/// - scheduling_lag: of the harness itself. stream_lifetime: from headers to close, of every
///   stream that was accepted; it is no latency and is never mixed with one.
class Measurements final : public RecordSink {
 public:
  /// A gate's scenarios take seconds: their plots need rows shorter than one.
  static constexpr Duration series_interval = std::chrono::milliseconds{100};

  /// `streams`: stream ids are below it. What is needed of contract and scenario is copied.
  Measurements(const Contract& contract, const Scenario& scenario, Instant started,
               std::uint32_t streams, Duration interval = series_interval);

  void on(const Record& record) override;

  /// Exact when the streams of the two are disjoint and only one has heard samples of the target.
  /// Both began at the same `started`.
  void merge(const Measurements& other);

  /// All names, also of histograms in which there is nothing.
  [[nodiscard]] HistogramSet histograms() const;
  [[nodiscard]] TimeSeries series() const { return series_.rows(); }
  [[nodiscard]] std::vector<Mark> marks() const { return marks_.marks(); }
  /// Connections that were begun, and responses with status 200, of streams that had one before.
  [[nodiscard]] Bins attempts() const { return attempts_.bins(); }
  [[nodiscard]] Bins reconnects() const { return reconnects_.bins(); }
  /// Without the harness's own figures, which no record carries.
  [[nodiscard]] const Resources& resources() const { return resources_; }
  /// How connections ended, by Ending name; without those that never occurred.
  [[nodiscard]] std::map<std::string, std::uint64_t> endings() const;
  [[nodiscard]] const MeasuredCounts& counts() const { return counts_; }
  /// A look at this thread's part while the run goes on; not before, nor after, a merge.
  [[nodiscard]] LiveFigures figures() const;
  /// `generator_saturated` is for the caller to judge.
  [[nodiscard]] Noise noise() const;

 private:
  static constexpr std::size_t endings_count = static_cast<std::size_t>(Ending::local) + 1;

  /// Times of one stream in nanoseconds since the epoch; `never` when it did not happen.
  struct StreamState {
    static constexpr Instant never = Instant::min();
    Instant attempt_intended = never;  // of the current connection attempt
    Instant opened = never;            // headers of the current connection; never: not open
    Instant closed = never;            // of the last one, while none is open
    Instant last_event = never;
    Instant last_heartbeat = never;
    Instant resumed = never;     // reading went on
    Instant deafened = never;    // the current connection's path went silent
    Instant heard_at = never;    // connected, or the last head, comment, event or retry since
    std::uint64_t last_seq = 0;  // of the channel's numbers; 0: the next may be any
    std::uint16_t group = 0;
    bool heard = false;          // any record at all
    bool reconnected = false;    // the current connection is not the stream's first
    bool opened_once = false;
    bool stopped = false;    // does not read on purpose
    bool slow = false;       // reads slowly on purpose
    bool had_event = false;  // on the current connection
    bool had_block = false;  // event or comment on the current connection
  };

  void on_stream(const Record& record);
  void on_connecting(StreamState& stream, Instant at, const fact::Connecting& fact);
  void on_headers(StreamState& stream, Instant at, const fact::Headers& fact);
  void on_event(StreamState& stream, Instant at, const fact::Event& fact);
  void on_number(StreamState& stream, const sse::Envelope& envelope);
  void on_comment(StreamState& stream, Instant at, const fact::Comment& fact);
  void on_heartbeat(StreamState& stream, Instant at);
  void on_closed(StreamState& stream, Instant at, const fact::Closed& fact);
  void on_run(const Record& record);
  void on_sample(Instant at, const fact::Sample& sample);

  // Of the contract.
  bool has_heartbeat_ = false;
  HeartbeatForm heartbeat_form_ = HeartbeatForm::comment;
  std::string heartbeat_text_;
  Duration heartbeat_every_{};
  std::optional<std::string> preamble_;
  bool replays_ = false;
  std::vector<bool> slow_groups_;
  std::vector<PolicyKind> policies_;  // of the groups

  Instant started_;
  std::vector<StreamState> streams_;
  latency::Histogram connect_, headers_, first_event_, delivery_, event_gap_, heartbeat_gap_,
      reconnect_gap_, stall_detection_, drain_close_, scheduling_lag_, stream_lifetime_;
  std::map<PolicyKind, latency::Histogram> detection_by_;
  Instant stop_ordered_ = StreamState::never;
  Duration lag_max_{};
  SeriesFold series_;
  BinFold attempts_, reconnects_;
  MarkFold marks_;
  std::array<std::uint64_t, endings_count> endings_{};
  MeasuredCounts counts_;
  std::uint64_t missing_ = 0;  // see LiveFigures; an estimate, not merged
  Resources resources_;
  std::uint64_t last_cpu_ns_ = 0;
};

}  // namespace streamgauge

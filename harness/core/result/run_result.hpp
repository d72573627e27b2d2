// What a run ended in: the one structure that every report format is written from.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/base/error.hpp"
#include "harness/core/check/check.hpp"
#include "harness/core/history/wire_log.hpp"
#include "harness/core/latency/histogram.hpp"
#include "harness/core/result/bin_fold.hpp"

namespace streamgauge {

/// One row of timeseries.csv; rows have equal length, which doubles when they get too many.
struct IntervalRow {
  std::uint64_t events = 0, comments = 0, bytes = 0, published = 0;
  std::uint64_t opened = 0, closed = 0, reconnects = 0;
  std::uint64_t streams_open = 0;           // at the interval's end
  latency::Histogram delivery;              // of this interval
  std::uint64_t rss_bytes = 0, cpu_ns = 0;  // target: last sample, CPU used within
  std::uint32_t threads = 0, descriptors = 0;
  Duration lag_max{};
  std::uint64_t heartbeats = 0;  // that ended a gap; how long these were, of one connection each
  Duration heartbeat_gap_min{}, heartbeat_gap_max{};
};

struct TimeSeries {
  Instant started{};
  Duration interval = std::chrono::seconds{1};
  std::vector<IntervalRow> rows;
};

/// Named histograms of one scenario: connect, headers, first_event, delivery, event_gap,
/// heartbeat_gap, reconnect_gap, stall_detection, drain_close, scheduling_lag, stream_lifetime.
using HistogramSet = std::map<std::string, latency::Histogram>;

struct Resources {
  bool sampled = false;
  std::uint64_t rss_start_bytes = 0, rss_peak_bytes = 0, rss_end_bytes = 0;
  std::uint64_t cpu_ns = 0;
  std::uint32_t threads_max = 0, descriptors_max = 0, processes_max = 0;
  std::uint64_t harness_rss_peak_bytes = 0, harness_cpu_ns = 0;
  /// Of cpu_ns what the phases took, without start and connecting, by the scheduler's own account:
  /// to the nanosecond, where the rest counts in ticks of some 10 ms. 0: not known.
  std::uint64_t load_cpu_ns = 0;
};

/// What a plot over time marks: what was done to the target or its clients, or became of it.
struct Mark {
  enum class Kind : std::uint8_t { phase, fault, action, target };
  Kind kind = Kind::phase;
  Instant begin{};
  std::optional<Instant> end;  // none: it has no length, or lasts until the run's end
  std::string name;
  friend bool operator==(const Mark&, const Mark&) = default;
};
[[nodiscard]] std::string_view to_string(Mark::Kind kind);

/// The bytes of a stream that evidence is about; see core/result/wire_excerpt.hpp.
struct WireExcerpt {
  StreamId stream = no_stream;
  std::vector<WireChunk> chunks;  // ascending in time
  std::uint64_t lost_bytes = 0;   // passed, but are not among the chunks: the log is bounded
};

struct ScenarioResult {
  std::string scenario;
  std::string description;
  std::vector<std::string> path{};  // hops from the clients to the target; empty: direct
  Instant started{};
  Duration length{};
  std::vector<CheckResult> checks;
  HistogramSet histograms;
  TimeSeries series;
  Resources resources;
  Noise noise;
  std::uint64_t streams = 0, events_received = 0, events_published = 0, bytes_received = 0;
  std::map<std::string, std::uint64_t> endings;  // how connections ended, by Ending name
  std::vector<std::string> notes;                // sentences: "generator was not saturated", ...
  std::string text{};                            // the script as it was read (YAML)
  std::vector<Mark> marks{};                     // ascending in time
  Bins attempts{}, reconnects{};    // connections begun and opened by clients that had one before
  std::vector<WireExcerpt> wire{};  // of streams in the evidence of what does not pass
};

struct Environment {
  std::string streamgauge_version, compiler, boost, kernel, cpu_model, hostname;
  unsigned cores = 0;
};

struct RunResult {
  std::string command;  // as typed
  std::string target, target_description;
  std::string contract;
  std::vector<std::string> path{};  // hops from the clients to the target; empty: direct
  double time_scale = 1.0;
  std::uint32_t seed = 1;
  std::vector<std::string> flaws;
  Instant started{};
  Duration length{};
  std::vector<ScenarioResult> scenarios;
  std::vector<Error> errors;  // target died, unreachable, ...: outrank verdicts
  Environment environment;
  bool strict = false;
  bool interrupted = false;
  std::string baseline{};                      // the file of what is known to fail; empty: none
  std::vector<std::string> histories{};        // files beside the report that keep the records
  std::string contract_text{};                 // as it was judged by: scaled (YAML)
  std::vector<std::string> settings{};         // --set, as typed
  Duration heartbeat_every{}, delivery_p99{};  // as the contract states them; 0: it does not
};

/// Whether this verdict makes the run fail: `fail`, and `warn` in a strict run, unless a baseline
/// has said so; and what passes although the baseline says that it fails.
[[nodiscard]] bool violates(const CheckResult& check, bool strict);

/// DESIGN's precedence: errors (their code), then violated -> 1, then nothing judged -> 4, then
/// inconclusive or error -> 5, then pass -> 0. What is known to be flaky counts as judged only.
[[nodiscard]] ExitCode exit_code(const RunResult& run);
/// "pass", "fail", "error", "nothing judged", "inconclusive".
[[nodiscard]] std::string_view verdict_text(const RunResult& run);

struct VerdictCounts {
  std::size_t pass = 0, fail = 0, warn = 0, info = 0, skip = 0, inconclusive = 0, error = 0;
  [[nodiscard]] std::size_t judged() const { return pass + fail + warn + info; }
};
[[nodiscard]] VerdictCounts count(const RunResult& run);

}  // namespace streamgauge

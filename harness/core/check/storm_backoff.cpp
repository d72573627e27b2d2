// storm.backoff-grows: a client that fails again and again waits longer and longer, up to its cap.
//
// A failure is an attempt without a stream, or a stream that was lost before it was stable; a
// stream that stayed up for `stable_after` starts the count anew. The two kinds are judged apart: a
// client that backs off from a dead target may still flap, when each short stream starts it anew.
// Compared, for the same clients, is what they chose beyond what the target had told them: after
// the first failure, and after the last one of the same row. What is random in single delays evens
// out over many clients. Only agents are judged: a browser's EventSource need not back off.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/core/base/units.hpp"
#include "harness/core/check/checks.hpp"
#include "harness/core/check/finding.hpp"
#include "harness/core/check/timeline.hpp"
#include "harness/core/http/head.hpp"

namespace streamgauge {

namespace {

constexpr double grows = 1.2;  // factors from here on

class BackoffGrows final : public Fold<BackoffGrows> {
 public:
  static constexpr std::uint64_t rows_min = 8;
  static constexpr std::uint32_t failures_min = 3;
  static constexpr double growth_min = 1.25;

  explicit BackoffGrows(const CheckContext& context)
      : context_(context), timeline_(context.scenario) {}

  void on(const Record& record) override {
    if (record.stream == no_stream) return timeline_.on(record);
    auto& row = rows_[record.stream];
    std::visit(Overloaded{
                   [&](const fact::Joined& f) { row.group = f.group; },
                   [&](const fact::Headers& f) {
                     row.open = f.status == 200;
                     row.opened_at = record.at;
                     row.asked = row.open ? Duration{} : retry_after(f.head);
                   },
                   [&](const fact::Retry& f) {
                     row.told = std::chrono::milliseconds{static_cast<std::int64_t>(
                         std::min<std::uint64_t>(f.milliseconds, 1'000'000'000))};
                   },
                   [&](const fact::Closed&) {
                     const bool was_open = row.open;
                     row.open = false;
                     const bool stable =
                         was_open && record.at - row.opened_at >= policy(row).stable_after;
                     row.lost = stable ? Lost::stable : was_open ? Lost::short_lived : Lost::none;
                   },
                   // Another address is no fault of the last one: the client starts anew.
                   [&](const fact::FellBack&) { start_anew(row); },
                   [&](const fact::ReconnectScheduled& f) { schedule(row, f.delay); },
                   [](const auto&) {},
               },
               record.fact);
  }

  void absorb(const BackoffGrows& other) {
    rows_.merge(other.rows_);
    timeline_.merge(other.timeline_);
  }

  Finding judge(const Noise&) const override {
    const Growth missed = growth(&Row::misses);
    const Growth flapped = growth(&Row::flaps);
    const auto bound = fmt::format("at least {:.2f} times the first", growth_min);
    // The kind that grows less tells more; one with too few rows tells nothing.
    const bool by_flaps =
        flapped.enough() && (!missed.enough() || flapped.ratio() < missed.ratio());
    const Growth& told = by_flaps ? flapped : missed;
    auto result = finding(Verdict::pass, "", bound);
    result.counts = {{"rows of attempts without a stream", missed.rows},
                     {"rows of short streams", flapped.rows},
                     {"failures in a row", std::max(missed.longest, flapped.longest)}};
    if (!told.enough()) {
      result.verdict = Verdict::inconclusive;
      result.reason = fmt::format(
          "{} clients failed {} times in a row with delays that could grow; {} are needed (the "
          "longest row was {})",
          std::max(missed.rows, flapped.rows), failures_min, rows_min,
          std::max(missed.longest, flapped.longest));
      return result;
    }
    const auto mean = [](double s) { return format_duration(scaled(std::chrono::seconds{1}, s)); };
    result.measured =
        fmt::format("{} to {} over {} clients", mean(told.first), mean(told.last), told.rows);
    if (told.ratio() < growth_min) {
      result.verdict = Verdict::fail;
      result.reason = fmt::format(
          "{} clients waited {} after their first {} and {} after {} or more in a row; double the "
          "delay with each failure, and start anew only after a stream that stayed up",
          told.rows, mean(told.first), by_flaps ? "short-lived stream" : "failed attempt",
          mean(told.last), failures_min);
    }
    return result;
  }

 private:
  /// Failures of one kind, in a row, and the longest row so far.
  struct Run {
    Duration first{};  // chosen beyond what was told, after the first failure
    Duration best_first{}, best_last{};
    Duration best_told{};
    std::uint16_t failures = 0;
    std::uint16_t best_failures = 0;
  };
  enum class Lost : std::uint8_t { none, short_lived, stable };
  struct Row {
    Instant opened_at{};
    Duration told{};   // by `retry:`
    Duration asked{};  // by the Retry-After of the last refusal
    Run misses, flaps;
    std::uint16_t failures = 0;  // of either kind, in a row
    std::uint16_t group = 0;
    bool open = false;
    Lost lost = Lost::none;  // what the delay that comes next answers
  };
  /// Mean delays, in seconds, over the rows that are long enough.
  struct Growth {
    std::uint64_t rows = 0, longest = 0;
    double first = 0, last = 0;
    [[nodiscard]] bool enough() const { return rows >= rows_min; }
    [[nodiscard]] double ratio() const { return first > 0 ? last / first : last > 0 ? 1e9 : 0; }
  };

  [[nodiscard]] Growth growth(Run Row::*kind) const {
    Growth sum;
    rows_.each([&](StreamId, const Row& row) {
      const Run& run = row.*kind;
      sum.longest = std::max<std::uint64_t>(sum.longest, run.best_failures);
      if (!judged(policy(row), run)) return;
      ++sum.rows;
      sum.first += to_seconds(run.best_first);
      sum.last += to_seconds(run.best_last);
    });
    if (sum.rows > 0) {
      sum.first /= static_cast<double>(sum.rows);
      sum.last /= static_cast<double>(sum.rows);
    }
    return sum;
  }

  static Duration retry_after(std::string_view head) {
    std::int64_t seconds = 0;
    for (const char c : http::field(head, "retry-after").value_or("")) {
      if (c < '0' || c > '9' || seconds > 1'000'000) return {};
      seconds = seconds * 10 + (c - '0');
    }
    return std::chrono::seconds{seconds};
  }

  [[nodiscard]] const PolicySpec& policy(const Row& row) const {
    static const PolicySpec none{};
    const auto& groups = context_.scenario.groups;
    return row.group < groups.size() ? groups[row.group].policy : none;
  }

  /// A row of either kind begins with the first failure after all was well, and goes on as long as
  /// no failure of the other kind comes between.
  static void schedule(Row& row, Duration delay) {
    if (row.lost == Lost::stable) start_anew(row);
    const bool begins = row.failures == 0;
    const bool flapped = row.lost != Lost::none;
    if (begins || (flapped && row.flaps.failures == row.failures)) add(row, row.flaps, delay);
    if (begins || (!flapped && row.misses.failures == row.failures)) add(row, row.misses, delay);
    row.failures = static_cast<std::uint16_t>(std::min<int>(row.failures + 1, 1000));
    row.lost = Lost::none;
  }
  static void start_anew(Row& row) { row.failures = row.misses.failures = row.flaps.failures = 0; }

  static void add(const Row& row, Run& run, Duration delay) {
    const auto least = std::max(row.told, row.asked);
    const auto beyond = std::max(delay - least, Duration{});
    run.failures = static_cast<std::uint16_t>(std::min<int>(run.failures + 1, 1000));
    if (run.failures == 1) run.first = beyond;
    if (run.failures <= run.best_failures) return;
    run.best_failures = run.failures;
    run.best_first = run.first;
    run.best_last = beyond;
    run.best_told = least;
  }

  /// A row long enough, of a policy by which the last delay must be longer than the first.
  [[nodiscard]] static bool judged(const PolicySpec& spec, const Run& run) {
    if (spec.kind != PolicyKind::agent || run.best_failures < failures_min) return false;
    if (spec.backoff_cap < scaled(spec.backoff_base, 1.5) || spec.backoff_factor < grows) {
      return false;
    }
    // Without a random part the delay grows only once it exceeds what was told.
    if (spec.jitter > 0) return true;
    const double grown = to_seconds(spec.backoff_base) *
                         std::pow(spec.backoff_factor, std::min<int>(run.best_failures, 60) - 1);
    return std::min(grown, to_seconds(spec.backoff_cap)) > 1.5 * to_seconds(run.best_told);
  }

  const CheckContext& context_;
  Timeline timeline_;
  PerStream<Row> rows_;
};

}  // namespace

CheckSpec storm_backoff_grows() {
  return {.id = "storm.backoff-grows",
          .level = Level::must,
          .requirement = "A client that fails repeatedly waits longer each time, up to its cap.",
          .source = "FIELD F17; contract client.backoff_factor",
          .needs = {},
          .not_stated = [](const Contract& contract) -> std::string {
            if (!contract.client) return "client";
            const double factor = contract.client->backoff_factor.value_or(2);  // ours, if unstated
            return factor < grows ? "client.backoff_factor: above 1" : "";
          },
          .make = &make_check<BackoffGrows>,
          .wants = Timeline::wants | facts<fact::Joined, fact::Headers, fact::Retry, fact::Closed,
                                           fact::FellBack, fact::ReconnectScheduled>()};
}

}  // namespace streamgauge

// storm.backoff-grows: a client that fails again and again waits longer and longer, up to its cap.
//
// A failure is an attempt without a stream, or a stream that was lost before it was stable; a
// stream that stayed up for `stable_after` starts the count anew. Compared, for the same clients,
// is what they chose beyond what the target had told them: after the first failure, and after the
// last one of the same row. What is random in single delays evens out over many clients. Only
// agents are judged: a browser's EventSource need not back off.
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
                     if (was_open && record.at - row.opened_at >= policy(row).stable_after) {
                       row.failures = 0;
                     }
                   },
                   [&](const fact::ReconnectScheduled& f) { add(row, f.delay); },
                   [](const auto&) {},
               },
               record.fact);
  }

  void absorb(const BackoffGrows& other) {
    rows_.merge(other.rows_);
    timeline_.merge(other.timeline_);
  }

  Finding judge(const Noise&) const override {
    std::uint64_t rows = 0, most = 0;
    double first = 0, last = 0;
    rows_.each([&](StreamId, const Row& row) {
      most = std::max<std::uint64_t>(most, row.best_failures);
      if (!judged(row)) return;
      ++rows;
      first += to_seconds(row.best_first);
      last += to_seconds(row.best_last);
    });
    const auto bound = fmt::format("at least {:.2f} times the first", growth_min);
    auto result = finding(Verdict::pass, "", bound);
    result.counts = {{"rows of failures", rows}, {"failures in a row", most}};
    if (rows < rows_min) {
      result.verdict = Verdict::inconclusive;
      result.reason = fmt::format(
          "{} clients failed {} times in a row with delays that could grow; {} are needed (the "
          "longest row was {})",
          rows, failures_min, rows_min, most);
      return result;
    }
    first /= static_cast<double>(rows);
    last /= static_cast<double>(rows);
    const auto mean = [](double s) { return format_duration(scaled(std::chrono::seconds{1}, s)); };
    result.measured = fmt::format("{} to {} over {} clients", mean(first), mean(last), rows);
    if (last < growth_min * first || last <= 0) {
      result.verdict = Verdict::fail;
      result.reason = fmt::format(
          "{} clients waited {} after their first failure and {} after {} or more in a row; double "
          "the delay with each failure, and start anew only after a stream that stayed up",
          rows, mean(first), mean(last), failures_min);
    }
    return result;
  }

 private:
  struct Row {
    Instant opened_at{};
    Duration told{};   // by `retry:`
    Duration asked{};  // by the Retry-After of the last refusal
    Duration first{};  // chosen beyond what was told, after the first failure
    Duration best_first{}, best_last{};
    Duration best_told{};
    std::uint16_t failures = 0;  // in a row
    std::uint16_t best_failures = 0;
    std::uint16_t group = 0;
    bool open = false;
  };

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

  static void add(Row& row, Duration delay) {
    const auto least = std::max(row.told, row.asked);
    const auto beyond = std::max(delay - least, Duration{});
    row.failures = static_cast<std::uint16_t>(std::min<int>(row.failures + 1, 1000));
    if (row.failures == 1) row.first = beyond;
    if (row.failures <= row.best_failures) return;
    row.best_failures = row.failures;
    row.best_first = row.first;
    row.best_last = beyond;
    row.best_told = least;
  }

  /// A row long enough, of a policy by which the last delay must be longer than the first.
  [[nodiscard]] bool judged(const Row& row) const {
    const auto& spec = policy(row);
    if (spec.kind != PolicyKind::agent || row.best_failures < failures_min) return false;
    if (spec.backoff_cap < scaled(spec.backoff_base, 1.5) || spec.backoff_factor < 1.2)
      return false;
    // Without a random part the delay grows only once it exceeds what was told.
    if (spec.jitter > 0) return true;
    const double grown = to_seconds(spec.backoff_base) *
                         std::pow(spec.backoff_factor, std::min<int>(row.best_failures, 60) - 1);
    return std::min(grown, to_seconds(spec.backoff_cap)) > 1.5 * to_seconds(row.best_told);
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
          .not_stated = nullptr,
          .make = &make_check<BackoffGrows>,
          .wants = Timeline::wants | facts<fact::Joined, fact::Headers, fact::Retry, fact::Closed,
                                           fact::ReconnectScheduled>()};
}

}  // namespace streamgauge

#include "harness/run/proxy_matrix.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <mutex>
#include <optional>

#include "harness/core/base/nearest.hpp"
#include "harness/net/clock.hpp"
#include "harness/net/hop.hpp"
#include "harness/run/at_once.hpp"
#include "harness/run/outcome.hpp"

namespace streamgauge::run {

namespace {

struct Column {
  std::string_view check;
  std::string_view scenario;
  std::string_view title;
};

constexpr std::string_view buffering = "proxy-buffering";

constexpr Column table[] = {
    {"buffering.headers-prompt", buffering, "head"},
    {"buffering.events-prompt", buffering, "events"},
    {"buffering.no-coalescing", buffering, "coalescing"},
    {"buffering.heartbeats-pass", buffering, "heartbeats"},
    {"buffering.abort-propagates", buffering, "abort up"},
    {"path.end-propagates", path_scenario, "end down"},
    {"path.idle-cut", path_scenario, "idle cut"},
    {"path.absorbs-bounded", path_scenario, "absorbs"},
    {"path.survives-reload", path_scenario, "restart"},
    {"path.last-event-id", path_scenario, "last id"},
    {"delivery.resume", path_scenario, "no loss"},
    {"path.not-cached", path_scenario, "no cache"},
};

/// One row: a proxy, or (no hop) the direct path.
struct Subject {
  std::optional<PlannedHop> hop;
  MatrixRow row;
};

net::HopOptions hop_options(const Home& home) {
  net::HopOptions options;
  options.build_dir = home.build_dir;
  options.search = home.programs;
  return options;
}

std::string missing(const SpawnSpec& spawn) {
  return fmt::format(
      "the program '{}' is not there: apt-get install {}, or ./streamgauge matrix "
      "proxies, which unpacks it privately",
      spawn.program, fmt::join(spawn.packages, " "));
}

class ProxyMatrix {
 public:
  ProxyMatrix(const Home& home, const ProxyMatrixOptions& options, const PlanHooks& hooks)
      : home_(home), options_(options), hooks_(hooks) {}

  Result<Matrix> run() {
    Matrix matrix;
    matrix.subject = "proxy";
    matrix.started = net::now();
    matrix.environment = environment();
    if (auto chosen = choose_columns(matrix); !chosen) return chosen.error();
    if (auto chosen = choose_subjects(); !chosen) return chosen.error();
    if (auto plan = plan_of({}); !plan) return plan.error();
    progress_.total = subjects_.size();
    at_once(std::vector<bool>(subjects_.size()), {options_.jobs, 1},
            [&](std::size_t i) { judge(matrix, subjects_[i]); });
    for (Subject& subject : subjects_) matrix.rows.push_back(std::move(subject.row));
    matrix.title =
        fmt::format("{} paths in front of the target '{}'", matrix.rows.size(), options_.target);
    matrix.interrupted = interrupted();
    matrix.length = net::now() - matrix.started;
    return matrix;
  }

 private:
  Result<void> choose_columns(Matrix& matrix) {
    const auto& all = proxy_matrix_columns();
    for (const std::string& id : options_.checks) {
      const bool there = std::any_of(all.begin(), all.end(),
                                     [&](const MatrixColumn& column) { return column.id == id; });
      if (there) continue;
      std::vector<std::string_view> ids;
      for (const auto& column : all) ids.push_back(column.id);
      return usage_error(fmt::format("no column '{}' in the matrix of proxies{}; there are: {}", id,
                                     did_you_mean(id, ids), fmt::join(ids, ", ")));
    }
    for (const MatrixColumn& column : all) {
      if (options_.checks.empty() ||
          std::count(options_.checks.begin(), options_.checks.end(), column.id) > 0) {
        matrix.columns.push_back(column);
        checks_.push_back(column.id);
      }
    }
    return {};
  }

  Result<void> choose_subjects() {
    subjects_.push_back({std::nullopt, {.id = "direct", .description = "No proxy: the control."}});
    const auto names = options_.proxies.empty() ? names_in(home_, "proxies") : options_.proxies;
    for (const std::string& name : names) {
      auto hop = hop_named(home_, name);
      if (!hop) return hop.error();
      MatrixRow row{.id = hop->spec.name, .description = hop->spec.description};
      subjects_.push_back({std::move(*hop), std::move(row)});
    }
    return {};
  }

  [[nodiscard]] Result<Plan> plan_of(const std::optional<PlannedHop>& hop) const {
    Options options;
    options.target = options_.target;
    options.contract = options_.contract;
    options.seed = options_.seed;
    options.checks = checks_;
    for (const Column& column : table) {
      const bool chosen = std::find(checks_.begin(), checks_.end(), column.check) != checks_.end();
      const std::string scenario(column.scenario);
      if (chosen && std::count(options.scenarios.begin(), options.scenarios.end(), scenario) == 0) {
        options.scenarios.push_back(scenario);
      }
    }
    options.path = "none";
    options.jobs = 1;
    auto plan = make_plan(home_, options);
    if (!plan) return plan.error();
    plan->control = false;  // that is the matrix's first row
    if (hop) {
      for (PlannedScenario& planned : plan->scenarios) planned.path = {*hop};
    }
    return plan;
  }

  void judge(const Matrix& matrix, Subject& subject) {
    if (interrupted()) {
      subject.row.skipped = "not run any more: interrupted";
      return;
    }
    const ProxySpec* spec = subject.hop ? &subject.hop->spec : nullptr;
    if (spec != nullptr && spec->spawn) {
      if (!net::program_present(*spec->spawn, hop_options(home_))) {
        subject.row.skipped = missing(*spec->spawn);
        return;
      }
      subject.row.version = net::program_version(*spec->spawn, hop_options(home_));
    }
    const auto plan = plan_of(subject.hop);
    if (!plan) {
      subject.row.error = plan.error().message;
      return;
    }
    begin(subject.row.id);
    PlanHooks hooks;
    hooks.interrupted = hooks_.interrupted;
    const RunResult result = run_plan(home_, *plan, hooks);
    end(subject.row.id);
    take(matrix, result, spec != nullptr ? &spec->known : nullptr, subject.row);
  }

  static void take(const Matrix& matrix, const RunResult& result, const ProxyKnowledge* known,
                   MatrixRow& row) {
    if (!result.errors.empty()) {
      row.error = result.errors.front().message;
      return;
    }
    for (const MatrixColumn& column : matrix.columns) {
      MatrixCell cell{Verdict::skip, "-", "not judged", Standing::plain};
      const auto in = std::find_if(std::begin(table), std::end(table),
                                   [&](const Column& c) { return c.check == column.id; });
      for (const ScenarioResult& scenario : result.scenarios) {
        if (scenario.scenario != in->scenario) continue;
        for (const CheckResult& check : scenario.checks) {
          if (check.id == column.id) cell = proxy_cell(check, known);
        }
      }
      row.cells.push_back(std::move(cell));
    }
  }

  void begin(const std::string& name) {
    const std::lock_guard lock(mutex_);
    Running running;
    running.scenario = name;
    running.phase = "running";
    progress_.running.push_back(std::move(running));
    if (hooks_.progress) hooks_.progress(progress_);
  }
  void end(const std::string& name) {
    const std::lock_guard lock(mutex_);
    std::erase_if(progress_.running, [&](const Running& r) { return r.scenario == name; });
    ++progress_.done;
    if (hooks_.progress) hooks_.progress(progress_);
  }

  [[nodiscard]] bool interrupted() const { return hooks_.interrupted && *hooks_.interrupted; }

  const Home& home_;
  const ProxyMatrixOptions& options_;
  const PlanHooks& hooks_;
  std::vector<std::string> checks_;
  std::vector<Subject> subjects_;
  std::mutex mutex_;
  PlanProgress progress_;
};

}  // namespace

const std::vector<MatrixColumn>& proxy_matrix_columns() {
  static const std::vector<MatrixColumn> columns = [] {
    std::vector<MatrixColumn> all;
    for (const Column& column : table) {
      const CheckSpec* spec = find_check(column.check);
      all.push_back({std::string(column.check), std::string(column.title),
                     spec ? std::string(spec->requirement) : std::string()});
    }
    return all;
  }();
  return columns;
}

Result<Matrix> proxy_matrix(const Home& home, const ProxyMatrixOptions& options,
                            const PlanHooks& hooks) {
  return ProxyMatrix(home, options, hooks).run();
}

}  // namespace streamgauge::run

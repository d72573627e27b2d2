// From what was typed to what will be run: every name resolved, every file read, every check id
// known, before anything is started. All usage errors come from here.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/core/base/error.hpp"
#include "harness/core/check/check.hpp"
#include "harness/run/home.hpp"
#include "harness/run/hops.hpp"

namespace streamgauge::run {

/// The options that commands share, as typed.
struct Options {
  std::string target = "reference";
  std::string contract;                // empty: the target's own
  std::vector<std::string> scenarios;  // empty: the gate's list
  std::vector<std::string> families;   // --only
  std::vector<std::string> checks;     // --check
  std::vector<std::string> flaws;      // --flaw
  std::vector<std::string> settings;   // --set, scenario values
  std::optional<std::string> path;     // --path; none: each scenario's own
  std::optional<double> time_scale;
  std::optional<std::uint32_t> seed;
  std::string report_dir;  // empty: out/<command>/<time>
  std::string baseline;    // file of what is known to fail; empty: none
  unsigned threads = 1;    // of the swarm
  unsigned jobs = 4;       // scenarios at once, where the target can be started for each
  bool strict = false;
  bool record = false;  // keep every record in the report's folder
  bool repeat = true;   // failing timing checks, alone
};

/// Where a scenario's records are kept, and what its history says of the run around it.
struct Recording {
  std::string file;  // its folder exists
  Instant run_started{};
  std::size_t index = 0;  // place of the scenario in the run
  bool repeats = false;   // the second attempt at a part of its checks
};

struct PlannedScenario {
  Scenario scenario;
  std::vector<std::string> checks;  // exact ids, never empty
  std::string text;                 // of the file, as it was read
  std::optional<Recording> recording{};
  std::vector<PlannedHop> path{};  // from the clients to the target
};

[[nodiscard]] std::uint32_t total_streams(const Scenario& scenario);

struct Plan {
  TargetSpec target;
  std::string target_text;  // of its file; empty for a URL
  Contract contract;        // scaled
  std::vector<PlannedScenario> scenarios;
  double time_scale = 1.0;
  std::uint32_t seed = 1;
  std::vector<std::string> flaws;         // of the reference server
  std::vector<std::string> client_flaws;  // of the simulated clients: scenarios have them already
  std::string path_flaw{};                // its path is the scenarios' already
  std::vector<std::string> settings;      // as typed: scenarios have them already
  std::vector<std::string> notes;         // what was left out and why, for the report
  std::string record_folder;              // that exists; empty: nothing is recorded
  bool history_per_scenario = false;      // history-<scenario>.sgh instead of history.sgh
  unsigned threads = 1;
  unsigned jobs = 1;
  bool strict = false;
  bool repeat = true;
  bool control = true;  // what fails through a path is tried without it
};

/// What is done to a scenario between its file and its run.
struct Preparation {
  std::vector<std::string> settings;
  std::optional<std::uint32_t> seed;
  std::vector<std::string> client_flaws;
  std::string path_flaw{};
};

/// The scenario of a file's text with the contract's numbers in it, as it will be run.
[[nodiscard]] Result<Scenario> prepared_scenario(std::string_view yaml, std::string file,
                                                 const Preparation& preparation,
                                                 const Contract& contract);

/// What is about proxies alone: `gate` adds it when it has a path.
inline constexpr std::string_view path_scenario = "proxy-path";

/// The scenarios that `gate` runs, in this order.
[[nodiscard]] const std::vector<std::string>& gate_scenarios();

/// Errors: usage (2) for anything unknown, with near matches; nothing_judged (4) when the selection
/// leaves no check.
[[nodiscard]] Result<Plan> make_plan(const Home& home, const Options& options);

/// The checks of the table that `patterns` (ids or "family.*") name. An unknown one is an error.
[[nodiscard]] Result<std::vector<std::string>> expand_checks(
    const std::vector<std::string>& patterns);

}  // namespace streamgauge::run

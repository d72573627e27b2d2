// All proxies against what matters to an event stream: one row a proxy, one column a check.
//
// Each proxy is started in front of a target of its own, and two scenarios are run through it:
// proxy-buffering (what is held back) and proxy-path (silence, ends, a stopped reader, restarts).
// The first row is the direct path: what fails there is no proxy's doing. What a proxy's file knows
// to fail is expected to, and is a mismatch when it does not; so is an idle time-out that differs
// from the configured one by more than a tenth.
#pragma once

#include <string>
#include <vector>

#include "harness/core/base/error.hpp"
#include "harness/core/result/matrix.hpp"
#include "harness/core/scenario/proxy_spec.hpp"
#include "harness/run/home.hpp"
#include "harness/run/run_plan.hpp"

namespace streamgauge::run {

struct ProxyMatrixOptions {
  std::vector<std::string> proxies;  // names, files, or chaos:...; empty: all of scenarios/proxies
  std::vector<std::string> checks;   // ids of columns; empty: all
  std::string target = "reference";
  std::string contract = "path";
  std::uint32_t seed = 1;
  unsigned jobs = 2;  // proxies at a time
};

/// Errors: usage (2), for what is unknown. Absent programs are skipped rows.
[[nodiscard]] Result<Matrix> proxy_matrix(const Home& home, const ProxyMatrixOptions& options,
                                          const PlanHooks& hooks);

/// The columns, in the order of the table.
[[nodiscard]] const std::vector<MatrixColumn>& proxy_matrix_columns();

/// What a check said about a proxy of which that is known; `known` null: the direct path.
[[nodiscard]] MatrixCell proxy_cell(const CheckResult& check, const ProxyKnowledge* known);

}  // namespace streamgauge::run

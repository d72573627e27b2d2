// Do the client cases see what they are for? A client of ours with each defect in turn must fail
// the cases that are meant for it; without defects it must pass them all.
#pragma once

#include <string_view>
#include <vector>

#include "harness/core/result/run_result.hpp"
#include "harness/run/client_suite.hpp"

namespace streamgauge::run {

struct DefectProof {
  std::string_view defect;              // of client_defects()
  std::vector<std::string_view> cases;  // all of them must fail
};
/// Every defect that an EventSource can have and that a case is meant for.
[[nodiscard]] const std::vector<DefectProof>& defect_proofs();

/// One check for each defect ("client.<id>"), and "client.none" for the client without any.
[[nodiscard]] std::vector<CheckResult> client_selftest(const ClientSuiteHooks& hooks);

}  // namespace streamgauge::run

// The conformance suite for clients: plays cases (harness/core/client_case) to a client, many side
// by side, and judges what was seen.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "harness/core/client_case/case.hpp"
#include "harness/core/result/run_result.hpp"
#include "harness/net/client_under_test.hpp"

namespace streamgauge::run {

struct ClientSuiteOptions {
  std::vector<std::string> cases;  // ids or patterns with '*' and '?'; empty: all
  unsigned jobs = 0;               // cases at once; 0: as many as the client stands
  bool strict = false;
};

/// What a case left behind that the reports have no place for.
struct WireFile {
  std::string name;  // "wire/sse_9.2.5_bom.txt"
  std::string text;
};

struct ClientSuiteResult {
  RunResult run;                // a check a case, in one scenario named "client"
  std::vector<WireFile> wires;  // of cases that did not pass: at most 100
};

struct ClientSuiteHooks {
  std::function<void(std::size_t done, std::size_t all)> progress;  // by one thread at a time
  const std::atomic<bool>* interrupted = nullptr;
};

/// The cases that a selection names, in the table's order. Errors: a pattern that fits none.
[[nodiscard]] Result<std::vector<const client_case::Case*>> choose_cases(
    const std::vector<std::string>& patterns);

/// A case that fails because of time, in company, is played once more, alone, and both are told.
/// Errors: a selection that names no case (exit code 4).
[[nodiscard]] Result<ClientSuiteResult> run_client_suite(net::ClientUnderTest& client,
                                                         const ClientSuiteOptions& options,
                                                         const ClientSuiteHooks& hooks);

/// The same cases, chosen already.
[[nodiscard]] ClientSuiteResult play_cases(net::ClientUnderTest& client,
                                           const std::vector<const client_case::Case*>& cases,
                                           const ClientSuiteOptions& options,
                                           const ClientSuiteHooks& hooks);

}  // namespace streamgauge::run

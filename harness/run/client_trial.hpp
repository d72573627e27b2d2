// One case played to one client: stage, session, waiting, judgment.
#pragma once

#include <atomic>
#include <string>

#include "harness/core/client_case/case.hpp"
#include "harness/net/client_under_test.hpp"
#include "harness/net/script_server.hpp"

namespace streamgauge::run {

struct PlayedCase {
  Finding finding;
  std::string wire;  // with the log and what the client said beside it
  Duration lag{};    // the harness's own, at worst
};

/// Blocks until the case has its evidence, or its time is over, or `interrupted`.
[[nodiscard]] PlayedCase play_case(const client_case::Case& item, net::ClientUnderTest& client,
                                   net::ScriptServer& server, const std::atomic<bool>* interrupted);

}  // namespace streamgauge::run

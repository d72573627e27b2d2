// Which client a command is about: --policy, --exec or --service, and what goes with them.
#pragma once

#include <CLI/App.hpp>
#include <memory>
#include <string>
#include <vector>

#include "harness/core/base/error.hpp"
#include "harness/core/scenario/scenario.hpp"
#include "harness/net/client_under_test.hpp"

namespace streamgauge::cli {

struct ClientChoice {
  std::string policy, exec, service;      // one of them; none: policy browser
  std::vector<std::string> capabilities;  // of a program
  std::vector<std::string> flaws;         // of a policy
  std::string reconnection;               // "3s"; empty: see add_client_choice()
};

void add_client_choice(CLI::App& command, ClientChoice& choice);

/// Errors: more than one client, unknown names, a service that is not there.
[[nodiscard]] Result<std::unique_ptr<net::ClientUnderTest>> client_of(const ClientChoice& choice);

/// A policy by its name, with the times of a test: a wait that was not asked for is a quarter of a
/// second.
[[nodiscard]] Result<PolicySpec> policy_named(const std::string& name);

}  // namespace streamgauge::cli

// The flaws of simulated clients: what a policy can get wrong, to prove that the checks which watch
// clients fire. To add one: a line in the table.
#pragma once

#include <string_view>
#include <vector>

#include "harness/core/scenario/scenario.hpp"

namespace streamgauge::run {

struct ClientFlaw {
  std::string_view id, description, source;
  std::vector<std::string_view> expected;  // checks of which at least one must fail
  std::vector<std::string_view> related;   // checks that may fail, too
  void (*alter)(PolicySpec&);              // applied to every group, after the contract's constants
};

[[nodiscard]] const std::vector<ClientFlaw>& client_flaws();
[[nodiscard]] const ClientFlaw* find_client_flaw(std::string_view id);

}  // namespace streamgauge::run

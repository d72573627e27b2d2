// Every mistake that a simulated client can be told to make, by id. Those that a scenario's checks
// see are flaws of the selftest, too (client_flaws.hpp); the others are for the conformance suite
// for clients, which must fail a client that makes them. To add one: an enumerator in
// core/base/defects.hpp, the place that obeys it, and a line in the table.
#pragma once

#include <string_view>
#include <vector>

#include "harness/core/base/defects.hpp"

namespace streamgauge::run {

struct ClientDefect {
  std::string_view id, description, source;
  Defect defect;
};

[[nodiscard]] const std::vector<ClientDefect>& client_defects();
[[nodiscard]] const ClientDefect* find_client_defect(std::string_view id);

}  // namespace streamgauge::run

// All flaws: those of the reference server and those of the simulated clients. The server's table
// is its own: it is asked, so that there is one list only.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/core/base/error.hpp"
#include "harness/run/home.hpp"

namespace streamgauge::run {

enum class Side : std::uint8_t { server, client };

struct Flaw {
  std::string id, description, source;
  std::vector<std::string> expected;  // checks of which at least one must fail
  std::vector<std::string> related;   // checks that may fail, too
  Side side = Side::server;
};

[[nodiscard]] Result<std::vector<Flaw>> reference_flaws(const Home& home);
/// Those, and then the clients'.
[[nodiscard]] Result<std::vector<Flaw>> all_flaws(const Home& home);

}  // namespace streamgauge::run

// All flaws: those of the reference server, of the simulated clients and of paths. The server's
// table is its own: it is asked, so that there is one list only.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/core/base/error.hpp"
#include "harness/run/home.hpp"

namespace streamgauge::run {

enum class Side : std::uint8_t { server, client, path };

struct Flaw {
  std::string id, description, source;
  std::vector<std::string> expected;  // checks of which at least one must fail
  std::vector<std::string> related;   // checks that may fail, too
  Side side = Side::server;
  std::string scenario{};  // that shows it; empty: whichever judges what it expects
};

[[nodiscard]] Result<std::vector<Flaw>> reference_flaws(const Home& home);
/// Those, then the clients' and the paths'.
[[nodiscard]] Result<std::vector<Flaw>> all_flaws(const Home& home);

}  // namespace streamgauge::run

// The flaws of the reference server. The table is the server's own: it is asked, so that there is
// one list only.
#pragma once

#include <string>
#include <vector>

#include "harness/core/base/error.hpp"
#include "harness/run/home.hpp"

namespace streamgauge::run {

struct Flaw {
  std::string id, description, source;
  std::vector<std::string> expected;  // checks of which at least one must fail
  std::vector<std::string> related;   // checks that may fail, too
};

[[nodiscard]] Result<std::vector<Flaw>> reference_flaws(const Home& home);

}  // namespace streamgauge::run

#include "reference-server/core/flaws.hpp"

#include <vector>

#include "reference-server/core/flaw_tables.hpp"

namespace streamgauge::server {

std::span<const FlawSpec> all_flaws() {
  static const std::vector<FlawSpec> all = [] {
    std::vector<FlawSpec> joined;
    for (const auto family :
         {wire_flaws(), queue_flaws(), delivery_flaws(), access_flaws(), transport_flaws()}) {
      joined.insert(joined.end(), family.begin(), family.end());
    }
    return joined;
  }();
  return all;
}

const FlawSpec* find_flaw(std::string_view id) {
  for (const FlawSpec& spec : all_flaws()) {
    if (spec.id == id) return &spec;
  }
  return nullptr;
}

}  // namespace streamgauge::server

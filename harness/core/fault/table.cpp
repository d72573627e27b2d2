// The table of all faults. How to add one: README.md.
#include <fmt/format.h>

#include "harness/core/base/nearest.hpp"
#include "harness/core/fault/faults.hpp"

namespace streamgauge::fault {

const std::vector<FaultType>& all_faults() {
  static const std::vector<FaultType> table = {
      latency(),      bandwidth(),     slice(),         header_hold(),
      hold_bytes(),   hold_window(),   compress_hold(), headers_then_stall(),
      stall_after(),  half_open(),     idle_cut(),      reset(),
      truncate(),     refuse(),        accept_silent(), status(),
      strip_header(), keep_upstream(), absorb(),        cache(),
  };
  return table;
}

const FaultType* find_fault(std::string_view name) {
  for (const FaultType& type : all_faults()) {
    if (type.name == name) return &type;
  }
  return nullptr;
}

std::string unknown_fault(std::string_view name) {
  std::vector<std::string_view> names;
  for (const FaultType& type : all_faults()) names.push_back(type.name);
  return fmt::format("unknown fault '{}'{}; accepted: {}", name.substr(0, 60),
                     did_you_mean(name, names), fmt::join(names, ", "));
}

}  // namespace streamgauge::fault

// Promises that no server or client could keep together, found when a contract is read.
#pragma once

#include <optional>
#include <string>

#include "harness/core/contract/contract.hpp"

namespace streamgauge {

/// One sentence that names both keys and why; nullopt when the contract can be kept.
[[nodiscard]] std::optional<std::string> contradiction(const Contract& contract);

}  // namespace streamgauge

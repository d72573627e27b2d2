// Reading a contract from YAML; errors say file:line:column, key, what was found, what is accepted.
#pragma once

#include <string>
#include <string_view>

#include "harness/core/base/error.hpp"
#include "harness/core/contract/contract.hpp"

namespace streamgauge {

/// `file` is used in messages only: the core opens nothing.
[[nodiscard]] Result<Contract> load_contract(std::string_view yaml, std::string file);

/// Applies "queue.events=128" the way a file would say it.
[[nodiscard]] Result<void> set_contract_value(Contract& contract, std::string_view assignment);

}  // namespace streamgauge

// Reading a contract from YAML; errors say file:line:column, key, what was found, what is accepted.
// And writing one: the harness hands the reference server its contract as a file.
#pragma once

#include <string>
#include <string_view>

#include "harness/core/base/error.hpp"
#include "harness/core/contract/contract.hpp"

namespace streamgauge {

/// `file` is used in messages only: the core opens nothing.
[[nodiscard]] Result<Contract> load_contract(std::string_view yaml, std::string file);

/// Applies "queue.events=128" the way a file would say it; lists as "[a, b]". On an error the
/// contract is as it was, and the message begins with the assignment.
[[nodiscard]] Result<void> set_contract_value(Contract& contract, std::string_view assignment);

/// YAML that load_contract() reads back as an equal contract (but for `file`).
[[nodiscard]] std::string write_contract(const Contract& contract);

}  // namespace streamgauge

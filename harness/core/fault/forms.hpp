// How the values of faults are read and written: one form for each kind of parameter.
#pragma once

#include <string>

#include "harness/core/contract/yaml_forms.hpp"
#include "harness/core/fault/fault.hpp"

namespace streamgauge::fault {

[[nodiscard]] yaml::Form<Value> form_of(const Parameter& parameter);
/// What form_of() reads back as the same value; empty for monostate.
[[nodiscard]] std::string written(const Value& value, ParameterForm form);
/// The largest unit that holds it exactly: "1500ms", "2m".
[[nodiscard]] std::string written(Duration duration);
[[nodiscard]] std::string written_share(double share);

/// "%3A" for what separates parts of a fault's line; and back, nullopt when '%' leads to no byte.
[[nodiscard]] std::string escaped(std::string_view text);
[[nodiscard]] std::optional<std::string> unescaped(std::string_view text);

}  // namespace streamgauge::fault

// Spans as people write them: "2s", "3 heartbeat", "1.35 eviction".
#pragma once

#include "harness/core/contract/yaml_forms.hpp"
#include "harness/core/scenario/scenario.hpp"

namespace streamgauge {

/// Multiples are above 0 (or from 0 where zero is allowed) and at most 1000.
[[nodiscard]] yaml::Form<Span> span_form(yaml::Zero zero = yaml::Zero::refused);

/// True when `a` is longer than `b` under every contract; spans in different units say nothing.
[[nodiscard]] bool surely_longer(const Span& a, const Span& b);

}  // namespace streamgauge

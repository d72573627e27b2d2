// The table of all checks. How to add one: checks.hpp.
#include "harness/core/check/checks.hpp"

namespace streamgauge {

const std::vector<CheckSpec>& all_checks() {
  static const std::vector<CheckSpec> table = {
      wire_status(),
      wire_content_type(),
      wire_charset(),
      wire_cache_control(),
      wire_x_accel_buffering(),
      wire_headers_prompt(),
      wire_grammar(),
      wire_no_injection(),
      wire_data_intact(),
      heartbeat_cadence(),
      heartbeat_first_within(),
      heartbeat_no_burst(),
      heartbeat_on_empty_stream(),
      heartbeat_under_traffic(),
      heartbeat_form(),
  };
  return table;
}

const CheckSpec* find_check(std::string_view id) {
  for (const auto& spec : all_checks()) {
    if (spec.id == id) return &spec;
  }
  return nullptr;
}

}  // namespace streamgauge

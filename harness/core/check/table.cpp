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
      heartbeat_yields_to_critical(),
      delivery_no_loss(),
      delivery_no_duplicate(),
      delivery_in_order(),
      delivery_resume(),
      delivery_latency(),
      delivery_first_last_skew(),
      delivery_resume_too_old(),
      delivery_finished(),
      buffering_headers_prompt(),
      buffering_events_prompt(),
      buffering_heartbeats_pass(),
      buffering_no_coalescing(),
      buffering_abort_propagates(),
      buffering_detected_by_client(),
      stall_detected_within(),
      stall_no_false_alarm(),
      stall_after_preamble(),
      stall_before_headers(),
      stall_falls_back(),
      stall_returns(),
      stall_noticed_within(),
      backpressure_bounded_memory(),
      backpressure_isolation(),
      backpressure_no_silent_loss(),
      backpressure_lag_notice_exact(),
      backpressure_critical_kept(),
      backpressure_overflow_as_stated(),
      backpressure_no_duplicate_after_drain(),
      backpressure_resumes(),
      eviction_within(),
      eviction_not_early(),
      eviction_by_progress(),
      eviction_frees_slot(),
      eviction_abort_noticed(),
      identity_newest_wins(),
      identity_no_ghost(),
      auth_401_stops(),
      auth_revoked_closes(),
      auth_no_leak(),
      tokens_first_within(),
      tokens_gap(),
      tokens_terminated(),
      session_priming(),
      session_first_event(),
      session_retry_before_close(),
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

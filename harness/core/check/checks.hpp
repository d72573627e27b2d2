// Every check of this folder, one function each; table.cpp lists them in the order of reports.
//
// How to add a check:
//  1. A file here, named after the id ("wire_status.cpp" holds wire.status), with a class derived
//     from Fold<Self> (fold.hpp): `on` folds a record into constant state per stream, `absorb`
//     takes another thread's instance in, `judge` ends in a Finding.
//  2. A function that returns its CheckSpec: id, level, requirement in one sentence, source, the
//     capabilities it needs, the contract key without which it says nothing, and `wants`: the facts
//     it folds. A fact that is not in `wants` never reaches the check.
//  3. A line here and a line in table.cpp.
//  4. Histories of a few lines under tests/unit/check: one for each verdict, too little evidence
//     and the merge of two threads included.
// Facts reach a check like this: facts of a stream (and the phases and freezes) in the instance of
// the stream's thread, Published in the publisher's, Sample in the engine's. What needs two of them
// at once must wait for judge(), when all have been merged.
#pragma once

#include "harness/core/check/check.hpp"

namespace streamgauge {

// wire: what a single response looks like.
[[nodiscard]] CheckSpec wire_status();
[[nodiscard]] CheckSpec wire_content_type();
[[nodiscard]] CheckSpec wire_charset();
[[nodiscard]] CheckSpec wire_cache_control();
[[nodiscard]] CheckSpec wire_x_accel_buffering();
[[nodiscard]] CheckSpec wire_headers_prompt();
[[nodiscard]] CheckSpec wire_grammar();
[[nodiscard]] CheckSpec wire_no_injection();
[[nodiscard]] CheckSpec wire_data_intact();

// heartbeat: signs of life while there is nothing to say.
[[nodiscard]] CheckSpec heartbeat_cadence();
[[nodiscard]] CheckSpec heartbeat_first_within();
[[nodiscard]] CheckSpec heartbeat_no_burst();
[[nodiscard]] CheckSpec heartbeat_on_empty_stream();
[[nodiscard]] CheckSpec heartbeat_under_traffic();
[[nodiscard]] CheckSpec heartbeat_form();
[[nodiscard]] CheckSpec heartbeat_yields_to_critical();

// delivery: every event, once, in order, in time.
[[nodiscard]] CheckSpec delivery_no_loss();
[[nodiscard]] CheckSpec delivery_no_duplicate();
[[nodiscard]] CheckSpec delivery_in_order();
[[nodiscard]] CheckSpec delivery_resume();
[[nodiscard]] CheckSpec delivery_latency();
[[nodiscard]] CheckSpec delivery_first_last_skew();
[[nodiscard]] CheckSpec delivery_resume_too_old();
[[nodiscard]] CheckSpec delivery_finished();
[[nodiscard]] CheckSpec delivery_same_on_transports();

// buffering: paths that hold back what was sent.
[[nodiscard]] CheckSpec buffering_headers_prompt();
[[nodiscard]] CheckSpec buffering_events_prompt();
[[nodiscard]] CheckSpec buffering_heartbeats_pass();
[[nodiscard]] CheckSpec buffering_no_coalescing();
[[nodiscard]] CheckSpec buffering_abort_propagates();
[[nodiscard]] CheckSpec buffering_detected_by_client();

// path: what a proxy does beside passing bytes on.
[[nodiscard]] CheckSpec path_idle_cut();
[[nodiscard]] CheckSpec path_end_propagates();
[[nodiscard]] CheckSpec path_absorbs_bounded();
[[nodiscard]] CheckSpec path_survives_reload();
[[nodiscard]] CheckSpec path_last_event_id();
[[nodiscard]] CheckSpec path_not_cached();

// stall: paths that go silent without a word, seen from both of their ends.
[[nodiscard]] CheckSpec stall_detected_within();
[[nodiscard]] CheckSpec stall_no_false_alarm();
[[nodiscard]] CheckSpec stall_after_preamble();
[[nodiscard]] CheckSpec stall_before_headers();
[[nodiscard]] CheckSpec stall_falls_back();
[[nodiscard]] CheckSpec stall_returns();
[[nodiscard]] CheckSpec stall_noticed_within();

// backpressure: readers that stop reading, and what they cost everybody else.
[[nodiscard]] CheckSpec backpressure_bounded_memory();
[[nodiscard]] CheckSpec backpressure_isolation();
[[nodiscard]] CheckSpec backpressure_no_silent_loss();
[[nodiscard]] CheckSpec backpressure_lag_notice_exact();
[[nodiscard]] CheckSpec backpressure_critical_kept();
[[nodiscard]] CheckSpec backpressure_overflow_as_stated();
[[nodiscard]] CheckSpec backpressure_no_duplicate_after_drain();
[[nodiscard]] CheckSpec backpressure_resumes();

// eviction: readers that never come back.
[[nodiscard]] CheckSpec eviction_within();
[[nodiscard]] CheckSpec eviction_not_early();
[[nodiscard]] CheckSpec eviction_by_progress();
[[nodiscard]] CheckSpec eviction_frees_slot();
[[nodiscard]] CheckSpec eviction_abort_noticed();

// storm: everybody was cut at once, and comes back; or there is no room for all.
[[nodiscard]] CheckSpec storm_spread();
[[nodiscard]] CheckSpec storm_peak_rate();
[[nodiscard]] CheckSpec storm_recovery();
[[nodiscard]] CheckSpec storm_no_lockstep();
[[nodiscard]] CheckSpec storm_backoff_grows();
[[nodiscard]] CheckSpec storm_no_loss();
[[nodiscard]] CheckSpec storm_shed_politely();
[[nodiscard]] CheckSpec storm_no_cascade();

// drain: the target is told to stop in order.
[[nodiscard]] CheckSpec drain_ready_flips_first();
[[nodiscard]] CheckSpec drain_refuses_new();
[[nodiscard]] CheckSpec drain_within_grace();
[[nodiscard]] CheckSpec drain_exit_within();
[[nodiscard]] CheckSpec drain_no_truncation();
[[nodiscard]] CheckSpec drain_no_loss();
[[nodiscard]] CheckSpec drain_retry_hint();
[[nodiscard]] CheckSpec drain_spread();
[[nodiscard]] CheckSpec drain_lands();

// identity: one stream an id, and nothing left of those that have ended.
[[nodiscard]] CheckSpec identity_newest_wins();
[[nodiscard]] CheckSpec identity_no_ghost();

// limits: as many streams as stated, and their places given back.
[[nodiscard]] CheckSpec limits_per_user();
[[nodiscard]] CheckSpec limits_total();
[[nodiscard]] CheckSpec limits_freed();

// auth: who may listen, and what others get to see.
[[nodiscard]] CheckSpec auth_401_stops();
[[nodiscard]] CheckSpec auth_revoked_closes();
[[nodiscard]] CheckSpec auth_no_leak();

// tokens: streams that are the answer to one request.
[[nodiscard]] CheckSpec tokens_first_within();
[[nodiscard]] CheckSpec tokens_gap();
[[nodiscard]] CheckSpec tokens_terminated();

// session: what a stream begins with, and what it is told before it is ended on purpose.
[[nodiscard]] CheckSpec session_priming();
[[nodiscard]] CheckSpec session_first_event();
[[nodiscard]] CheckSpec session_retry_before_close();

}  // namespace streamgauge

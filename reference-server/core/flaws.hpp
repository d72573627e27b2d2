// Flaws: violations that can be switched on, to prove that the harness catches them.
//
// Tables by family (flaws_*.cpp) name them all; each is switched in the code at the place where the
// right behaviour is decided (search for its enumerator). To add one: an enumerator, a line in its
// family's table, and the switch.
#pragma once

#include <algorithm>
#include <array>
#include <bitset>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>

namespace streamgauge::server {

enum class Flaw : std::uint8_t {
  no_x_accel_buffering,
  late_headers,
  heartbeat_burst,
  heartbeat_on_empty_missing,
  liveness_by_attempt,
  unbounded_queue,
  head_of_line,
  newline_injection,
  // Who may listen, and to what.
  token_unchecked,
  revoked_keeps_streaming,
  unauthorized_as_200,
  channel_leak,
  user_limit_off,
  total_limit_off,
  evict_at_cap,
  slots_not_returned,
  late_close_unregisters,
  both_streams_live,
  same_retry_after,
  no_retry_after,
  leak_on_abort,
  vanished_never_noticed,
  finished_as_empty_stream,
  tokens_truncated,
  tokens_batched,
  first_token_late,
  no_priming,
  close_without_retry,
  first_event_missing,
  wrong_content_type,
  no_cache_control,
  stream_status_201,
  joined_data_lines,
  latin1_bytes,
  header_hold,
  compressed_without_flush,
  coalesced_events,
  heartbeat_starved,
  heartbeat_slow,
  heartbeat_wrong_form,
  first_heartbeat_late,
  heartbeat_displaces_message,
  heartbeat_as_progress,
  truncates_on_full,
  drain_wait_hangs,
  duplicate_after_drain,
  silent_drop,
  wrong_lag_count,
  critical_dropped,
  small_queue,
  evicts_early,
  evicts_slow_reader,
  evicted_slot_kept,
  loses_events,
  reorders_events,
  polling_delay,
  slow_fan_out,
  replay_off_by_one,
  replay_duplicate,
  silent_replay_gap,
  replay_live_mixed,
  resume_ignored,
  shutdown_hangs,
  shutdown_truncates,
  ready_flips_late,
  drain_accepts_new,
  drain_drops_queue,
  no_retry_hint,
  drain_all_at_once,
  exits_with_error,
  websocket_misses_events,
  poll_changes_order,
  poll_gap,
  count_,
};

/// A few ids of checks, written in place: {"wire.grammar", "delivery.no-loss"}.
class CheckIds {
 public:
  constexpr CheckIds(std::initializer_list<std::string_view> ids) : size_(ids.size()) {
    std::copy(ids.begin(), ids.end(), ids_.begin());
  }
  [[nodiscard]] constexpr const std::string_view* begin() const { return ids_.data(); }
  [[nodiscard]] constexpr const std::string_view* end() const { return ids_.data() + size_; }
  [[nodiscard]] constexpr bool empty() const { return size_ == 0; }

 private:
  std::array<std::string_view, 16> ids_{};
  std::size_t size_;
};

struct FlawSpec {
  Flaw flaw;
  std::string_view id;
  std::string_view description;
  std::string_view source;  // failure mode in FIELD.md and where it was seen
  CheckIds expected;        // at least one of these checks must fail
  CheckIds related;         // these may fail too; no other may
};

[[nodiscard]] std::span<const FlawSpec> all_flaws();
[[nodiscard]] const FlawSpec* find_flaw(std::string_view id);

class Flaws {
 public:
  [[nodiscard]] bool has(Flaw flaw) const { return set_[static_cast<std::size_t>(flaw)]; }
  void add(Flaw flaw) { set_.set(static_cast<std::size_t>(flaw)); }

 private:
  std::bitset<static_cast<std::size_t>(Flaw::count_)> set_;
};

}  // namespace streamgauge::server

// Flaws: violations that can be switched on, to prove that the harness catches them.
//
// One table names them all; each is switched in the code at the place where the right behaviour is
// decided (search for its enumerator). To add one: an enumerator, a line in flaws.cpp, the switch,
// and a row in the harness's selftest.
#pragma once

#include <bitset>
#include <cstdint>
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
  count_,
};

struct FlawSpec {
  Flaw flaw;
  std::string_view id;
  std::string_view description;
  std::string_view source;                     // failure mode in FIELD.md and where it was seen
  std::span<const std::string_view> expected;  // at least one of these checks must fail
  std::span<const std::string_view> related;   // these may fail too; no other may
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

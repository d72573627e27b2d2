// Connections that go silent, as the client knows them: since when, how far they had come, and how
// the client got out of it.
//
// A connection is deaf from the harness's Deafened on: nothing that the target sends arrives. What
// a client owes then depends on how far the connection had come.
#pragma once

#include <memory>

#include "harness/core/check/band.hpp"
#include "harness/core/check/fold.hpp"
#include "harness/core/check/timeline.hpp"

namespace streamgauge {

/// One connection of a client; constant size.
struct Connection {
  static constexpr std::uint32_t wants =
      facts<fact::Joined, fact::Connecting, fact::Connected, fact::ConnectFailed, fact::Headers,
            fact::Comment, fact::Event, fact::Retry, fact::ReadingStopped, fact::Deafened,
            fact::Aborted, fact::Closed>();

  Instant connected_at{};
  Instant opened_at{};     // head of a stream (200)
  Instant last_byte_at{};  // head or body
  Instant deaf_at{};
  std::uint32_t attempt = 0;
  std::uint16_t group = 0;
  std::uint16_t channel = 0;
  bool connected = false;
  bool answered = false;  // a whole head, whatever it says
  bool open = false;
  bool deaf = false;
  bool stopped = false;  // the client stopped reading on purpose
  bool aborted = false;

  void on(const Record& record);
};

/// What a client is owed by its own policy.
enum class Silence : std::uint8_t {
  before_headers,  // deaf before the head: header_timeout, from the connection on
  after_preamble,  // deaf when only the first bytes had come: liveness
  mid_stream,      // deaf later: liveness
  head_withheld,   // no head for whatever reason: header_timeout
};

/// Folds how long clients stay with a connection that is silent in that way, and judges it.
[[nodiscard]] std::unique_ptr<Check> make_giving_up(const CheckContext& context, Silence silence);

/// The group's clients follow the contract's constants, or have such a deadline of their own.
[[nodiscard]] bool has_liveness(const Scenario& scenario, std::uint16_t group);
[[nodiscard]] bool has_header_timeout(const Scenario& scenario, std::uint16_t group);

/// For CheckSpec::not_stated.
[[nodiscard]] std::string no_liveness(const Contract& contract);
[[nodiscard]] std::string no_header_timeout(const Contract& contract);

/// Of a client's own deadline: what a coarse timer may add.
[[nodiscard]] inline Duration deadline_margin(Duration deadline) {
  return std::max<Duration>(scaled(deadline, 0.25), std::chrono::milliseconds{100});
}

}  // namespace streamgauge

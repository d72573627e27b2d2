// The request that opens a stream, as text, and where it is sent from. Pure.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "harness/core/history/record.hpp"
#include "harness/core/scenario/scenario.hpp"
#include "harness/net/stream_endpoint.hpp"

namespace streamgauge::net {

/// What {id}, {user} and {token} stand for in a client's requests. `token`: nullopt when it shows
/// none.
struct StreamIdentity {
  std::string id;
  std::string user;
  std::optional<std::string> token;
};
/// `member`: the client's number in its group. Where the group states no id (or user), each stream
/// has its own: "c12" ("u12").
[[nodiscard]] StreamIdentity identity_of(const ClientGroup& group, StreamId stream,
                                         std::uint32_t member, const TokenTexts& tokens);

/// Everything but unreserved characters (RFC 3986, 2.3) as %XX.
[[nodiscard]] std::string percent_encode(std::string_view text);

/// What an EventSource sends, to the endpoint's path with all placeholders filled in
/// (percent-encoded). "Last-Event-ID" only if not empty, and never with a line break in it; the
/// endpoint's headers come last: one of them named like a default replaces it, one that holds
/// {token} is left out when there is none to show. A group that asks for a generated answer sends
/// the endpoint's `generate` instead, with its body.
[[nodiscard]] std::string stream_request(const StreamEndpoint& endpoint, const ClientGroup& group,
                                         const StreamIdentity& identity,
                                         std::string_view last_event_id);

/// A source address has some 28 000 ephemeral ports. Past `streams_per_address` streams to
/// 127.0.0.0/8 they are dealt out over 127.0.0.2, 127.0.0.3, ...; nullopt: the kernel's choice.
[[nodiscard]] std::optional<boost::asio::ip::address> source_address(
    const boost::asio::ip::address& target, StreamId stream, std::uint64_t streams);
inline constexpr std::uint64_t streams_per_address = 20'000;

}  // namespace streamgauge::net

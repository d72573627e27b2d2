// The request that opens a stream, as text, and where it is sent from. Pure.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "harness/core/history/record.hpp"
#include "harness/core/scenario/scenario.hpp"
#include "harness/net/place.hpp"
#include "harness/net/stream_endpoint.hpp"

namespace streamgauge::net {

/// What {id}, {user} and {token} stand for in a client's requests. `token`: nullopt when it shows
/// none.
struct StreamIdentity {
  std::string id;
  std::string user;
  std::optional<std::string> token;
};
/// `member`: the client's number in its group; `instead`: of the group's credential. Where the
/// group states no id (or user), each stream has its own: "c12" ("u12").
[[nodiscard]] StreamIdentity identity_of(const ClientGroup& group, StreamId stream,
                                         std::uint32_t member, const TokenTexts& tokens,
                                         std::optional<Credential> instead = {});

/// Everything but unreserved characters (RFC 3986, 2.3) as %XX.
[[nodiscard]] std::string percent_encode(std::string_view text);

/// The endpoint's path for that transport with all placeholders filled in (percent-encoded).
[[nodiscard]] std::string stream_target(const StreamEndpoint& endpoint, const ClientGroup& group,
                                        const StreamIdentity& identity,
                                        Transport transport = Transport::sse);

/// What one connection's request is about beside its group.
struct RequestNotes {
  const Place* place = nullptr;  // that a redirect has named, in place of stream_target()
  Transport transport = Transport::sse;
  std::string_view websocket_key = {};
};

/// What an EventSource sends, or the handshake of a WebSocket (RFC 6455, 4.1).
/// "Last-Event-ID" only if not empty, and never with a line break in it; then the endpoint's
/// headers, then the group's: one named like an earlier one replaces it, one that holds {token} is
/// left out when there is none to show. The group's method and body, if it has any. A group that
/// asks for a generated answer sends the endpoint's `generate` instead, with its body.
[[nodiscard]] std::string stream_request(const StreamEndpoint& endpoint, const ClientGroup& group,
                                         const StreamIdentity& identity,
                                         std::string_view last_event_id,
                                         const RequestNotes& notes = {});

/// A source address has some 28 000 ephemeral ports. Past `streams_per_address` streams to
/// 127.0.0.0/8 they are dealt out over 127.0.0.2, 127.0.0.3, ...; nullopt: the kernel's choice.
[[nodiscard]] std::optional<boost::asio::ip::address> source_address(
    const boost::asio::ip::address& target, StreamId stream, std::uint64_t streams);
inline constexpr std::uint64_t streams_per_address = 20'000;

}  // namespace streamgauge::net

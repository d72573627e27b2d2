// The request that opens a stream, as text, and where it is sent from. Pure.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "harness/core/history/record.hpp"
#include "harness/core/scenario/target_spec.hpp"

namespace streamgauge::net {

/// `path` with {channel} (percent-encoded), {user} and {id} (both the stream's number) filled in.
[[nodiscard]] std::string stream_path(std::string_view path, std::string_view channel,
                                      StreamId stream);

/// Everything but unreserved characters (RFC 3986, 2.3) as %XX.
[[nodiscard]] std::string percent_encode(std::string_view text);

/// What an EventSource sends. "Last-Event-ID" only if not empty, and never with a line break in it;
/// `headers` come last; one of them named like a default replaces it.
[[nodiscard]] std::string stream_request(std::string_view host, std::string_view target,
                                         std::string_view last_event_id, const HeaderList& headers);

/// A source address has some 28 000 ephemeral ports. Past `streams_per_address` streams to
/// 127.0.0.0/8 they are dealt out over 127.0.0.2, 127.0.0.3, ...; nullopt: the kernel's choice.
[[nodiscard]] std::optional<boost::asio::ip::address> source_address(
    const boost::asio::ip::address& target, StreamId stream, std::uint64_t streams);
inline constexpr std::uint64_t streams_per_address = 20'000;

}  // namespace streamgauge::net

#include "harness/net/request.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>

#include "harness/net/http_probe.hpp"
#include "harness/net/publish_request.hpp"

namespace streamgauge::net {
namespace {

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x)) ==
           std::tolower(static_cast<unsigned char>(y));
  });
}

using Values = std::map<std::string, std::string>;

Values path_values(const ClientGroup& group, const StreamIdentity& identity) {
  return {{"channel", percent_encode(group.channel)},
          {"id", percent_encode(identity.id)},
          {"user", percent_encode(identity.user)},
          {"token", percent_encode(identity.token.value_or(""))}};
}

/// Those of `templates` that the client can fill in.
HeaderList sendable(const HeaderList& templates, const StreamIdentity& identity) {
  HeaderList headers;
  for (const auto& header : templates) {
    const bool shows_token = header.second.find("{token}") != std::string::npos;
    if (identity.token || !shows_token) headers.push_back(header);
  }
  return headers;
}

/// Before the target's own headers, which may replace them.
HeaderList default_headers(const ClientGroup& group, std::string_view last_event_id,
                           const HeaderList& own) {
  HeaderList headers{{"Accept", "text/event-stream"}, {"Cache-Control", "no-cache"}};
  if (group.accepts_gzip) headers.emplace_back("Accept-Encoding", "gzip, deflate");
  std::erase_if(headers, [&](const auto& header) {
    return std::any_of(own.begin(), own.end(),
                       [&](const auto& h) { return same_name(h.first, header.first); });
  });
  // The parser splits lines at CR and LF, so an id cannot hold one; a seeded id might.
  const bool one_line = last_event_id.find_first_of("\r\n") == std::string_view::npos;
  if (!last_event_id.empty() && one_line) headers.emplace_back("Last-Event-ID", last_event_id);
  return headers;
}

std::string generate_request(const StreamEndpoint& endpoint, const ClientGroup& group,
                             const StreamIdentity& identity, std::string_view last_event_id) {
  const CommandSpec& generate = *endpoint.generate;
  PublishTemplate request;
  request.method = generate.method;
  request.path = generate.path;
  const HeaderList own = sendable(generate.headers, identity);
  request.headers = default_headers(group, last_event_id, own);
  request.headers.insert(request.headers.end(), own.begin(), own.end());
  request.body = generate.body;
  PublishValues values;
  values.channel = group.channel;
  values.id = identity.id;
  values.user = identity.user;
  values.token = identity.token ? std::string_view{*identity.token} : std::string_view{};
  return publish_request(request, endpoint.host, values).value_or("");
}

}  // namespace

std::string percent_encode(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x80 && std::isalnum(byte) != 0) || c == '-' || c == '.' || c == '_' || c == '~') {
      encoded += c;
    } else {
      encoded += fmt::format("%{:02X}", byte);
    }
  }
  return encoded;
}

StreamIdentity identity_of(const ClientGroup& group, StreamId stream, std::uint32_t member,
                           const TokenTexts& tokens) {
  StreamIdentity identity;
  identity.id = group.id.empty() ? fmt::format("c{}", stream) : member_text(group.id, member);
  identity.user = group.user.empty() ? fmt::format("u{}", stream) : member_text(group.user, member);
  switch (group.credential) {
    case Credential::valid:
      identity.token = tokens.valid;
      break;
    case Credential::wrong:
      identity.token = tokens.wrong;
      break;
    case Credential::revocable:
      identity.token = tokens.revocable;
      break;
    case Credential::none:
      break;
  }
  return identity;
}

std::string stream_request(const StreamEndpoint& endpoint, const ClientGroup& group,
                           const StreamIdentity& identity, std::string_view last_event_id) {
  if (group.request == RequestKind::generate && endpoint.generate) {
    return generate_request(endpoint, group, identity, last_event_id);
  }
  HttpRequest request;
  request.method = "GET";
  request.host = endpoint.host;
  request.path = expand(endpoint.path, path_values(group, identity));
  const HeaderList own = sendable(endpoint.headers, identity);
  request.headers = default_headers(group, last_event_id, own);
  const Values values{{"channel", group.channel},
                      {"id", identity.id},
                      {"user", identity.user},
                      {"token", identity.token.value_or("")}};
  for (const auto& [name, text] : own) request.headers.emplace_back(name, expand(text, values));
  return request_text(request, true);
}

std::optional<boost::asio::ip::address> source_address(const boost::asio::ip::address& target,
                                                       StreamId stream, std::uint64_t streams) {
  if (streams <= streams_per_address || !target.is_v4() || !target.is_loopback()) {
    return std::nullopt;
  }
  const std::uint64_t addresses =
      std::min<std::uint64_t>((streams + streams_per_address - 1) / streams_per_address, 250);
  const auto last_byte = static_cast<std::uint32_t>(2 + stream % addresses);
  return boost::asio::ip::address_v4{(127u << 24) | last_byte};
}

}  // namespace streamgauge::net

#include "harness/net/request.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <initializer_list>
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

/// Adds `more`, each in the place of all that have its name.
void lay_over(HeaderList& headers, const HeaderList& more) {
  std::erase_if(headers, [&](const auto& header) {
    return std::any_of(more.begin(), more.end(),
                       [&](const auto& h) { return same_name(h.first, header.first); });
  });
  headers.insert(headers.end(), more.begin(), more.end());
}

/// The parser splits lines at CR and LF, so an id cannot hold one; a given one might.
bool one_line(std::string_view text) {
  return text.find_first_of(std::string_view{"\r\n\0", 3}) == std::string_view::npos;
}

/// Before the target's own headers, which may replace them.
HeaderList default_headers(const ClientGroup& group, std::string_view last_event_id) {
  const Defects& defects = group.policy.defects;
  HeaderList headers;
  if (!defects.has(Defect::no_accept)) headers.emplace_back("Accept", "text/event-stream");
  headers.emplace_back("Cache-Control", "no-cache");
  if (group.accepts_gzip) headers.emplace_back("Accept-Encoding", "gzip, deflate");
  const bool says_id = !last_event_id.empty() || defects.has(Defect::sends_empty_id);
  if (says_id && one_line(last_event_id) && !defects.has(Defect::loses_id)) {
    headers.emplace_back("Last-Event-ID", last_event_id);
  }
  return headers;
}

void drop(HeaderList& headers, std::initializer_list<std::string_view> names) {
  std::erase_if(headers, [&](const auto& header) {
    return std::any_of(names.begin(), names.end(),
                       [&](std::string_view name) { return same_name(name, header.first); });
  });
}

/// What a 303 makes of a request with a body, and a 301 or 302 of a POST (WHATWG Fetch, 4.4).
void drop_body(HttpRequest& request) {
  if (request.method == "HEAD") return;
  request.method = "GET";
  request.body.clear();
  drop(request.headers, {"content-type", "content-length", "content-encoding", "content-language",
                         "content-location"});
}

void make_handshake(HttpRequest& request, std::string_view key) {
  request.method = "GET";
  request.body.clear();
  drop(request.headers, {"accept", "content-type"});
  lay_over(request.headers, {{"Connection", "Upgrade"},
                             {"Upgrade", "websocket"},
                             {"Sec-WebSocket-Version", "13"},
                             {"Sec-WebSocket-Key", std::string{key}}});
}

std::string generate_request(const StreamEndpoint& endpoint, const ClientGroup& group,
                             const StreamIdentity& identity, std::string_view last_event_id) {
  const CommandSpec& generate = *endpoint.generate;
  PublishTemplate request;
  request.method = generate.method;
  request.path = generate.path;
  const HeaderList own = sendable(generate.headers, identity);
  request.headers = default_headers(group, last_event_id);
  lay_over(request.headers, own);
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
                           const TokenTexts& tokens, std::optional<Credential> instead) {
  StreamIdentity identity;
  identity.id = group.id.empty() ? fmt::format("c{}", stream) : member_text(group.id, member);
  identity.user = group.user.empty() ? fmt::format("u{}", stream) : member_text(group.user, member);
  switch (instead.value_or(group.credential)) {
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

std::string stream_target(const StreamEndpoint& endpoint, const ClientGroup& group,
                          const StreamIdentity& identity, Transport transport) {
  const std::string& path = transport == Transport::long_poll   ? endpoint.poll_path
                            : transport == Transport::websocket ? endpoint.websocket_path
                                                                : endpoint.path;
  return expand(path, path_values(group, identity));
}

std::string stream_request(const StreamEndpoint& endpoint, const ClientGroup& group,
                           const StreamIdentity& identity, std::string_view last_event_id,
                           const RequestNotes& notes) {
  const Place* const place = notes.place;
  if (group.request == RequestKind::generate && endpoint.generate && place == nullptr) {
    return generate_request(endpoint, group, identity, last_event_id);
  }
  const GroupRequest& says = group.says;
  const bool bare = place != nullptr && place->as_get;
  HttpRequest request;
  request.method = says.method.empty() ? (says.body.empty() ? "GET" : "POST") : says.method;
  request.host = place != nullptr ? place->url.authority : endpoint.host;
  request.path =
      place != nullptr ? place->target : stream_target(endpoint, group, identity, notes.transport);
  request.headers = default_headers(group, last_event_id);
  const Values values{{"channel", group.channel},
                      {"id", identity.id},
                      {"user", identity.user},
                      {"token", identity.token.value_or("")}};
  HeaderList own = sendable(endpoint.headers, identity);
  for (auto& header : own) header.second = expand(header.second, values);
  lay_over(request.headers, own);
  lay_over(request.headers, says.headers);
  request.body = says.body;
  if (notes.transport == Transport::websocket) make_handshake(request, notes.websocket_key);
  if (bare) drop_body(request);
  if (place != nullptr && place->foreign &&
      !group.policy.defects.has(Defect::leaks_authorization)) {
    drop(request.headers, {"authorization", "cookie", "proxy-authorization"});
  }
  std::erase_if(request.headers, [](const auto& header) { return !one_line(header.second); });
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

#include "harness/net/publish_request.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <map>

#include "harness/core/http/head.hpp"
#include "harness/net/http_probe.hpp"
#include "harness/net/request.hpp"

namespace streamgauge::net {
namespace {

using Values = std::map<std::string, std::string>;

std::string raw(std::string_view text) {
  return std::string(text);
}

/// Without the quotes, which the template has around its placeholder.
std::string json_text(std::string_view text) {
  const auto quoted = boost::json::serialize(boost::json::string_view(text.data(), text.size()));
  return quoted.substr(1, quoted.size() - 2);
}

Values encoded(const PublishValues& values, std::string (*encode)(std::string_view)) {
  return {{"channel", encode(values.channel)},     {"data", encode(values.data)},
          {"event", encode(values.event)},         {"id", encode(values.id)},
          {"class", encode(values.message_class)}, {"key", encode(values.key)},
          {"user", encode(values.user)},           {"token", encode(values.token)}};
}

auto body_encoding(const HeaderList& headers) -> std::string (*)(std::string_view) {
  std::string lines = "POST\r\n";
  for (const auto& [name, value] : headers) lines += name + ": " + value + "\r\n";
  const auto content_type = http::field(lines, "Content-Type");
  const auto type = content_type ? http::parse_media_type(*content_type) : std::nullopt;
  if (!type) return raw;
  if (type->essence == "application/json" || type->essence.ends_with("+json")) return json_text;
  if (type->essence == "application/x-www-form-urlencoded") return percent_encode;
  return raw;
}

}  // namespace

std::optional<std::string> publish_request(const PublishTemplate& publish, std::string_view host,
                                           const PublishValues& values) {
  HttpRequest request;
  request.method = publish.method;
  request.host = host;
  request.path = expand(publish.path, encoded(values, percent_encode));
  const auto plain = encoded(values, raw);
  for (const auto& [name, text] : publish.headers) {
    auto value = expand(text, plain);
    if (value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) {
      return std::nullopt;
    }
    if (!value.empty() || text.empty()) request.headers.emplace_back(name, std::move(value));
  }
  request.body = expand(publish.body, encoded(values, body_encoding(publish.headers)));
  return request_text(request, true);
}

}  // namespace streamgauge::net

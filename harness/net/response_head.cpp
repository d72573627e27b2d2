#include "harness/net/response_head.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <charconv>

#include "harness/core/http/head.hpp"

namespace streamgauge::net {
namespace {

namespace beast_http = boost::beast::http;

constexpr int seconds_max = 365 * 24 * 3600;

std::optional<Duration> seconds(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return std::chrono::seconds{std::min<std::uint64_t>(value, seconds_max)};
}

/// Beast insists on CRLF; a recipient may take LF alone, and clients do.
std::string with_crlf(std::string_view head) {
  std::string text;
  for (std::size_t i = 0; i < head.size(); ++i) {
    if (head[i] == '\n' && (i == 0 || head[i - 1] != '\r')) text += '\r';
    text += head[i];
  }
  return text;
}

bool body_is_empty_by_status(int status) {
  return status == 204 || status == 304;
}

}  // namespace

std::size_t head_end(std::string_view bytes, std::size_t from) {
  for (std::size_t at = bytes.find('\n', from); at != std::string_view::npos;
       at = bytes.find('\n', at + 1)) {
    if (bytes.substr(at + 1, 1) == "\n") return at + 2;
    if (bytes.substr(at + 1, 2) == "\r\n") return at + 3;
  }
  return std::string_view::npos;
}

bool may_be_http(std::string_view bytes) {
  constexpr std::string_view begin = "HTTP/1.";
  const std::size_t size = std::min(bytes.size(), begin.size());
  return bytes.substr(0, size) == begin.substr(0, size);
}

Result<ResponseHead> parse_response_head(std::string_view raw) {
  const std::string head = with_crlf(raw);
  beast_http::response_parser<beast_http::empty_body> parser;
  parser.header_limit(static_cast<std::uint32_t>(head.size() + 1));
  parser.body_limit(boost::none);
  boost::system::error_code error;
  parser.put(boost::asio::buffer(head), error);
  if (error && error != beast_http::error::need_more) {
    return target_error("malformed response head: " + error.message());
  }
  if (!parser.is_header_done()) return target_error("malformed response head: it does not end");

  const auto& message = parser.get();
  ResponseHead result;
  result.status = static_cast<int>(message.result_int());
  if (parser.chunked()) {
    result.framing = Framing::chunked;
  } else if (body_is_empty_by_status(result.status)) {
    result.framing = Framing::length;
  } else if (const auto length = parser.content_length()) {
    result.framing = Framing::length;
    result.content_length = *length;
  }
  result.keeps_connection = parser.keep_alive();
  auto text_of = [&](beast_http::field name) {
    const auto value = message[name];
    return std::string{value.data(), value.size()};
  };
  result.content_type = text_of(beast_http::field::content_type);
  result.location = text_of(beast_http::field::location);
  result.retry_after = seconds(text_of(beast_http::field::retry_after));
  if (const auto type = http::parse_media_type(result.content_type)) {
    result.event_stream = type->essence == "text/event-stream";
  }
  const auto encoding = text_of(beast_http::field::content_encoding);
  if (!encoding.empty() && !boost::beast::iequals(encoding, "identity")) {
    result.content_encoding = encoding;
  }
  return result;
}

std::optional<Inflater::Coding> coding_of(const ResponseHead& head) {
  const std::string& name = head.content_encoding;
  if (boost::beast::iequals(name, "gzip") || boost::beast::iequals(name, "x-gzip")) {
    return Inflater::Coding::gzip;
  }
  if (boost::beast::iequals(name, "deflate")) return Inflater::Coding::deflate;
  return std::nullopt;
}

std::optional<std::string> why_rejected(const ResponseHead& head, bool offered) {
  const int status = head.status;
  const bool redirects =
      status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
  if (redirects) {
    return fmt::format("status {}: a redirect that is not followed (Location: {})", status,
                       head.location.empty() ? "missing" : head.location);
  }
  if (status != 200) return fmt::format("status {}", status);
  if (head.content_type.empty()) return "no content type";
  if (!head.event_stream) return "content type " + head.content_type;
  if (!head.content_encoding.empty() && !(offered && coding_of(head))) {
    return "content encoding " + head.content_encoding + ", which the request did not offer";
  }
  return std::nullopt;
}

}  // namespace streamgauge::net

#include "harness/net/request.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace streamgauge::net {
namespace {

void replace_all(std::string& text, std::string_view name, std::string_view value) {
  for (std::size_t at = text.find(name); at != std::string::npos;
       at = text.find(name, at + value.size())) {
    text.replace(at, name.size(), value);
  }
}

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x)) ==
           std::tolower(static_cast<unsigned char>(y));
  });
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

std::string stream_path(std::string_view path, std::string_view channel, StreamId stream) {
  std::string filled{path};
  if (filled.find('{') == std::string::npos) return filled;
  const std::string number = std::to_string(stream);
  replace_all(filled, "{user}", number);
  replace_all(filled, "{id}", number);
  replace_all(filled, "{channel}", percent_encode(channel));
  return filled;
}

std::string stream_request(std::string_view host, std::string_view target,
                           std::string_view last_event_id, const HeaderList& headers) {
  using Field = std::pair<std::string_view, std::string_view>;
  const std::array<Field, 4> defaults = {Field{"Host", host}, Field{"Accept", "text/event-stream"},
                                         Field{"Cache-Control", "no-cache"},
                                         Field{"User-Agent", "streamgauge"}};
  std::string text = fmt::format("GET {} HTTP/1.1\r\n", target);
  auto append = [&](std::string_view name, std::string_view value) {
    text.append(name).append(": ").append(value).append("\r\n");
  };
  for (const auto& [name, value] : defaults) {
    const bool replaced = std::any_of(headers.begin(), headers.end(),
                                      [&](const auto& h) { return same_name(h.first, name); });
    if (!replaced) append(name, value);
  }
  // The parser splits lines at CR and LF, so an id cannot hold one; a seeded id might.
  const bool sendable = last_event_id.find_first_of("\r\n") == std::string_view::npos;
  if (!last_event_id.empty() && sendable) append("Last-Event-ID", last_event_id);
  for (const auto& [name, value] : headers) append(name, value);
  text += "\r\n";
  return text;
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

#include "reference-server/core/query.hpp"

#include <charconv>

namespace streamgauge::server {
namespace {

bool decode(std::string_view text, std::string& out) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      unsigned char byte = 0;
      if (i + 2 >= text.size()) return false;
      const char* const digits = text.data() + i + 1;
      const auto read = std::from_chars(digits, digits + 2, byte, 16);
      if (read.ec != std::errc{} || read.ptr != digits + 2) return false;
      out += static_cast<char>(byte);
      i += 2;
    }
  }
  return true;
}

}  // namespace

std::string Target::get(std::string_view name, std::string_view otherwise) const {
  for (const auto& [key, value] : query) {
    if (key == name) return value;
  }
  return std::string{otherwise};
}

bool Target::has(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (key == name) return true;
  }
  return false;
}

std::optional<Target> parse_target(std::string_view target) {
  Target parsed;
  // The absolute form, "http://host/path", has to be understood too (RFC 9112, 3.2.2).
  if (target.starts_with("http://")) {
    const std::size_t path = target.find('/', 7);
    target = path == std::string_view::npos ? std::string_view{"/"} : target.substr(path);
  }
  const std::size_t mark = target.find('?');
  parsed.path = std::string{target.substr(0, mark)};
  if (mark == std::string_view::npos) return parsed;
  std::string_view rest = target.substr(mark + 1);
  while (!rest.empty()) {
    const std::size_t amp = rest.find('&');
    const std::string_view field = rest.substr(0, amp);
    rest = amp == std::string_view::npos ? std::string_view{} : rest.substr(amp + 1);
    if (field.empty()) continue;
    const std::size_t equals = field.find('=');
    std::string name;
    std::string value;
    if (!decode(field.substr(0, equals), name)) return std::nullopt;
    if (equals != std::string_view::npos && !decode(field.substr(equals + 1), value)) {
      return std::nullopt;
    }
    parsed.query.emplace_back(std::move(name), std::move(value));
  }
  return parsed;
}

}  // namespace streamgauge::server

#include "harness/core/fault/head_edit.hpp"

#include <algorithm>
#include <cstddef>

namespace streamgauge::fault {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool named(std::string_view line, std::string_view name) {
  return line.size() > name.size() && line[name.size()] == ':' &&
         std::equal(name.begin(), name.end(), line.begin(),
                    [](char a, char b) { return lower(a) == lower(b); });
}

}  // namespace

std::string without_field(std::string_view head, std::string_view name) {
  std::string out;
  bool first = true, dropping = false;
  while (!head.empty()) {
    const std::size_t end = std::min(head.find('\n'), head.size() - 1) + 1;
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(end);
    const bool folded = line.front() == ' ' || line.front() == '\t';
    if (!folded) dropping = !first && named(line, name);
    if (!dropping) out += line;
    first = false;
  }
  return out;
}

std::string with_fields(std::string_view head, std::string_view lines) {
  const std::size_t blank = head.ends_with("\r\n") ? 2 : 1;
  std::string out{head.substr(0, head.size() - std::min(blank, head.size()))};
  out += lines;
  out += head.substr(out.size() - lines.size());
  return out;
}

}  // namespace streamgauge::fault

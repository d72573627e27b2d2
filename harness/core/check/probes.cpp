#include "harness/core/check/probes.hpp"

#include <vector>

namespace streamgauge {
namespace {

constexpr std::string_view lf_block =
    "\ndata: sg-injected\n\nevent: sg-injected\ndata: sg-injected\n\n";
constexpr std::string_view cr_block =
    "\rdata: sg-injected\r\revent: sg-injected\rdata: sg-injected\r\r";
constexpr std::string_view crlf_block =
    "\r\ndata: sg-injected\r\n\r\nevent: sg-injected\r\ndata: sg-injected\r\n\r\n";

/// Longer than the line buffers that careless servers and proxies have (4, 8, 16 and 32 KiB).
std::string make_long_line() {
  constexpr std::string_view digits = "0123456789";
  std::string line = " ";
  while (line.size() < 60'000) line += digits;
  line.resize(60'000);
  return line;
}

std::vector<Probe> make_probes() {
  static const std::string long_line = make_long_line();
  return {
      {"lf-block", lf_block, {}, false},
      {"cr-block", cr_block, {}, false},
      {"crlf-block", crlf_block, {}, false},
      {"event-field", "\nevent: sg-injected", {}, false},
      {"cr-event-field", "\revent: sg-injected", {}, false},
      {"id-field", "\nid: sg-injected\n", {}, false},
      {"retry-field", "\nretry: 1\n", {}, false},
      {"comment", "\n: sg-injected", {}, false},
      {"multi-line", "\n  two leading spaces\n\n\nlast", {}, false},
      {"colon-and-space", "\n:colon first\n one leading space\n: both", {}, false},
      {"trailing-newline", "\n", {}, false},
      {"trailing-newlines", "\n\n\n", {}, false},
      {"utf-8", " gr\u00fc\u00dfe \u6c34 \U0001F600", {}, false},
      // Line ends to Unicode (and to many a library's split), but not to an event stream.
      {"unicode-line-ends", " a\u0085b\u2028c\u2029d\ve\ff", {}, false},
      {"long-line", long_line, {}, false},
      {"lf-in-type", {}, "sg\ndata: sg-injected\n\n", true},
      {"cr-in-type", {}, "sg\rdata: sg-injected\r\r", true},
      {"crlf-in-type", {}, "sg\r\ndata: sg-injected\r\n\r\n", true},
  };
}

}  // namespace

std::span<const Probe> wire_probes() {
  static const std::vector<Probe> probes = make_probes();
  return probes;
}

std::string with_lf(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\r') {
      result += text[i];
      continue;
    }
    result += '\n';
    if (i + 1 < text.size() && text[i + 1] == '\n') ++i;
  }
  return result;
}

}  // namespace streamgauge

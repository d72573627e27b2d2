#include "reports/html_text.hpp"

#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "reports/text.hpp"

namespace streamgauge::reports {
namespace {

std::string_view sign_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass:
      return "✓";
    case Verdict::info:
      return "i";
    case Verdict::skip:
      return "–";
    case Verdict::warn:
      return "!";
    case Verdict::inconclusive:
      return "?";
    case Verdict::error:
      return "⚠";
    case Verdict::fail:
      return "✗";
  }
  return "";
}

}  // namespace

std::string html(std::string_view text) {
  std::string out;
  for (const char c : printable(text)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string html_lines(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    out += html(text.substr(0, end));
    if (end == std::string_view::npos) break;
    out += '\n';
    text.remove_prefix(end + 1);
  }
  return out;
}

std::string html_id(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool keep = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    out += keep ? c : '-';
  }
  return out;
}

std::string json_in_html(std::string_view text) {
  std::string out;
  for (const char c : boost::json::serialize(boost::json::value(valid_utf8(text)))) {
    if (c == '<') {
      out += "\\u003c";
    } else {
      out += c;
    }
  }
  return out;
}

std::string verdict_html(Verdict verdict) {
  const std::string_view word = to_string(verdict);
  return verdict_html(word, sign_of(verdict), word);
}

std::string verdict_html(std::string_view css_class, std::string_view sign, std::string_view word) {
  return fmt::format("<span class=\"verdict {}\"><span aria-hidden=\"true\">{}</span> {}</span>",
                     css_class, sign, html(word));
}

void put_fact(std::string& out, std::string_view name, const std::string& value) {
  if (!value.empty()) {
    out += fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", name, html(value));
  }
}

}  // namespace streamgauge::reports

#include "reports/json_text.hpp"

#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <cmath>

namespace streamgauge::reports {
namespace {

namespace json = boost::json;
constexpr std::size_t line_columns = 100;

std::string scalar_text(const json::value& value) {
  if (const double* number = value.if_double()) {
    return std::isfinite(*number) ? fmt::format("{}", *number) : "null";
  }
  return json::serialize(value);
}

bool is_leaf(const json::value& value) {
  return !value.is_object() && !value.is_array();
}

/// On one line, or empty when it is too long or nests deeper than its elements.
std::string inline_text(const json::value& value, std::size_t columns) {
  std::string out;
  const auto add = [&](std::string_view key, const json::value& element) {
    if (!is_leaf(element)) return false;
    if (!out.empty()) out += ", ";
    if (!key.empty()) out += key;
    out += scalar_text(element);
    return out.size() + 2 <= columns;
  };
  if (const json::array* array = value.if_array()) {
    for (const json::value& element : *array) {
      if (!add({}, element)) return {};
    }
    return "[" + out + "]";
  }
  for (const auto& [key, element] : value.get_object()) {
    if (!add(json::serialize(json::string(key)) + ": ", element)) return {};
  }
  return "{" + out + "}";
}

void put(std::string& out, const json::value& value, std::size_t indent) {
  if (is_leaf(value)) {
    out += scalar_text(value);
    return;
  }
  const std::size_t used = out.size() - (out.rfind('\n') + 1);  // npos + 1: the first line
  if (const std::string line = inline_text(value, line_columns > used ? line_columns - used : 0);
      !line.empty()) {
    out += line;
    return;
  }
  const std::string inner(indent + 2, ' ');
  const bool is_array = value.is_array();
  bool first = true;
  const auto begin_element = [&] {
    out += first ? "\n" : ",\n";
    out += inner;
    first = false;
  };
  out += is_array ? '[' : '{';
  if (is_array) {
    for (const json::value& element : value.get_array()) {
      begin_element();
      put(out, element, indent + 2);
    }
  } else {
    for (const auto& [key, element] : value.get_object()) {
      begin_element();
      out += json::serialize(json::string(key)) + ": ";
      put(out, element, indent + 2);
    }
  }
  out += '\n' + std::string(indent, ' ') + (is_array ? ']' : '}');
}

}  // namespace

std::string json_text(const json::value& value) {
  std::string out;
  put(out, value, 0);
  return out += '\n';
}

}  // namespace streamgauge::reports

#include "harness/core/client_case/observation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "harness/core/base/units.hpp"
#include "harness/core/check/finding.hpp"

namespace streamgauge::client_case {

namespace {

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x)) ==
           std::tolower(static_cast<unsigned char>(y));
  });
}

std::string where(bool elsewhere) {
  return elsewhere ? " at the second port" : "";
}

struct Words {
  std::string operator()(const seen::Connected& what) const {
    return fmt::format("connection {}{}", what.connection, where(what.elsewhere));
  }
  std::string operator()(const seen::Requested& what) const {
    std::string id = "no Last-Event-ID";
    if (const auto value = what.field("last-event-id")) {
      id = fmt::format("Last-Event-ID: '{}'", printable(*value));
    }
    return fmt::format("request {}{} {} {} ({})", what.number, where(what.elsewhere),
                       printable(what.method), printable(what.target), id);
  }
  std::string operator()(const seen::Ended& what) const {
    return fmt::format("the script ended connection {}", what.number);
  }
  std::string operator()(const seen::Held& what) const {
    return fmt::format("the script holds connection {}", what.number);
  }
  std::string operator()(const seen::Left& what) const {
    return fmt::format("the client left connection {} after {}", what.number,
                       format_size(what.bytes));
  }
  std::string operator()(const seen::Opened&) const { return "the client reports: open"; }
  std::string operator()(const seen::Event& what) const {
    return fmt::format("event '{}' data '{}' id '{}'", printable(what.type), printable(what.data),
                       printable(what.id));
  }
  std::string operator()(const seen::Comment& what) const {
    return fmt::format("comment '{}'", printable(what.text));
  }
  std::string operator()(const seen::Failure& what) const {
    return fmt::format("the client reports an error: {}", printable(what.message));
  }
  std::string operator()(const seen::Gone& what) const {
    return fmt::format("the client is gone: {}", printable(what.how, 200));
  }
  std::string operator()(const seen::Ordered& what) const {
    return what.close ? "told to close" : "told to restart";
  }
};

}  // namespace

std::optional<std::string_view> seen::Requested::field(std::string_view name) const {
  for (const auto& [key, value] : fields) {
    if (same_name(key, name)) return value;
  }
  return std::nullopt;
}

std::string to_string(const Seen& what) {
  return std::visit(Words{}, what);
}

std::optional<Duration> gap_before(const Trial& trial, std::uint32_t number) {
  std::optional<Instant> ended;
  for (const Observation& entry : trial.log) {
    if (const auto* end = std::get_if<seen::Ended>(&entry.what)) {
      if (end->number + 1 == number) ended = entry.at;
    } else if (const auto* request = std::get_if<seen::Requested>(&entry.what)) {
      if (request->number == number && ended) return entry.at - *ended;
    }
  }
  return std::nullopt;
}

}  // namespace streamgauge::client_case

#include "harness/core/check/check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <tuple>

#include "harness/core/check/finding.hpp"

namespace streamgauge {

namespace {
constexpr std::array<std::string_view, 7> verdict_names = {"pass",         "info",  "skip", "warn",
                                                           "inconclusive", "error", "fail"};

bool earlier(const Evidence& a, const Evidence& b) {
  return std::tie(a.at, a.stream, a.what) < std::tie(b.at, b.stream, b.what);
}
}  // namespace

std::string_view to_string(Verdict verdict) {
  return verdict_names[static_cast<std::size_t>(verdict)];
}

std::optional<Verdict> verdict_from(std::string_view text) {
  for (std::size_t i = 0; i < verdict_names.size(); ++i) {
    if (verdict_names[i] == text) return static_cast<Verdict>(i);
  }
  return std::nullopt;
}

std::string_view to_string(Level level) {
  switch (level) {
    case Level::must:
      return "MUST";
    case Level::should:
      return "SHOULD";
    case Level::may:
      return "MAY";
  }
  return "MUST";
}

std::string_view to_string(Standing standing) {
  switch (standing) {
    case Standing::plain:
      return "plain";
    case Standing::expected_failure:
      return "expected-failure";
    case Standing::stale:
      return "stale";
    case Standing::flaky:
      return "known-flaky";
  }
  return "plain";
}

void EvidenceList::add(Evidence evidence) {
  ++total_;
  if (items_.size() == max && !earlier(evidence, items_.back())) return;
  const auto place = std::upper_bound(items_.begin(), items_.end(), evidence, earlier);
  items_.insert(place, std::move(evidence));
  if (items_.size() > max) items_.pop_back();
}

void EvidenceList::merge(const EvidenceList& other) {
  const auto total = total_ + other.total_;
  for (const auto& evidence : other.items_) add(evidence);
  total_ = total;
}

std::string printable(std::string_view text, std::size_t max) {
  std::string out;
  for (const char c : text) {
    if (out.size() >= max) {
      out += "...";
      break;
    }
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (byte < 0x20 || byte >= 0x7f) {
      out += fmt::format("\\x{:02x}", byte);
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace streamgauge

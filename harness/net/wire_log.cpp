#include "harness/net/wire_log.hpp"

#include <fmt/format.h>

#include "harness/core/check/finding.hpp"

namespace streamgauge::net {

void WireLog::begin(Instant at) {
  const std::lock_guard lock(mutex_);
  began_ = at;
}

void WireLog::bytes(Instant at, std::uint32_t connection, bool sent, std::string_view bytes) {
  std::string shown = printable(bytes, shown_max);
  if (bytes.size() > shown_max) shown += fmt::format(" ({} bytes)", bytes.size());
  line(at, connection, sent ? ">" : "<", shown);
}

void WireLog::note(Instant at, std::uint32_t connection, std::string_view what) {
  line(at, connection, "-", what);
}

void WireLog::line(Instant at, std::uint32_t connection, std::string_view sign,
                   std::string_view what) {
  const std::lock_guard lock(mutex_);
  if (full_) return;
  if (text_.size() + what.size() > bytes_max) {
    full_ = true;
    text_ += "(and more, which is not kept)\n";
    return;
  }
  text_ += fmt::format("{:+.4f} s  #{} {} {}\n", to_seconds(at - began_), connection, sign, what);
}

std::string WireLog::text() const {
  const std::lock_guard lock(mutex_);
  return text_;
}

}  // namespace streamgauge::net

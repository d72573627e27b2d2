// The answer that a proxy gives in the server's place; the connection ends behind it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "harness/core/fault/machine.hpp"

namespace streamgauge::fault {

struct Answer {
  int status = 502;
  std::optional<Duration> retry_after;  // in seconds, rounded up
  std::string fields;                   // more of them, each with its line end
  bool html = false;                    // a page as gateways show it, else one line of text
};

/// Head and body, "Connection: close".
[[nodiscard]] std::string answer_text(const Answer& answer, bool with_body = true);
[[nodiscard]] std::string_view reason_phrase(int status);
/// To the client, and then both sides end in order.
void answer(const Answer& answer, Outlet& out);

}  // namespace streamgauge::fault

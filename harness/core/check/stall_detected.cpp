// stall.detected-within, stall.after-preamble, stall.before-headers: a client leaves a path that
// has gone silent, however far the connection had come.
//
// The three are disjoint, so that a client whose deadline is armed too late is told from one that
// has none: before the head, after the first bytes only, and later.
#include "harness/core/check/checks.hpp"
#include "harness/core/check/stall_fold.hpp"

namespace streamgauge {

CheckSpec stall_detected_within() {
  return {
      .id = "stall.detected-within",
      .level = Level::must,
      .requirement = "A client ends an open stream on which nothing comes any more.",
      .source = "contract client.liveness",
      .needs = {},
      .not_stated = &no_liveness,
      .make =
          [](const CheckContext& context) { return make_giving_up(context, Silence::mid_stream); },
      .wants = Connection::wants | Timeline::wants,
      .timing = true};
}

CheckSpec stall_after_preamble() {
  return {.id = "stall.after-preamble",
          .level = Level::must,
          .requirement = "First bytes do not excuse the silence that follows them.",
          .source = "contract client.liveness",
          .needs = {},
          .not_stated = &no_liveness,
          .make =
              [](const CheckContext& context) {
                return make_giving_up(context, Silence::after_preamble);
              },
          .wants = Connection::wants | Timeline::wants,
          .timing = true};
}

CheckSpec stall_before_headers() {
  return {.id = "stall.before-headers",
          .level = Level::must,
          .requirement = "A client never waits for ever for a response head.",
          .source = "contract client.header_timeout",
          .needs = {},
          .not_stated = &no_header_timeout,
          .make =
              [](const CheckContext& context) {
                return make_giving_up(context, Silence::before_headers);
              },
          .wants = Connection::wants | Timeline::wants,
          .timing = true};
}

}  // namespace streamgauge

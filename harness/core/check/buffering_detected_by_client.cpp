// buffering.detected-by-client: a client does not hang on a path that withholds the response head.
//
// Judged are all connections without a head, whatever holds it back: a silent path, a proxy that
// buffers it, a server that accepts and never answers (F1, F29).
#include "harness/core/check/checks.hpp"
#include "harness/core/check/stall_fold.hpp"

namespace streamgauge {

CheckSpec buffering_detected_by_client() {
  return {.id = "buffering.detected-by-client",
          .level = Level::must,
          .requirement = "A client gives up on a path that withholds the response head.",
          .source = "contract client.header_timeout",
          .needs = {},
          .not_stated = &no_header_timeout,
          .make =
              [](const CheckContext& context) {
                return make_giving_up(context, Silence::head_withheld);
              },
          .wants = Connection::wants | Timeline::wants,
          .timing = true};
}

}  // namespace streamgauge

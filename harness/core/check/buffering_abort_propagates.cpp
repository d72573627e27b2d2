// buffering.abort-propagates: what lies behind a path learns that a client has left.
//
// On a direct path that is the target itself. A proxy that keeps the upstream connection goes on
// spooling for nobody (F7).
#include "harness/core/check/abort_fold.hpp"
#include "harness/core/check/checks.hpp"
#include "harness/core/check/heartbeat_fold.hpp"

namespace streamgauge {

CheckSpec buffering_abort_propagates() {
  return {.id = "buffering.abort-propagates",
          .level = Level::must,
          .requirement = "A client that leaves is noticed behind the path.",
          .source = "RFC 9110 7.6; contract heartbeat.every (two of them)",
          .needs = {Capability::local_process},
          .not_stated = &no_heartbeat,
          .make =
              [](const CheckContext& context) {
                return make_abort_watch(
                    context,
                    {"what lies behind the path",
                     "a proxy must close its upstream when its client is gone, and a server "
                     "its stream"});
              },
          .wants = abort_watch_wants(),
          .timing = true};
}

}  // namespace streamgauge

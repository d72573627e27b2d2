// eviction.abort-noticed: clients that leave, in order or by reset, are not held.
//
// A reset is often seen only at the next write, so two heartbeats are allowed for it (F14).
#include "harness/core/check/abort_fold.hpp"
#include "harness/core/check/checks.hpp"
#include "harness/core/check/heartbeat_fold.hpp"

namespace streamgauge {

CheckSpec eviction_abort_noticed() {
  return {.id = "eviction.abort-noticed",
          .level = Level::must,
          .requirement = "The slot of a client that left by FIN or reset is freed.",
          .source = "RFC 9112 9.5; contract heartbeat.every (two of them)",
          .needs = {Capability::local_process},
          .not_stated = &no_heartbeat,
          .make =
              [](const CheckContext& context) {
                return make_abort_watch(
                    context,
                    {"the target",
                     "end a stream on every kind of close: end of input, reset, write error"});
              },
          .wants = abort_watch_wants(),
          .timing = true};
}

}  // namespace streamgauge

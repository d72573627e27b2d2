// EventSource: a response that is not an event stream fails the client for good; whatever ends a
// connection otherwise is followed by a new one after the reconnection time (WHATWG HTML 9.2.3).
// The specification leaves the first reconnection time, and any wait beyond it, to the browser.
#include "harness/core/policy/policy.hpp"

namespace streamgauge::policy {

Decision decide_browser(const PolicyState& state, const PolicySpec& spec, const Input& input) {
  if (const auto* answered = std::get_if<input::Answered>(&input)) {
    if (answered->status == 200) return decision::GiveUp{Reason::not_event_stream, 200};
    return decision::GiveUp{Reason::final_status, answered->status};
  }
  return decision::Reconnect{state.told >= Duration{} ? state.told : spec.reconnect};
}

}  // namespace streamgauge::policy

#include "harness/run/client_flaws.hpp"

namespace streamgauge::run {

const std::vector<ClientFlaw>& client_flaws() {
  static const std::vector<ClientFlaw> table{
      {"no-jitter",
       "clients reconnect after delays without a random part: they come back all at once",
       "F15, vectorflow",
       {"storm.no-lockstep", "storm.spread", "storm.peak-rate"},
       {"storm.recovery", "storm.shed-politely"},
       [](PolicySpec& policy) { policy.jitter = 0; }},
      {"no-header-timeout",
       "a client waits for ever for a server that accepts and never answers",
       "F29, vectorflow",
       {"stall.before-headers", "buffering.detected-by-client"},
       {"stall.falls-back", "stall.returns", "stall.detected-within"},
       [](PolicySpec& policy) { policy.header_timeout.reset(); }},
      {"no-liveness",
       "a client takes an open stream for a live one, however long nothing has come",
       "F2, vectorflow",
       {"stall.detected-within", "stall.after-preamble"},
       {"stall.falls-back", "stall.returns", "buffering.detected-by-client"},
       [](PolicySpec& policy) { policy.liveness.reset(); }},
      {"liveness-by-preamble",
       "the first bytes of a stream satisfy a client for good: a preamble and then silence is "
       "alive",
       "F2, unarr",
       {"stall.after-preamble"},
       {"stall.detected-within", "stall.falls-back", "stall.returns",
        "buffering.detected-by-client"},
       [](PolicySpec& policy) { policy.defects.add(Defect::liveness_by_preamble); }},
      {"no-fallback",
       "a client that fails again and again never tries its fallback address",
       "unarr",
       {"stall.falls-back"},
       {"stall.returns"},
       [](PolicySpec& policy) { policy.fallback_after = 0; }},
      {"never-back",
       "a client stays on its fallback address for ever",
       "unarr",
       {"stall.returns"},
       {},
       [](PolicySpec& policy) { policy.fallback_for = Duration{}; }},
      {"hasty-liveness",
       "a client gives a healthy idle stream up between two heartbeats, and reconnects for ever",
       "F24",
       {"stall.no-false-alarm"},
       {"stall.detected-within", "stall.falls-back", "stall.returns"},
       [](PolicySpec& policy) {
         if (policy.liveness) *policy.liveness /= 10;
       }},
      {"backoff-reset-on-open",
       "each accepted connection resets the backoff, however short it lives: flapping stays fast",
       "F17, exceptionless",
       {"storm.backoff-grows"},
       {"storm.spread", "storm.peak-rate", "storm.no-lockstep", "storm.shed-politely"},
       [](PolicySpec& policy) { policy.defects.add(Defect::backoff_reset_on_open); }},
      {"late-return",
       "a client waits many times longer than it must before it comes back",
       "F22",
       {"storm.recovery"},
       {"storm.no-loss", "storm.backoff-grows", "storm.spread", "storm.peak-rate",
        "storm.no-lockstep"},
       [](PolicySpec& policy) {
         policy.backoff_base *= 20;
         policy.backoff_cap *= 20;
       }},
      {"no-return-after-an-orderly-end",
       "a client takes a stream that ended in order for the last one and does not come back",
       "F23",
       {"drain.lands"},
       {"drain.no-loss", "storm.recovery", "storm.no-loss", "delivery.resume"},
       [](PolicySpec& policy) {
         if (policy.kind == PolicyKind::browser) policy.kind = PolicyKind::none;
       }},
  };
  return table;
}

const ClientFlaw* find_client_flaw(std::string_view id) {
  for (const ClientFlaw& flaw : client_flaws()) {
    if (flaw.id == id) return &flaw;
  }
  return nullptr;
}

}  // namespace streamgauge::run

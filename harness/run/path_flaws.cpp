#include "harness/run/path_flaws.hpp"

#include "harness/run/plan.hpp"

namespace streamgauge::run {

const std::vector<PathFlaw>& path_flaws() {
  static const std::vector<PathFlaw> table = {
      {"path-cuts-idle-streams",
       "the path ends a stream on which nothing has come for less than a heartbeat",
       "F25",
       {"path.idle-cut"},
       {"delivery.resume", "path.last-event-id", "path.end-propagates", "path.survives-reload"},
       "chaos:idle-cut=8s",
       path_scenario},
      {"path-keeps-ended-streams",
       "the path keeps the client's side open after the target has ended its own",
       "FIELD section 4",
       {"path.end-propagates"},
       {"path.survives-reload", "path.last-event-id", "delivery.resume"},
       "chaos:half-open",
       path_scenario},
      {"path-absorbs",
       "the path reads on without bound for a client that has stopped",
       "F6",
       {"path.absorbs-bounded"},
       {},
       "chaos:absorb",
       path_scenario},
      {"path-strips-last-event-id",
       "the path does not pass Last-Event-ID on",
       "FIELD section 4",
       {"path.last-event-id"},
       {"delivery.resume"},
       "chaos:strip-header=last-event-id",
       path_scenario},
      {"path-caches",
       "the path answers a second reader with a copy of the first one's stream",
       "FIELD section 4",
       {"path.not-cached"},
       {"path.end-propagates", "path.last-event-id", "delivery.resume", "delivery.no-duplicate",
        "path.survives-reload"},
       "chaos:cache",
       path_scenario},
      {"path-loses-its-clients",
       "clients that are cut a second time, by a proxy's restart, wait for an hour",
       "F22",
       {"path.survives-reload"},
       {"path.last-event-id", "delivery.resume"},
       "chaos",
       path_scenario,
       [](PolicySpec& policy) {
         policy.backoff_factor = 1e6;
         policy.backoff_cap = policy.stable_after = std::chrono::hours{1};
       }},
  };
  return table;
}

const PathFlaw* find_path_flaw(std::string_view id) {
  for (const PathFlaw& flaw : path_flaws()) {
    if (flaw.id == id) return &flaw;
  }
  return nullptr;
}

}  // namespace streamgauge::run

// Through the reader: that is where a contradiction is found, and told with its file.
#include "harness/core/contract/contradiction.hpp"

#include <gtest/gtest.h>

#include "harness/core/contract/load.hpp"

namespace streamgauge {
namespace {

std::string contradiction_in(std::string_view yaml) {
  const auto contract = load_contract(yaml, "c.yaml");
  return contract ? "read" : contract.error().message;
}

TEST(Contradiction, names_both_keys_and_why) {
  struct Case {
    std::string_view yaml, error;
  };
  for (const Case& c : {
           Case{"heartbeat: {every: 15s}\neviction: {stalled_after: 15s}",
                "c.yaml:1:1: eviction.stalled_after (15 s) must be longer than heartbeat.every (15 "
                "s): "
                "between two heartbeats an idle client has nothing to acknowledge and would be "
                "evicted"},
           Case{"heartbeat: {every: 15s}\neviction: {stalled_after: 15001ms}", "read"},
           Case{"queue: {events: 1, overflow: disconnect, lag_event: lag}",
                "c.yaml:1:1: queue.lag_event announces dropped events, but queue.overflow "
                "'disconnect' "
                "drops none: leave it out, or choose drop-oldest or drop-newest"},
           Case{"replay: {events: 1, too_old: reset-event}",
                "c.yaml:1:1: replay.too_old 'reset-event' needs replay.too_old_event, the type of "
                "that "
                "event"},
           Case{"replay: {events: 1, too_old: status-410, too_old_event: reset}",
                "c.yaml:1:1: replay.too_old_event is for replay.too_old 'reset-event', not for "
                "'status-410'"},
           Case{"limits: {streams_total: 5, streams_per_user: 6}",
                "c.yaml:1:1: limits.streams_per_user (6) must not exceed limits.streams_total (5): "
                "it "
                "could never be reached"},
           Case{"limits: {streams_total: 5, streams_per_user: 5}", "read"},
           Case{"limits: {streams_total: 5, retry_after_spread: true}",
                "c.yaml:1:1: limits.retry_after_spread says that limits.retry_after differs from "
                "client to client: state both"},
           Case{"limits: {retry_after: 1s, retry_after_spread: true}", "read"},
           Case{"queue: {events: 1, overflow: drop-oldest, lag_text: 'lost {n}'}",
                "c.yaml:1:1: queue.lag_text is the data of the event that queue.lag_event names: "
                "state both"},
           Case{"queue: {events: 1, overflow: drop-oldest, lag_event: lag, lag_text: some lost}",
                "c.yaml:1:1: queue.lag_text 'some lost' must hold {n}, the number of dropped "
                "events"},
           Case{"queue: {events: 1, overflow: drop-oldest, lag_event: lag, lag_text: '{n}'}",
                "read"},
           Case{"drain: {grace: 5s, exit_within: 4s}",
                "c.yaml:1:1: drain.exit_within (4 s) must not be shorter than drain.grace (5 "
                "s): the process would be gone before its streams had their time"},
           Case{"drain: {grace: 5s, exit_within: 5s}", "read"},
           Case{"drain: {grace: 5s, spread: 5s}",
                "c.yaml:1:1: drain.spread (5 s) must be shorter than drain.grace (5 s), within "
                "which all streams end"},
           Case{"drain: {grace: 5s, spread: 4999ms}", "read"},
           Case{"heartbeat: {every: 15s}\nclient: {liveness: 15s}",
                "c.yaml:1:1: client.liveness (15 s) must be longer than heartbeat.every (15 s): "
                "clients would call healthy streams dead"},
           Case{"heartbeat: {every: 15s}\nclient: {liveness: 15001ms}", "read"},
           Case{"client: {liveness: 1s}", "read"},
           Case{"client: {backoff_base: 2s, backoff_cap: 1s}",
                "c.yaml:1:1: client.backoff_cap (1 s) must not be less than client.backoff_base (2 "
                "s)"},
           Case{"client: {backoff_base: 2s, backoff_cap: 2s}", "read"},
           Case{"client: {fallback_for: 1m}",
                "c.yaml:1:1: client.fallback_for needs client.fallback_after, the failures that "
                "lead to the fallback"},
           Case{"client: {fallback_for: 1m, fallback_after: 3}", "read"},
           Case{"first_event: hello\npriming: true\nreplay: {events: 1, too_old: from-oldest}",
                "c.yaml:1:1: first_event and priming are both the first event of a stream: state "
                "one of them"},
           Case{"priming: true",
                "c.yaml:1:1: priming gives an id to resume from, but nothing is kept to resume "
                "with: state replay"},
       }) {
    EXPECT_EQ(contradiction_in("contract: c\n" + std::string{c.yaml}), c.error) << c.yaml;
  }
}

TEST(Contradiction, finds_none_in_a_contract_that_states_nothing) {
  EXPECT_FALSE(contradiction(Contract{}));
}

}  // namespace
}  // namespace streamgauge

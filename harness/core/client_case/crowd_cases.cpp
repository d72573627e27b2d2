// What a client does to a server that is down, or that a whole fleet comes back to. The standard
// leaves it open; a client that claims more is judged by its claim.
#include "harness/core/client_case/cases.hpp"

namespace streamgauge::client_case {

using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {
namespace crowds {

Case based(const std::string& id, std::string requirement, std::vector<Reply> replies) {
  Case item;
  item.id = "reconnect/crowd/" + id;
  item.level = Level::should;
  item.requirement = std::move(requirement);
  item.source = processing;
  item.script.replies = std::move(replies);
  item.until.end_event = false;
  item.until.within = 20s;
  return item;
}

}  // namespace crowds
}  // namespace

Cases crowd_cases() {
  using namespace crowds;
  Cases cases;
  Case backoff = based("backoff",
                       "A client that claims to back off waits longer after each failure "
                       "in a row.",
                       {Answer().raw("").cut()});
  backoff.needs = {Capability::backoff};
  backoff.until.requests = 7;
  backoff.judge = waits_grow(7, 2);
  cases.push_back(std::move(backoff));

  Case flapping = based("backoff-flapping",
                        "A client that claims to back off does so, too, when "
                        "streams open and end at once.",
                        {Answer().send("data: a\n\n").end()});
  flapping.needs = {Capability::backoff};
  flapping.until.requests = 7;
  flapping.judge = waits_grow(7, 2);
  cases.push_back(std::move(flapping));

  Case seen_backoff = based("grows-or-not",
                            "The standard allows longer waits after failures in a "
                            "row.",
                            {short_stream(), Answer().raw("").cut()});
  seen_backoff.level = Level::may;
  seen_backoff.until.requests = 6;
  seen_backoff.judge = waits_grow(6, 1.5);
  cases.push_back(std::move(seen_backoff));

  Case jitter =
      based("jitter", "A client that claims to wait a random time does: its waits differ.",
            {Answer().send("retry: 200\n\ndata: a\n\n").end()});
  jitter.needs = {Capability::jitter};
  jitter.until.requests = 11;
  jitter.judge = waits_differ(11, 8ms, 0.6);
  cases.push_back(std::move(jitter));

  Case lockstep = based("alike-or-not",
                        "Waits that differ keep a fleet from coming back all at "
                        "once.",
                        {Answer().send("retry: 100\n\ndata: a\n\n").end()});
  lockstep.level = Level::may;
  lockstep.until.requests = 9;
  lockstep.judge = waits_differ(9, 8ms, 0.6);
  cases.push_back(std::move(lockstep));

  for (const int status : {503, 429}) {
    Case item = based(status == 503 ? "retry-after-503" : "retry-after-429",
                      "A client that claims to heed Retry-After waits at least that long.",
                      {short_stream(), refusal(status, {{"Retry-After", "1"}}), last_stream()});
    item.needs = {Capability::retry_after};
    item.source = "RFC 9110 10.2.3";
    item.until.requests = 3;
    item.judge = waits_at_least(3, 1s);
    cases.push_back(std::move(item));
  }

  Case storm = based("storm",
                     "A server that ends every stream at once is not hammered: at most 60 "
                     "requests in two seconds, whose waits it has set to 50 ms.",
                     {short_stream()});
  storm.until.then = 2s;
  storm.judge = asks_at_most(60);
  cases.push_back(std::move(storm));

  Case refusing = based("storm-of-errors",
                        "A server that is down is not hammered: at most 60 "
                        "requests in two seconds.",
                        {short_stream(), Answer().raw("").cut()});
  refusing.until.then = 2s;
  refusing.judge = asks_at_most(60);
  cases.push_back(std::move(refusing));

  Case untold = based("storm-untold",
                      "A server that never said how long to wait is not hammered: "
                      "at most 20 requests in a second.",
                      {Answer().send("data: a\n\n").end()});
  untold.until.then = 1s;
  untold.judge = asks_at_most(20);
  cases.push_back(std::move(untold));
  for (Case& each : cases) each.judged_by_time = true;
  return cases;
}

}  // namespace streamgauge::client_case

// 9.2.3: what a client comes back from, when, and how often.
#include "harness/core/client_case/cases.hpp"

namespace streamgauge::client_case {

using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {
namespace reconnects {

Case based(const std::string& id, std::string requirement, std::vector<Reply> replies) {
  Case item;
  item.id = "reconnect/" + id;
  item.requirement = std::move(requirement);
  item.source = processing;
  item.script.replies = std::move(replies);
  item.until.requests = static_cast<std::uint32_t>(item.script.replies.size());
  return item;
}

constexpr std::string_view soon = "retry: 50\n\ndata: first\n\n";

/// The first stream ends like that; the client is to come back and to hear the second one.
Case returns(const std::string& id, std::string requirement, Reply first) {
  Case item = based("end/" + id, std::move(requirement), {std::move(first), last_stream()});
  item.judge = all_of({comes_back(2), hears({message("first"), the_end()})});
  return item;
}

/// A first stream, then a connection that fails like that, then a good one.
Case survives_failure(const std::string& id, std::string requirement, Reply failure,
                      Level level = Level::must) {
  Case item = based("failure/" + id, std::move(requirement),
                    {short_stream(), std::move(failure), last_stream()});
  item.level = level;
  item.judge = all_of({comes_back(3), hears({message("first"), the_end()})});
  return item;
}

Cases ends() {
  using Coding = Answer::Coding;
  Cases cases;
  cases.push_back(returns("complete", "A stream that ends in order is followed by a new one.",
                          Answer().send(soon).end()));
  cases.push_back(returns("length",
                          "A stream that reaches its announced length is followed by a "
                          "new one.",
                          Answer().announce(soon.size()).send(soon).cut()));
  cases.push_back(returns("until-close",
                          "A stream that ends with its connection is followed by a "
                          "new one.",
                          Answer().coding(Coding::until_close).send(soon).cut()));
  cases.push_back(returns("truncated",
                          "A chunked stream that lacks its last chunk is followed by a "
                          "new one.",
                          Answer().send(soon).cut()));
  cases.push_back(returns("inside-a-chunk",
                          "A stream that is cut inside a chunk is followed by a "
                          "new one.",
                          Answer().send(soon).raw("ff\r\ndata: cut").cut()));
  cases.push_back(returns("short-of-length",
                          "A stream that is cut short of its announced length is "
                          "followed by a new one.",
                          Answer().announce(5000).send(soon).cut()));
  cases.push_back(returns("reset", "A stream whose connection is reset is followed by a new one.",
                          Answer().send(soon).wait(30ms).reset()));
  cases.push_back(returns("after-a-while",
                          "A stream that was open for a while is followed by a new "
                          "one.",
                          Answer().send(soon).wait(700ms).send(":\n\n").end()));
  cases.push_back(returns("bad-chunk",
                          "A stream whose chunks are malformed is followed by a new "
                          "one.",
                          Answer().send(soon).raw("zz\r\n").wait(20ms).cut()));
  Case empty = based("end/empty", "A stream without a byte in it is followed by a new one.",
                     {short_stream(), Answer().end(), last_stream()});
  empty.judge = all_of({comes_back(3), hears({message("first"), the_end()})});
  cases.push_back(std::move(empty));
  Case comments = based("end/comments-only", "A stream of comments is followed by a new one.",
                        {short_stream(), Answer().send(": hi\n\n").end(), last_stream()});
  comments.judge = all_of({comes_back(3), hears({message("first"), the_end()})});
  cases.push_back(std::move(comments));
  return cases;
}

Cases failures() {
  Cases cases;
  cases.push_back(survives_failure("no-answer",
                                   "A connection that ends without an answer is a network error: "
                                   "the client comes again.",
                                   Answer().raw("").cut()));
  cases.push_back(survives_failure("reset-before-the-head",
                                   "A connection that is reset before the answer is a network "
                                   "error: the client comes again.",
                                   Answer().raw("").reset()));
  cases.push_back(survives_failure(
      "cut-inside-the-head", "A head that is cut is a network error: the client comes again.",
      Answer().raw("HTTP/1.1 200 OK\r\nContent-Ty").cut(), Level::should));
  cases.push_back(
      survives_failure("not-http",
                       "An answer that is not HTTP is a network error: the client comes "
                       "again.",
                       Answer().raw("SSH-2.0-OpenSSH_9.2\r\n").wait(20ms).cut(), Level::should));
  Case twice = based("failure/twice", "Network errors in a row do not end a client.",
                     {short_stream(), Answer().raw("").cut(), Answer().raw("").cut(),
                      Answer().raw("").cut(), last_stream()});
  twice.until.within = 20s;
  twice.judge = all_of({comes_back(5), hears({message("first"), the_end()})});
  cases.push_back(std::move(twice));
  Case refused = based("failure/refused-at-first",
                       "A first connection that is refused is a network error: the client comes "
                       "again.",
                       {last_stream()});
  refused.level = Level::should;  // unless it knows that to be futile, says the standard
  refused.script.refuses_for = 300ms;
  refused.judge = hears({the_end()});
  cases.push_back(std::move(refused));
  return cases;
}

Cases times() {
  Cases cases;
  const auto timed = [&](const char* id, const char* requirement, Reply first, Judge judge,
                         Level level) {
    Case item = based("time/"s + id, requirement, {std::move(first), last_stream()});
    item.level = level;
    item.judge = std::move(judge);
    cases.push_back(std::move(item));
  };
  const std::string half = "retry: 500\n\ndata: first\n\n";
  timed("after-an-end", "After an orderly end the client waits its reconnection time.",
        Answer().send(half).end(), waits_at_least(2, 500ms), Level::must);
  timed("after-a-cut", "After a cut the client waits its reconnection time.",
        Answer().send(half).cut(), waits_at_least(2, 500ms), Level::must);
  timed("after-a-reset", "After a reset the client waits its reconnection time.",
        Answer().send(half).wait(30ms).reset(), waits_at_least(2, 500ms), Level::must);
  timed("not-much-longer",
        "After an orderly end the client does not wait much longer than its "
        "reconnection time.",
        Answer().send(half).end(), waits_at_most(2, 1100ms), Level::should);
  timed("long", "A longer reconnection time is waited for, too.",
        Answer().send("retry: 1500\n\ndata: first\n\n").end(), waits_at_least(2, 1500ms),
        Level::must);
  Case failed =
      based("time/after-no-answer",
            "After a connection without an answer the client waits its reconnection time.",
            {Answer().send(half).end(), Answer().raw("").cut(), last_stream()});
  failed.judge = waits_at_least(3, 500ms);
  cases.push_back(std::move(failed));
  Case untold = based("time/untold", "A client that was told nothing waits before it comes again.",
                      {Answer().send("data: first\n\n").end(), last_stream()});
  untold.level = Level::should;
  untold.judge = waits_at_least(2, 100ms);
  cases.push_back(std::move(untold));
  for (Case& each : cases) each.judged_by_time = true;
  return cases;
}

Cases numbers() {
  Cases cases;
  std::vector<Reply> flapping(9, Answer().send("retry: 20\n\ndata: a\n\n").end());
  flapping.push_back(last_stream());
  Case often = based("often/ten-times", "A client comes back however often its streams end.",
                     std::move(flapping));
  often.until.within = 15s;
  std::vector<Expected> heard(9, message("a"));
  heard.push_back(the_end());
  often.judge = all_of({comes_back(10), hears(std::move(heard))});
  cases.push_back(std::move(often));

  Case once = based("often/one-at-a-time", "A client has one connection at a time.",
                    {short_stream(), last_stream()});
  once.until.then = 600ms;
  once.judge = asks_at_most(2);
  cases.push_back(std::move(once));

  Case calm =
      based("often/not-while-open", "A client does not come again while its stream is open.",
            {Answer().send("retry: 50\n\n").send(end_event).hold()});
  calm.until.then = 900ms;
  calm.judge = all_of({asks_at_most(1), keeps(1)});
  cases.push_back(std::move(calm));

  Case opened = based("often/open-reported", "Each stream that opens is reported as open.",
                      {short_stream(), short_stream(), last_stream()});
  opened.needs = {Capability::opens};
  opened.judge = reports_open(3);
  cases.push_back(std::move(opened));

  Case error = based("often/error-reported",
                     "A stream that ends is reported as an error before "
                     "the client comes again.",
                     {short_stream(), last_stream()});
  error.needs = {Capability::errors};
  error.judge = reports_error();
  cases.push_back(std::move(error));
  return cases;
}

Cases orders() {
  Cases cases;
  Case restart = based("order/restart",
                       "A client that is told to restart comes again, and the new "
                       "stream is heard.",
                       {Answer().send("id: 7\ndata: sg-now\n\n").hold(), last_stream()});
  restart.needs = {Capability::restart};
  restart.source = "public contract-test protocol";
  restart.on_now = Order::restart;
  restart.judge = all_of({hears({message("sg-now"), the_end()}), resumes_with(2, "7")});
  cases.push_back(std::move(restart));

  Case closing = based("order/close", "A client that is closed delivers nothing more.",
                       {Answer()
                            .send("data: sg-now\n\n")
                            .wait(500ms)
                            .send("data: late\n\n")
                            .wait(100ms)
                            .send("data: later\n\n")
                            .hold()});
  closing.needs = {Capability::close};
  closing.source = constructing;
  closing.on_now = Order::close;
  closing.until.end_event = false;
  closing.until.left = 1;
  closing.until.then = 800ms;
  closing.judge = hears_nothing_after_order();
  cases.push_back(std::move(closing));

  Case pending = based("order/close-while-waiting",
                       "A client that is closed while it waits to come "
                       "again does not come.",
                       {Answer().send("retry: 700\n\ndata: sg-now\n\n").end(), last_stream()});
  pending.needs = {Capability::close};
  pending.source = constructing;
  pending.on_now = Order::close;
  pending.until = stays_away(1);
  pending.until.then = 1500ms;
  pending.judge = stays_away_after(1);
  cases.push_back(std::move(pending));
  return cases;
}

}  // namespace reconnects
}  // namespace

Cases reconnect_cases() {
  using namespace reconnects;
  Cases cases = ends();
  append(cases, failures());
  append(cases, times());
  append(cases, numbers());
  append(cases, orders());
  return cases;
}

}  // namespace streamgauge::client_case

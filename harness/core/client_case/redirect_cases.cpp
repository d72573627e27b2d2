// Redirects: an event source is fetched with the redirect mode "follow" (Fetch, 4.4).
#include <fmt/format.h>

#include "harness/core/client_case/cases.hpp"

namespace streamgauge::client_case {

using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {
namespace redirects {

constexpr std::string_view fetching = "WHATWG Fetch 4.4 HTTP-redirect fetch";
constexpr int codes[] = {301, 302, 303, 307, 308};

Case based(const std::string& id, std::string requirement) {
  Case item;
  item.id = "http/redirect/" + id;
  item.requirement = std::move(requirement);
  item.source = fetching;
  return item;
}

Case followed(const std::string& id, std::string requirement, Reply first, std::string target,
              bool elsewhere = false) {
  Case item = based(id, std::move(requirement));
  item.script.replies = {std::move(first), last_stream()};
  item.until.requests = 2;
  item.judge = all_of({hears({the_end()}), asks_for(2, std::move(target), elsewhere)});
  return item;
}

Cases places() {
  Cases cases;
  for (const int code : codes) {
    cases.push_back(followed(std::to_string(code), fmt::format("A {} is followed.", code),
                             redirect(code, "{origin}/moved"), "/moved"));
  }
  cases.push_back(
      followed("absolute-path", "A Location may be a path.", redirect(302, "/moved"), "/moved"));
  cases.push_back(followed("relative-path", "A Location may be relative to the address.",
                           redirect(302, "moved/here"), "/moved/here"));
  cases.push_back(followed("query-only", "A Location may be a query alone.",
                           redirect(307, "?moved=1"), "/stream?moved=1"));
  cases.push_back(followed("fragment", "A fragment of a Location is not sent.",
                           redirect(302, "/moved#part"), "/moved"));
  cases.push_back(followed("other-port", "A redirect may lead to another port.",
                           redirect(302, "{elsewhere}/moved"), "/moved", true));
  cases.push_back(followed("permanent-to-other-port", "A 308 may lead to another port.",
                           redirect(308, "{elsewhere}/moved"), "/moved", true));
  cases.push_back(followed("body-ignored", "Events in the body of a redirect are not dispatched.",
                           Answer(302)
                               .field("Location", "/moved")
                               .coding(Answer::Coding::until_close)
                               .send("data: lost\n\n")
                               .cut(),
                           "/moved"));
  Case chain = based("chain", "Three redirects in a row are followed.");
  chain.script.replies = {redirect(301, "/one"), redirect(302, "/two"), redirect(307, "/three"),
                          last_stream()};
  chain.until.requests = 4;
  chain.judge = all_of({hears({the_end()}), asks_for(4, "/three")});
  cases.push_back(std::move(chain));
  return cases;
}

Cases ends() {
  Cases cases;
  Case loop = based("loop", "A redirect to itself is given up after 20 redirects at the latest.");
  loop.script.replies = {redirect(302, "/stream")};
  loop.until.end_event = false;
  loop.until.then = 900ms;
  loop.judge = asks_at_most(63);  // an error: the client may have come again twice by then
  cases.push_back(std::move(loop));

  Case pair = based("loop-of-two",
                    "Two redirects to each other are given up after 20 at the "
                    "latest.");
  pair.script.replies.reserve(200);
  for (int i = 0; i < 100; ++i) {
    pair.script.replies.push_back(redirect(307, "/one"));
    pair.script.replies.push_back(redirect(307, "/two"));
  }
  pair.until.end_event = false;
  pair.until.then = 900ms;
  pair.judge = asks_at_most(63);
  cases.push_back(std::move(pair));

  Case missing =
      based("location-missing",
            "A redirect without a Location is a refusal: the connection fails for good.");
  missing.script = after_a_stream({redirect(302, std::nullopt)});
  missing.until = stays_away(2);
  missing.judge = stays_away_after(2);
  cases.push_back(std::move(missing));

  Case empty = based("location-empty", "An empty Location is an error, not a way to a stream.");
  empty.script.replies = {redirect(302, ""), redirect(302, "")};
  empty.until.end_event = false;
  empty.until.then = 900ms;
  empty.judge = asks_at_most(63);
  cases.push_back(std::move(empty));

  Case gone = based("to-204", "A redirect to a 204 ends the client for good.");
  gone.script = after_a_stream({redirect(302, "/moved"), refusal(204)});
  gone.until = stays_away(3);
  gone.judge = stays_away_after(3);
  cases.push_back(std::move(gone));

  Case refused = based("to-404", "A redirect to a 404 ends the client for good.");
  refused.script = after_a_stream({redirect(307, "/moved"), refusal(404)});
  refused.until = stays_away(3);
  refused.judge = stays_away_after(3);
  cases.push_back(std::move(refused));

  Case page = based("to-a-page", "A redirect to another type ends the client for good.");
  page.script =
      after_a_stream({redirect(302, "/login"), Answer().type("text/html").send("x").end()});
  page.until = stays_away(3);
  page.judge = stays_away_after(3);
  cases.push_back(std::move(page));
  return cases;
}

Cases carried() {
  Cases cases;
  for (const bool elsewhere : {false, true}) {
    Case item = based(elsewhere ? "last-event-id-to-other-port" : "last-event-id",
                      elsewhere ? "Last-Event-ID goes along with a redirect to another port."
                                : "Last-Event-ID goes along with a redirect.");
    item.script.replies = {short_stream("id: 7\ndata: a\n\n"),
                           redirect(307, elsewhere ? "{elsewhere}/moved" : "/moved"),
                           last_stream()};
    item.until.requests = 3;
    item.judge = all_of({resumes_with(2, "7"), resumes_with(3, "7")});
    cases.push_back(std::move(item));
  }
  Case method = based("keeps-get", "A redirected request is a GET that accepts an event stream.");
  method.script.replies = {redirect(303, "/moved"), last_stream()};
  method.until.requests = 2;
  method.judge = request_is(2, "GET", [](const seen::Requested& request) {
    return request.method == "GET" ? std::string{} : "the method is " + request.method;
  });
  cases.push_back(std::move(method));

  Case secret = based("authorization-to-other-port",
                      "Credentials do not go along with a redirect to another origin.");
  secret.needs = {Capability::headers};
  secret.order.headers = {{"authorization", "Bearer secret"}};
  secret.script.replies = {redirect(307, "{elsewhere}/moved"), last_stream()};
  secret.until.requests = 2;
  secret.judge =
      all_of({sends(1, "authorization", "Bearer secret"),
              request_is(2, "no Authorization", [](const seen::Requested& request) {
                return std::string{request.field("authorization") ? "Authorization is sent" : ""};
              })});
  cases.push_back(std::move(secret));

  Case body = based("303-drops-the-body", "A 303 turns a POST with a body into a GET without.");
  body.needs = {Capability::post};
  body.order.method = "POST";
  body.order.body = "hello";
  body.script.replies = {redirect(303, "/moved"), last_stream()};
  body.until.requests = 2;
  body.judge = all_of({sends_body(1, "POST", "hello"), sends_body(2, "GET", "")});
  cases.push_back(std::move(body));

  Case returns = based("returns", "A stream that was reached by a redirect is come back to.");
  returns.script.replies = {redirect(302, "/moved"), short_stream(), last_stream(), last_stream()};
  returns.until.requests = 3;
  returns.judge = comes_back(3);
  cases.push_back(std::move(returns));

  Case again = based("starts-over", "Who comes back asks the address that it was given first.");
  again.level = Level::may;  // the standard has had it both ways
  again.script.replies = {redirect(302, "/moved"), short_stream(), last_stream()};
  again.until.requests = 3;
  again.judge = asks_for(3, "/stream");
  cases.push_back(std::move(again));
  return cases;
}

}  // namespace redirects
}  // namespace

Cases redirect_cases() {
  using namespace redirects;
  Cases cases = places();
  append(cases, ends());
  append(cases, carried());
  return cases;
}

}  // namespace streamgauge::client_case

// 9.2.2: what a request for a stream says.
#include <algorithm>

#include "harness/core/client_case/cases.hpp"

namespace streamgauge::client_case {

using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {
namespace requests_of {

Case first(const std::string& id, std::string requirement, Judge judge, Level level = Level::must) {
  Case item;
  item.id = "http/request/" + id;
  item.level = level;
  item.requirement = std::move(requirement);
  item.source = constructing;
  item.script.replies = {last_stream()};
  item.judge = std::move(judge);
  return item;
}

Case again(const std::string& id, std::string requirement, Judge judge, Level level = Level::must) {
  Case item = first(id, std::move(requirement), std::move(judge), level);
  item.script = after_a_stream({last_stream()});
  item.until.requests = 2;
  return item;
}

std::string accepts(const seen::Requested& request) {
  const auto accept = request.field("accept");
  if (!accept) return {};
  for (const std::string_view range : {"text/event-stream", "text/*", "*/*"}) {
    if (accept->find(range) != std::string_view::npos) return {};
  }
  return "Accept: " + std::string(*accept);
}

std::string asks_for_a_stream(const seen::Requested& request) {
  const auto accept = request.field("accept");
  if (!accept) return "no Accept";
  return accept->find("text/event-stream") != std::string_view::npos
             ? std::string{}
             : accepts(request) + "no text/event-stream";
}

std::string not_from_a_cache(const seen::Requested& request) {
  const auto control = request.field("cache-control");
  const bool fresh = control && (control->find("no-cache") != std::string_view::npos ||
                                 control->find("no-store") != std::string_view::npos);
  if (fresh) return {};
  return control ? "Cache-Control: " + std::string(*control) : std::string{"no Cache-Control"};
}

std::string is_get(const seen::Requested& request) {
  return request.method == "GET" ? std::string{} : "the method is " + request.method;
}
std::string has_no_body(const seen::Requested& request) {
  return request.body.empty() ? std::string{} : std::string{"the request has a body"};
}
std::string one_host(const seen::Requested& request) {
  const auto hosts = std::count_if(request.fields.begin(), request.fields.end(), [](const auto& f) {
    return f.first.size() == 4 && seen::Requested{0, false, "", "", {f}, ""}.field("host");
  });
  return hosts == 1 ? std::string{} : std::to_string(hosts) + " Host fields";
}

Cases given() {
  Cases cases;
  Case headers = first("headers", "Headers that the client is given are sent.",
                       all_of({sends(1, "x-first", "one"), sends(1, "x-second", "two, three")}));
  headers.needs = {Capability::headers};
  headers.order.headers = {{"x-first", "one"}, {"x-second", "two, three"}};
  cases.push_back(headers);

  Case kept = again("headers-when-it-returns",
                    "Headers that the client is given are sent by each "
                    "request.",
                    all_of({sends(1, "x-first", "one"), sends(2, "x-first", "one")}));
  kept.needs = {Capability::headers};
  kept.order.headers = {{"x-first", "one"}};
  cases.push_back(std::move(kept));

  for (const std::string method : {"POST", "REPORT"}) {
    const bool post = method == "POST";
    const std::string body = "{\"hello\": \"world\"}";
    Case item = again(post ? "post" : "report",
                      method + " with a body is sent, and sent again when the client returns.",
                      all_of({sends_body(1, method, body), sends_body(2, method, body)}));
    item.needs = {post ? Capability::post : Capability::report};
    item.order.method = method;
    item.order.body = body;
    cases.push_back(item);
    if (!post) continue;
    item.id = "http/request/post-type";
    item.requirement = "The Content-Type that goes with a body is the one that was given.";
    item.needs = {Capability::post, Capability::headers};
    item.order.headers = {{"content-type", "application/json; charset=utf-8"}};
    item.judge = sends(1, "content-type", "application/json; charset=utf-8");
    cases.push_back(std::move(item));
  }
  return cases;
}

}  // namespace requests_of
}  // namespace

Cases request_cases() {
  using namespace requests_of;
  Cases cases;
  cases.push_back(first("get", "A stream is asked for with GET.", request_is(1, "GET", is_get)));
  cases.push_back(first("no-body", "A GET has no body.", request_is(1, "no body", has_no_body)));
  cases.push_back(first("host", "A request has one Host field.", request_is(1, "Host", one_host)));
  cases.back().source = "RFC 9112 3.2";
  cases.push_back(first("target", "The request names the address's path and query.",
                        asks_for(1, "/stream?case=1&x=%20y")));
  cases.push_back(first("accept", "A request says Accept: text/event-stream.",
                        request_is(1, "text/event-stream", asks_for_a_stream), Level::should));
  cases.push_back(first("accept-allows", "If a request has an Accept, that admits event streams.",
                        request_is(1, "text/event-stream", accepts)));
  cases.push_back(first("cache-control",
                        "A request asks caches not to answer (cache mode "
                        "no-store).",
                        request_is(1, "no-cache", not_from_a_cache), Level::should));
  cases.push_back(again("cache-control-when-it-returns",
                        "A request asks caches not to answer when the client returns, too.",
                        request_is(2, "no-cache", not_from_a_cache), Level::should));
  Case cached = again("not-cached", "A stream that says it may be cached is asked for again.",
                      all_of({comes_back(2), hears({message("first"), the_end()})}));
  cached.script.replies = {Answer()
                               .field("Cache-Control", "public, max-age=3600")
                               .field("ETag", "\"1\"")
                               .send("retry: 50\n\ndata: first\n\n")
                               .end(),
                           last_stream()};
  cases.push_back(std::move(cached));
  cases.push_back(first("no-last-event-id", "The first request carries no Last-Event-ID.",
                        resumes_with(1, std::nullopt)));
  cases.push_back(again("get-when-it-returns", "A client that returns asks with GET.",
                        request_is(2, "GET", is_get)));
  cases.push_back(again("target-when-it-returns",
                        "A client that returns asks for the same address.",
                        asks_for(2, "/stream?case=1&x=%20y")));
  for (Case& item : cases) {
    if (item.id.find("/target") != std::string::npos) item.order.query = "case=1&x=%20y";
  }
  append(cases, given());
  return cases;
}

}  // namespace streamgauge::client_case

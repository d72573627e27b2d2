#include "reference-server/net/routes.hpp"

#include <fmt/format.h>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value.hpp>
#include <random>
#include <utility>

#include "reference-server/core/access.hpp"
#include "reference-server/core/spread.hpp"
#include "reference-server/net/clock.hpp"
#include "reference-server/net/metrics.hpp"

namespace streamgauge::server {
namespace {

Answer text(unsigned status, std::string sentence) {
  Answer answer;
  answer.status = status;
  answer.body = std::move(sentence);
  answer.body += '\n';
  return answer;
}

Answer not_allowed(std::string_view allowed) {
  Answer answer = text(405, fmt::format("allowed here: {}", allowed));
  answer.headers = fmt::format("Allow: {}\r\n", allowed);
  return answer;
}

bool readable(Method method) {
  return method == Method::get || method == Method::head;
}

std::string_view reason_phrase(unsigned status) {
  switch (status) {
    case 200:
      return "OK";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 413:
      return "Content Too Large";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 503:
      return "Service Unavailable";
    default:
      return "Unknown";
  }
}

/// Empty by the flaw that leaves it out.
std::string retry_after(Context& context) {
  static thread_local std::mt19937_64 random{std::random_device{}()};
  const auto seconds = retry_after_s(context.options.contract.limits, context.settings.flaws,
                                     std::uniform_real_distribution<double>(0.0, 1.0)(random));
  return seconds ? fmt::format("Retry-After: {}\r\n", *seconds) : std::string{};
}

/// nullopt: the request may open a stream. `identity` learns the token, so that it can be revoked.
std::optional<Answer> refuse_unauthorized(const Request& request, StreamIdentity& identity,
                                          Context& context) {
  const auto& auth = context.options.contract.auth;
  if (!auth || context.options.tokens.empty()) return std::nullopt;
  const std::string_view shown = bearer_token(request.authorization);
  identity.token = shown;
  if (context.sequencer.authorized(shown)) return std::nullopt;
  if (context.settings.flaws.has(Flaw::token_unchecked)) return std::nullopt;
  context.count_refused(Refusals::unauthorized);
  if (context.settings.flaws.has(Flaw::unauthorized_as_200)) {
    Answer login = text(200, "<!doctype html><title>Log in</title><form>Who are you?</form>");
    login.content_type = "text/html; charset=utf-8";
    return login;
  }
  Answer answer = text(static_cast<unsigned>(auth->unauthorized), "a valid token is needed");
  if (answer.status == 401) {
    answer.headers = shown.empty() ? "WWW-Authenticate: Bearer\r\n"
                                   : "WWW-Authenticate: Bearer error=\"invalid_token\"\r\n";
  }
  return answer;
}

/// A number within its bounds, or the sentence that says what would do.
Result<std::uint64_t> bounded(const boost::json::object& from, std::string_view key,
                              std::uint64_t otherwise, std::uint64_t least, std::uint64_t most) {
  const boost::json::value* value = from.if_contains(key);
  if (value == nullptr) return otherwise;
  boost::system::error_code error;
  const auto number = value->to_number<std::uint64_t>(error);
  if (error || number < least || number > most) {
    return usage_error(fmt::format("{} is {}; accepted: {} to {}", key,
                                   boost::json::serialize(*value), least, most));
  }
  return number;
}

Result<GenerationRequest> parse_generation(std::string_view body) {
  GenerationRequest request;
  if (body.empty()) return request;
  boost::system::error_code error;
  const auto json = boost::json::parse({body.data(), body.size()}, error);
  if (error || !json.is_object()) {
    return usage_error("the body is not a JSON object such as {\"tokens\": 40, \"gap_ms\": 20}");
  }
  using std::chrono::milliseconds;
  const auto& object = json.get_object();
  const auto tokens = bounded(object, "tokens", request.tokens, 1, GenerationRequest::tokens_max);
  if (!tokens) return tokens.error();
  const auto gap =
      bounded(object, "gap_ms",
              static_cast<std::uint64_t>(std::chrono::floor<milliseconds>(request.gap).count()), 0,
              static_cast<std::uint64_t>(milliseconds{std::chrono::minutes{1}}.count()));
  if (!gap) return gap.error();
  request.tokens = *tokens;
  request.gap = milliseconds{static_cast<std::int64_t>(*gap)};
  return request;
}

Routed route_generate(const Request& request, const Target& target, Context& context) {
  if (request.method != Method::post) return not_allowed("POST");
  if (context.phase.load() != Phase::ready) return draining_answer(context);
  OpenAnswer open;
  open.identity.id = target.get("id");
  open.identity.user = target.get("user");
  if (auto refused = refuse_unauthorized(request, open.identity, context)) return *refused;
  const auto wanted = parse_generation(request.body);
  if (!wanted) return text(400, wanted.error().message);
  open.request = *wanted;
  return open;
}

Routed route_events(const Request& request, const Target& target, Context& context) {
  if (!readable(request.method)) return not_allowed("GET, HEAD");
  const Phase phase = context.phase.load();
  const bool stays_open =
      phase == Phase::draining && context.settings.flaws.has(Flaw::drain_accepts_new);
  if (phase != Phase::ready && !stays_open) return draining_answer(context);
  OpenStream open;
  open.accepts_gzip = request.accepts_gzip;
  open.channel = target.get("channel", "default");
  open.identity.id = target.get("id");
  open.identity.user = target.get("user");
  if (auto refused = refuse_unauthorized(request, open.identity, context)) return *refused;
  // The header is what a client itself keeps up to date; the query is where it began.
  std::string last{request.last_event_id};
  if (last.empty()) last = target.get("last_event_id");
  if (!last.empty()) open.last_event_id = std::move(last);
  return open;
}

Routed route_poll(const Request& request, const Target& target, Context& context) {
  if (request.method != Method::get) return not_allowed("GET");
  if (context.settings.replay.events_max == 0) {
    return text(404, "polls go on from an id: they need 'replay' in the contract");
  }
  Routed routed = route_events(request, target, context);
  auto* const open = std::get_if<OpenStream>(&routed);
  if (open == nullptr) return routed;
  return OpenPoll{std::move(open->channel), std::move(open->identity),
                  std::move(open->last_event_id)};
}

Routed route_websocket(const Request& request, const Target& target, Context& context) {
  if (request.websocket_key.empty()) {
    Answer answer = text(426, "a WebSocket handshake is needed (RFC 6455, version 13)");
    answer.headers = "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n";
    return answer;
  }
  Routed routed = route_events(request, target, context);
  if (auto* const open = std::get_if<OpenStream>(&routed)) {
    open->websocket_key = request.websocket_key;
    open->accepts_gzip = false;
  }
  return routed;
}

Routed route_publish(const Request& request, const Target& target, Context& context) {
  if (!context.options.takes_publications) return text(403, "nothing is published from outside");
  if (request.method != Method::post) return not_allowed("POST");
  if (context.phase.load() != Phase::ready) return draining_answer(context);
  Publish publish;
  publish.channel = target.get("channel", "default");
  Publication& publication = publish.publication;
  publication.type = target.get("event");
  publication.id = target.get("id");
  publication.key = target.get("key");
  const std::string as = target.get("class", "normal");
  if (as == "critical") {
    publication.message_class = MessageClass::critical;
  } else if (as != "normal" && !as.empty()) {
    return text(400, fmt::format("class is \"{}\"; accepted: normal, critical", as));
  }
  publication.data = std::string{request.body};
  return publish;
}

Routed only_readable(const Request& request, Answer answer) {
  if (!readable(request.method)) return not_allowed("GET, HEAD");
  return answer;
}

Answer page_answer(const Page& page) {
  Answer answer;
  answer.body = page.body();
  answer.content_type = page.content_type;
  answer.headers = "Cache-Control: no-store\r\n";
  return answer;
}

Answer revoke(const Target& target, Context& context) {
  if (target.has("token")) {
    if (!context.sequencer.revoke_token(target.get("token"))) {
      return text(404, "this token is not valid");
    }
    return text(200, "revoked");
  }
  const std::string id = target.get("id");
  if (id.empty()) return text(400, "missing: POST /admin/revoke?id=ID or ?token=TOKEN");
  if (!context.sequencer.revoke(id)) return text(404, "no stream carries this id");
  return text(200, "revoked");
}

Answer close(const Target& target, Context& context) {
  if (const std::string id = target.get("id"); !id.empty()) {
    if (!context.sequencer.close_id(id)) return text(404, "no stream carries this id");
    return text(200, "closed");
  }
  if (!target.has("channel")) return text(400, "missing: POST /admin/close?channel=C or ?id=ID");
  if (!context.sequencer.close_channel(target.get("channel"))) {
    return text(404, "there is no such channel");
  }
  return text(200, "closed");
}

}  // namespace

Answer draining_answer(Context& context) {
  context.count_refused(Refusals::draining);
  Answer answer = text(503, "the server is stopping");
  answer.headers = retry_after(context);
  return answer;
}

Routed route_service(const Request& request, Context& context) {
  const auto target = parse_target(request.target);
  if (!target) return text(400, "the query is not percent-encoded properly");
  for (const Page& page : context.options.pages) {
    if (page.path == target->path) return only_readable(request, page_answer(page));
  }
  if (target->path == "/events") return route_events(request, *target, context);
  if (target->path == "/poll") return route_poll(request, *target, context);
  if (target->path == "/ws") return route_websocket(request, *target, context);
  if (target->path == "/generate") return route_generate(request, *target, context);
  if (target->path == "/publish") return route_publish(request, *target, context);
  if (target->path == "/healthz") return only_readable(request, text(200, "ok"));
  if (target->path == "/readyz") {
    const bool ready =
        context.phase.load() == Phase::ready || context.settings.flaws.has(Flaw::ready_flips_late);
    return only_readable(request, ready ? text(200, "ready") : text(503, "not ready"));
  }
  if (target->path == "/metrics") {
    Answer answer = text(200, "");
    answer.body = metrics_text(context);
    answer.content_type = "text/plain; version=0.0.4; charset=utf-8";
    return only_readable(request, std::move(answer));
  }
  return text(404,
              "there is /events, /poll, /ws, /generate, /publish, /healthz, /readyz, /metrics");
}

Routed route_admin(const Request& request, Context& context) {
  const auto target = parse_target(request.target);
  if (!target) return text(400, "the query is not percent-encoded properly");
  if (target->path == "/admin/drain") {
    if (request.method != Method::post) return not_allowed("POST");
    Answer answer = text(202, "draining");
    answer.then_drain = true;
    return answer;
  }
  if (target->path == "/admin/stats") {
    Answer answer = text(200, "");
    answer.body = stats_json(context);
    answer.content_type = "application/json";
    return only_readable(request, std::move(answer));
  }
  if (target->path == "/admin/revoke") {
    if (request.method != Method::post) return not_allowed("POST");
    return revoke(*target, context);
  }
  if (target->path == "/admin/close") {
    if (request.method != Method::post) return not_allowed("POST");
    return close(*target, context);
  }
  if (target->path == "/admin/finish") {
    if (request.method != Method::post) return not_allowed("POST");
    if (!target->has("channel")) return text(400, "missing: POST /admin/finish?channel=C");
    if (!context.sequencer.finish(target->get("channel"), now())) {
      return text(503, "there is no room for another channel");
    }
    return text(200, "finished");
  }
  return text(404, "there is /admin/drain, revoke, close, finish and stats");
}

Answer published_answer(const Result<Published>& published) {
  if (!published) {
    return text(published.error().exit_code == ExitCode::usage ? 400 : 503,
                published.error().message);
  }
  if (published->finished) return text(409, "this channel is finished");
  Answer answer;
  answer.content_type = "application/json";
  answer.body = fmt::format("{{\"id\":{},\"subscribers\":{}}}\n",
                            boost::json::serialize(boost::json::value(published->id)),
                            published->subscribers);
  return answer;
}

Answer refusal_answer(Directory::Refusal refusal, Context& context) {
  if (refusal == Directory::Refusal::finished) {
    context.count_refused(Refusals::finished);
    const int status = context.options.contract.finished_status.value_or(204);
    return text(static_cast<unsigned>(status), "this channel is finished");
  }
  context.count_refused(refusal == Directory::Refusal::user_full      ? Refusals::user_full
                        : refusal == Directory::Refusal::streams_full ? Refusals::streams_full
                                                                      : Refusals::channels_full);
  Answer answer = refusal == Directory::Refusal::user_full
                      ? text(429, "this user holds as many streams as are allowed")
                  : refusal == Directory::Refusal::streams_full
                      ? text(503, "the server holds as many streams as are allowed")
                      : text(503, "there is no room for another channel");
  answer.headers = retry_after(context);
  return answer;
}

std::string render(const Answer& answer, bool keep_alive, bool head_only) {
  std::string out = fmt::format("HTTP/1.1 {} {}\r\n", answer.status, reason_phrase(answer.status));
  if (answer.status != 204) {
    out += fmt::format("Content-Type: {}\r\nContent-Length: {}\r\n", answer.content_type,
                       answer.body.size());
  }
  out += answer.headers;
  out += keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
  if (!head_only && answer.status != 204) out += answer.body;
  return out;
}

}  // namespace streamgauge::server

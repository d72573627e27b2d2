#include "reference-server/net/routes.hpp"

#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value.hpp>
#include <random>
#include <utility>

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
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
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

/// Whole seconds, between half and one and a half of the stated ones, at least 1: a fixed value
/// would bring everybody back in the same second.
std::string retry_after(Context& context) {
  const double base =
      to_seconds(context.options.contract.limits.retry_after.value_or(std::chrono::seconds{5}));
  static thread_local std::mt19937_64 random{std::random_device{}()};
  const double spread = std::uniform_real_distribution<double>(0.5, 1.5)(random);
  const auto seconds = static_cast<unsigned>(base * spread + 0.5);
  return fmt::format("Retry-After: {}\r\n", seconds > 0 ? seconds : 1u);
}

Routed route_events(const Request& request, const Target& target, Context& context) {
  if (!readable(request.method)) return not_allowed("GET, HEAD");
  if (context.phase.load() != Phase::ready) return draining_answer(context);
  OpenStream open;
  open.channel = target.get("channel", "default");
  open.identity.id = target.get("id");
  open.identity.user = target.get("user");
  // The header is what a client itself keeps up to date; the query is where it began.
  std::string last{request.last_event_id};
  if (last.empty()) last = target.get("last_event_id");
  if (!last.empty()) open.last_event_id = std::move(last);
  return open;
}

Routed route_publish(const Request& request, const Target& target, Context& context) {
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

}  // namespace

Answer draining_answer(Context& context) {
  Answer answer = text(503, "the server is stopping");
  answer.headers = retry_after(context);
  return answer;
}

Routed route_service(const Request& request, Context& context) {
  const auto target = parse_target(request.target);
  if (!target) return text(400, "the query is not percent-encoded properly");
  if (target->path == "/events") return route_events(request, *target, context);
  if (target->path == "/publish") return route_publish(request, *target, context);
  if (target->path == "/healthz") return only_readable(request, text(200, "ok"));
  if (target->path == "/readyz") {
    return only_readable(request, context.phase.load() == Phase::ready ? text(200, "ready")
                                                                       : text(503, "not ready"));
  }
  if (target->path == "/metrics") {
    Answer answer = text(200, "");
    answer.body = metrics_text(context);
    answer.content_type = "text/plain; version=0.0.4; charset=utf-8";
    return only_readable(request, std::move(answer));
  }
  return text(404, "there is /events, /publish, /healthz, /readyz and /metrics");
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
    const std::string id = target->get("id");
    if (id.empty()) return text(400, "id is missing: POST /admin/revoke?id=ID");
    if (!context.sequencer.revoke(id)) return text(404, "no stream carries this id");
    return text(200, "revoked");
  }
  return text(404, "there is /admin/drain, /admin/stats and /admin/revoke");
}

Answer published_answer(const Result<Published>& published) {
  if (!published) {
    return text(published.error().exit_code == ExitCode::usage ? 400 : 503,
                published.error().message);
  }
  Answer answer;
  answer.content_type = "application/json";
  answer.body = fmt::format("{{\"id\":{},\"subscribers\":{}}}\n",
                            boost::json::serialize(boost::json::value(published->id)),
                            published->subscribers);
  return answer;
}

Answer refusal_answer(Directory::Refusal refusal, Context& context) {
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

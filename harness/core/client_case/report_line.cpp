#include "harness/core/client_case/report_line.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <limits>

#include "harness/core/check/finding.hpp"

namespace streamgauge::client_case {

namespace json = boost::json;

namespace {

constexpr std::int64_t milliseconds_max = 24LL * 3600 * 1000;

Result<json::object> read_object(std::string_view text) {
  boost::system::error_code error;
  json::value value = json::parse(json::string_view(text.data(), text.size()), error);
  if (error) {
    return usage_error(fmt::format("not JSON ({}): '{}'", error.message(), printable(text, 120)));
  }
  if (!value.is_object()) {
    return usage_error(fmt::format("not a JSON object: '{}'", printable(text, 120)));
  }
  return std::move(value.get_object());
}

/// A text field; empty where it is missing or null; an error where it is something else.
Result<std::string> text(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(json::string_view(key.data(), key.size()));
  if (value == nullptr || value->is_null()) return std::string{};
  if (!value->is_string()) return usage_error(fmt::format("'{}' is not a string", key));
  return std::string(value->get_string().data(), value->get_string().size());
}

Result<std::optional<Duration>> milliseconds(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(json::string_view(key.data(), key.size()));
  if (value == nullptr || value->is_null()) return std::optional<Duration>{};
  boost::system::error_code error;
  const auto number = value->to_number<std::int64_t>(error);
  if (error || number < 0 || number > milliseconds_max) {
    return usage_error(fmt::format("'{}' is not a number of milliseconds between 0 and {}", key,
                                   milliseconds_max));
  }
  return std::optional<Duration>{std::chrono::milliseconds{number}};
}

Result<Seen> read_event(const json::object& object) {
  const json::value* inner = object.if_contains("event");
  if (inner == nullptr || !inner->is_object()) return usage_error("'event' is not an object");
  const json::object& fields = inner->get_object();
  seen::Event event;
  for (const auto& [key, into] :
       {std::pair{"type", &event.type}, {"data", &event.data}, {"id", &event.id}}) {
    auto value = text(fields, key);
    if (!value) return value.error();
    *into = std::move(*value);
  }
  if (event.type.empty()) event.type = "message";
  return Seen{std::move(event)};
}

json::string as_json(std::string_view text) {
  return json::string(text.data(), text.size());
}

}  // namespace

Result<Seen> read_report(std::string_view line) {
  const auto object = read_object(line);
  if (!object) return object.error();
  const auto kind = text(*object, "kind");
  if (!kind) return kind.error();
  if (*kind == "event") return read_event(*object);
  if (*kind == "open" || *kind == "hello") return Seen{seen::Opened{}};
  if (*kind != "comment" && *kind != "error") {
    return usage_error(
        fmt::format("kind '{}' is unknown: it is open, event, comment or error", printable(*kind)));
  }
  auto comment = text(*object, "comment");
  if (!comment) return comment.error();
  if (*kind == "comment") return Seen{seen::Comment{std::move(*comment)}};
  if (comment->empty()) {
    auto error = text(*object, "error");
    if (error) comment = std::move(error);
  }
  return Seen{seen::Failure{std::move(*comment)}};
}

std::string write_report(const Seen& what) {
  json::object object;
  if (const auto* event = std::get_if<seen::Event>(&what)) {
    object["kind"] = "event";
    object["event"] = json::object{
        {"type", as_json(event->type)}, {"data", as_json(event->data)}, {"id", as_json(event->id)}};
  } else if (const auto* comment = std::get_if<seen::Comment>(&what)) {
    object = {{"kind", "comment"}, {"comment", as_json(comment->text)}};
  } else if (const auto* failure = std::get_if<seen::Failure>(&what)) {
    object = {{"kind", "error"}, {"comment", as_json(failure->message)}};
  } else {
    object = {{"kind", "open"}};
  }
  return json::serialize(object);
}

Result<Capabilities> read_capabilities(std::string_view text_of) {
  const auto object = read_object(text_of);
  if (!object) return object.error();
  Capabilities can;
  const json::value* list = object->if_contains("capabilities");
  if (list == nullptr || list->is_null()) return can;
  if (!list->is_array()) return usage_error("'capabilities' is not an array");
  for (const json::value& item : list->get_array()) {
    if (!item.is_string()) return usage_error("'capabilities' holds something that is no string");
    const auto known = capability_from({item.get_string().data(), item.get_string().size()});
    if (known) can.add(*known);
  }
  return can;
}

Result<StreamParameters> read_parameters(std::string_view text_of) {
  const auto object = read_object(text_of);
  if (!object) return object.error();
  StreamParameters parameters;
  for (const auto& [key, into] : {std::pair{"streamUrl", &parameters.stream_url},
                                  {"callbackUrl", &parameters.callback_url},
                                  {"tag", &parameters.tag},
                                  {"lastEventId", &parameters.last_event_id},
                                  {"method", &parameters.method},
                                  {"body", &parameters.body}}) {
    auto value = text(*object, key);
    if (!value) return value.error();
    *into = std::move(*value);
  }
  for (const auto& [key, into] : {std::pair{"initialDelayMs", &parameters.initial_delay},
                                  {"readTimeoutMs", &parameters.read_timeout}}) {
    const auto value = milliseconds(*object, key);
    if (!value) return value.error();
    *into = *value;
  }
  if (parameters.stream_url.empty()) return usage_error("'streamUrl' is missing");
  if (parameters.callback_url.empty()) return usage_error("'callbackUrl' is missing");
  const json::value* headers = object->if_contains("headers");
  if (headers == nullptr || headers->is_null()) return parameters;
  if (!headers->is_object()) return usage_error("'headers' is not an object");
  for (const auto& header : headers->get_object()) {
    if (!header.value().is_string()) return usage_error("'headers' holds something but strings");
    parameters.headers.emplace_back(
        std::string(header.key().data(), header.key().size()),
        std::string(header.value().get_string().data(), header.value().get_string().size()));
  }
  return parameters;
}

std::string write_parameters(const StreamParameters& parameters) {
  json::object object{{"streamUrl", as_json(parameters.stream_url)},
                      {"callbackUrl", as_json(parameters.callback_url)}};
  const auto put = [&](const char* key, const std::string& value) {
    if (!value.empty()) object[key] = as_json(value);
  };
  const auto put_time = [&](const char* key, const std::optional<Duration>& value) {
    if (!value) return;
    object[key] = std::chrono::duration_cast<std::chrono::milliseconds>(*value).count();
  };
  put("tag", parameters.tag);
  put_time("initialDelayMs", parameters.initial_delay);
  put_time("readTimeoutMs", parameters.read_timeout);
  put("lastEventId", parameters.last_event_id);
  put("method", parameters.method);
  put("body", parameters.body);
  if (!parameters.headers.empty()) {
    json::object headers;
    for (const auto& [name, value] : parameters.headers) headers[name] = as_json(value);
    object["headers"] = std::move(headers);
  }
  return json::serialize(object);
}

std::string write_listen(std::string_view type) {
  return json::serialize(
      json::object{{"command", "listen"}, {"listen", json::object{{"type", as_json(type)}}}});
}

Result<std::string> read_command(std::string_view text_of) {
  const auto object = read_object(text_of);
  if (!object) return object.error();
  auto command = text(*object, "command");
  if (command && command->empty()) return usage_error("'command' is missing");
  return command;
}

}  // namespace streamgauge::client_case

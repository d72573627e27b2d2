#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

#include "harness/core/contract/yaml.hpp"
#include "harness/core/scenario/load.hpp"
#include "harness/core/scenario/spawn_reading.hpp"
#include "harness/core/scenario/words.hpp"

namespace streamgauge {
namespace {

using yaml::Mapping;
using yaml::Node;
using yaml::Reading;
using namespace spawn_reading;

constexpr std::array<std::string_view, 10> when_spawning{
    "port",          "admin_port", "dir",   "build", "prefix",
    "contract_file", "time_scale", "epoch", "token", "revocable_token"};
constexpr std::array<std::string_view, 2> in_a_url{"port", "admin_port"};
constexpr std::array<std::string_view, 8> when_publishing{"channel", "data", "event", "id",
                                                          "class",   "key",  "user",  "token"};
constexpr std::array<std::string_view, 4> when_subscribing{"channel", "id", "user", "token"};

constexpr std::array<std::pair<std::string_view, std::string_view>, 3> publish_methods{
    {{"POST", "POST"}, {"PUT", "PUT"}, {"PATCH", "PATCH"}}};
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> command_methods{
    {{"POST", "POST"}, {"GET", "GET"}, {"PUT", "PUT"}, {"PATCH", "PATCH"}, {"DELETE", "DELETE"}}};

yaml::Form<std::string> method(const auto& methods) {
  return yaml::as<std::string>(yaml::one_of<std::string_view>(methods));
}

yaml::Form<std::string> url_form() {
  auto form = yaml::line("a URL such as http://127.0.0.1:8080");
  return {form.expected, [parse = form.parse](std::string_view t) -> std::optional<std::string> {
            const bool http = t.starts_with("http://") && t.size() > 7;
            const bool https = t.starts_with("https://") && t.size() > 8;
            if ((!http && !https) || t.find(' ') != std::string_view::npos) return std::nullopt;
            return parse(t);
          }};
}

yaml::Form<std::string> header_value() {
  return yaml::line("one line of text");
}

void read_publish(Reading& reading, const Node& node, PublishTemplate& out) {
  const Mapping map{reading,
                    node,
                    "publish",
                    "publish",
                    {"method", "path", "headers", "body", "normal_class", "critical_class"}};
  map.take("method", method(publish_methods), out.method);
  map.require("path", path_form().expected);
  take_text(map, "path", path_form(), when_publishing, out.path);
  out.headers =
      text_map(map, "headers", header_value(), is_token, "a header's name", when_publishing);
  take_text(map, "body", yaml::text(), when_publishing, out.body);
  map.take("normal_class", header_value(), out.normal_class);
  map.take("critical_class", header_value(), out.critical_class);
  if (!reading.ok()) return;
  const auto mentions_data = [](const std::string& text) {
    return text.find("{data}") != std::string::npos;
  };
  if (!mentions_data(out.body) && !mentions_data(out.path)) {
    reading.fail(node.mark,
                 "publish: {data} stands neither in body nor in path: what is published "
                 "would never be seen again");
  }
}

/// What all requests beside publications have.
void read_request(const Mapping& map, CommandSpec& out) {
  map.take("method", method(command_methods), out.method);
  map.require("path", path_form().expected);
  take_text(map, "path", path_form(), when_subscribing, out.path);
  out.headers =
      text_map(map, "headers", header_value(), is_token, "a header's name", when_subscribing);
  take_text(map, "body", yaml::text(), when_subscribing, out.body);
}

void read_commands(Reading& reading, const Node& node, TargetSpec& out) {
  std::vector<std::string_view> names;
  for (const auto& [name, word] : scenario_words::command) names.push_back(word);
  const Mapping commands{reading, node, "commands", "commands", names};
  for (const std::string_view name : names) {
    const Node* command = commands.get(name);
    if (command == nullptr) continue;
    const Mapping map{
        reading, *command, std::string{name}, name, {"method", "path", "headers", "body", "admin"}};
    CommandSpec& spec = out.commands[std::string{name}];
    read_request(map, spec);
    map.take("admin", yaml::boolean(), spec.admin);
    if (!reading.ok() || !spec.admin || out.spawn) continue;
    reading.fail(map.get("admin")->mark,
                 "key 'admin': the harness chooses the admin port of what it starts; without "
                 "'spawn' there is none");
  }
}

void read_generate(Reading& reading, const Node& node, CommandSpec& out) {
  const Mapping map{reading, node, "generate", "generate", {"method", "path", "headers", "body"}};
  read_request(map, out);
}

void read_tokens(Reading& reading, const Node& node, TokenTexts& out) {
  const Mapping map{reading, node, "tokens", "tokens", {"valid", "wrong", "revocable"}};
  const auto form = yaml::line("a token: one line of text");
  map.take("valid", form, out.valid);
  map.take("wrong", form, out.wrong);
  map.take("revocable", form, out.revocable);
  if (out.valid == out.wrong || out.valid == out.revocable || out.wrong == out.revocable) {
    reading.fail(node.mark, "tokens: valid, wrong and revocable must be three different texts");
  }
}

void read_mirrors(const Mapping& map, TargetSpec& out) {
  const Node* node = map.get("mirrors");
  if (node == nullptr) return;
  map.take_list("mirrors", url_form(), out.mirrors);
  constexpr std::size_t mirrors_max = 16;
  if (out.mirrors.size() > mirrors_max) {
    map.reading().fail(node->mark, fmt::format("key 'mirrors': at most {}", mirrors_max));
  }
  for (const std::string& url : out.mirrors) {
    check_placeholders(map.reading(), "mirrors", *node, url, Names{in_a_url});
  }
}

void read_tls(Reading& reading, const Node& node, TargetSpec& out) {
  const Mapping map{reading, node, "tls", "tls", {"ca_file", "server_name", "insecure"}};
  take_text(map, "ca_file", yaml::line("the path of a PEM file"), when_spawning, out.tls.ca_file);
  map.take("server_name", yaml::line("a host's name"), out.tls.server_name);
  map.take("insecure", yaml::boolean(), out.tls.insecure);
  if (reading.ok() && !out.url.starts_with("https://")) {
    reading.fail(node.mark, "tls: the key 'url' is not an https URL");
  }
}

/// What brings a capability that does not stand for itself; empty for those that do.
std::string source_of(Capability capability) {
  constexpr std::string_view stands = "needs {{{}}} in 'events_path' or 'events_headers'";
  switch (capability) {
    case Capability::publish:
    case Capability::generate:
      return fmt::format("needs the key '{}'", to_string(capability));
    case Capability::local_process:
      return "needs the key 'spawn'";
    case Capability::identity:
      return fmt::format(stands, "id");
    case Capability::users:
      return fmt::format(stands, "user");
    case Capability::auth:
      return fmt::format(stands, "token");
    case Capability::drain:
      return "needs the key 'spawn', or 'drain' under 'commands'";
    case Capability::revoke:
    case Capability::close:
    case Capability::finish:
      return fmt::format("needs '{}' under 'commands'", to_string(capability));
    case Capability::long_poll:
      return "needs the key 'poll_path'";
    case Capability::websocket:
      return "needs the key 'websocket_path'";
    case Capability::channels:
    case Capability::resume:
    case Capability::critical:
    case Capability::event_type:
    case Capability::shared_ids:
      break;
  }
  return {};
}

/// Many follow from other keys; claiming them without is a mistake.
void read_capabilities(const Mapping& map, TargetSpec& out) {
  map.take_list("capabilities", yaml::one_of<Capability>(scenario_words::capability),
                out.capabilities);
  const Node* node = map.get("capabilities");
  if (node == nullptr) return;
  for (const Capability capability : out.capabilities) {
    if (has(out, capability)) continue;
    map.reading().fail(node->mark, fmt::format("key 'capabilities': '{}' {}", to_string(capability),
                                               source_of(capability)));
  }
}

void read_target(Reading& reading, const Node& node, TargetSpec& out) {
  const Mapping map{
      reading,
      node,
      "a target",
      "",
      {"target", "description", "contract", "spawn", "url", "events_path", "events_headers",
       "publish", "commands", "generate", "tokens", "capabilities", "skip_checks", "time_scale",
       "scales", "poll_path", "websocket_path", "mirrors", "tls"}};
  map.need("target", yaml::name("a name"), out.name);
  map.take("description", yaml::text(), out.description);
  map.take("contract", yaml::line("a contract's name or path"), out.contract);
  if (const Node* spawn = map.get("spawn")) {
    read_spawn(reading, *spawn, {when_spawning, true, false}, out.spawn.emplace());
  }
  if (out.spawn) {
    out.url = "http://127.0.0.1:{port}";
    take_text(map, "url", url_form(), in_a_url, out.url);
  } else {
    map.require("url", "a URL such as http://127.0.0.1:8080, or the key 'spawn'");
    take_text(map, "url", url_form(), Names{}, out.url);
  }
  take_text(map, "events_path", path_form(), when_subscribing, out.events_path);
  out.events_headers = text_map(map, "events_headers", header_value(), is_token, "a header's name",
                                when_subscribing);
  take_text(map, "poll_path", path_form(), when_subscribing, out.poll_path);
  take_text(map, "websocket_path", path_form(), when_subscribing, out.websocket_path);
  read_mirrors(map, out);
  if (const Node* tls = map.get("tls")) read_tls(reading, *tls, out);
  if (const Node* publish = map.get("publish")) {
    read_publish(reading, *publish, out.publish.emplace());
  }
  if (const Node* commands = map.get("commands")) read_commands(reading, *commands, out);
  if (const Node* generate = map.get("generate")) {
    read_generate(reading, *generate, out.generate.emplace());
  }
  if (const Node* tokens = map.get("tokens")) read_tokens(reading, *tokens, out.tokens);
  read_capabilities(map, out);
  for (const auto& [id, reason] :
       text_map(map, "skip_checks", yaml::line("the reason, one line of text"), is_check_id,
                "a check's id such as delivery.resume", Names{})) {
    out.skip_checks.push_back(id + ": " + reason);
  }
  map.take("time_scale", yaml::number_above(0, 1000), out.time_scale);
  map.take("scales", yaml::boolean(), out.scales);
  if (reading.ok() && out.time_scale != 1.0 && !out.scales) {
    reading.fail(map.get("time_scale")->mark,
                 "key 'time_scale': other than 1 needs 'scales: true', the target's word that it "
                 "honours the scaled contract");
  }
}

}  // namespace

Result<TargetSpec> load_target(std::string_view yaml, std::string file) {
  const auto root = yaml::parse(yaml, file);
  if (!root) return root.error();
  Reading reading{file};
  TargetSpec target;
  target.file = std::move(file);
  read_target(reading, **root, target);
  if (!reading.ok()) return *reading.error();
  return target;
}

}  // namespace streamgauge

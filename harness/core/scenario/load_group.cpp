// Groups of clients and their policies.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "harness/core/scenario/scenario_forms.hpp"
#include "harness/core/scenario/scenario_reading.hpp"
#include "harness/core/scenario/text_map.hpp"
#include "harness/core/scenario/words.hpp"

namespace streamgauge::scenario_reading {
namespace {

using yaml::Mapping;
using yaml::Node;
using yaml::Reading;

void read_path_stall(Reading& reading, const Node& node, ClientGroup& out) {
  const Mapping map{reading, node, "path_stall", "path_stall", {"at", "connections"}};
  map.need("at", yaml::one_of<StallPoint>(scenario_words::stall_point), out.stall);
  map.take("connections", scenario_forms::failures(), out.stalled_attempts);
}

/// What its requests say beside the target's.
void read_says(const Mapping& map, ClientGroup& out) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 6> methods{
      {{"GET", "GET"},
       {"POST", "POST"},
       {"PUT", "PUT"},
       {"PATCH", "PATCH"},
       {"DELETE", "DELETE"},
       {"REPORT", "REPORT"}}};
  map.take("method", yaml::as<std::string>(yaml::one_of<std::string_view>(methods)),
           out.says.method);
  out.says.headers = placeholders::text_map(map, "headers", yaml::line("one line of text"),
                                            placeholders::is_token, "a header's name", {});
  map.take("body", yaml::text(), out.says.body);
  map.take("last_event_id", yaml::line("an event id: one line of text"), out.says.last_event_id);
  const Node* body = map.get("body");
  if (body != nullptr && out.says.method == "GET") {
    map.reading().fail(body->mark, "key 'body': a GET has none; 'method: POST' would do");
  }
}

}  // namespace

void read_group(Reading& reading, const Node& node, Scenario& out) {
  const Mapping map{reading,
                    node,
                    "a group",
                    "groups",
                    {"name", "streams", "channel", "policy", "ramp", "receive_buffer", "read_rate",
                     "join", "id", "user", "token", "request", "path_stall", "accept_gzip",
                     "transport", "method", "headers", "body", "last_event_id"}};
  ClientGroup group;
  map.need("name", yaml::name("a group's name"), group.name);
  scenario_forms::take_streams(map, group);
  group.channel_index = read_channel(map, out.channels);
  if (const Node* policy = map.get("policy")) read_policy(reading, *policy, group.policy);
  map.take("ramp", scenario_forms::ramp(), group.ramp);
  map.take("receive_buffer", scenario_forms::receive_buffer(), group.receive_buffer_bytes);
  map.take("read_rate", scenario_forms::read_rate(), group.read_bytes_per_s);
  map.take("join", yaml::one_of<bool>(scenario_words::join), group.joins_later);
  map.take("id", scenario_forms::member_pattern(), group.id);
  map.take("user", scenario_forms::member_pattern(), group.user);
  map.take("token", yaml::one_of<Credential>(scenario_words::credential), group.credential);
  map.take("request", yaml::one_of<RequestKind>(scenario_words::request_kind), group.request);
  map.take("accept_gzip", yaml::boolean(), group.accepts_gzip);
  map.take("transport", yaml::one_of<Transport>(scenario_words::transport), group.transport);
  read_says(map, group);
  if (const Node* stall = map.get("path_stall")) read_path_stall(reading, *stall, group);
  if (!reading.ok()) return;
  group.channel = out.channels[group.channel_index];
  const auto names = group_names(out);
  if (std::find(names.begin(), names.end(), group.name) != names.end()) {
    reading.fail(node.mark, fmt::format("a second group is named '{}'", group.name));
  }
  out.groups.push_back(std::move(group));
}

}  // namespace streamgauge::scenario_reading

// Groups of clients and their policies.
#include <fmt/format.h>

#include <algorithm>

#include "harness/core/scenario/scenario_forms.hpp"
#include "harness/core/scenario/scenario_reading.hpp"
#include "harness/core/scenario/words.hpp"

namespace streamgauge::scenario_reading {
namespace {

using yaml::Mapping;
using yaml::Node;
using yaml::Reading;

void read_backoff(const Mapping& map, PolicySpec& out) {
  map.take("backoff_base", yaml::duration(), out.backoff_base);
  map.take("backoff_factor", yaml::number(1, 100), out.backoff_factor);
  map.take("backoff_cap", yaml::duration(), out.backoff_cap);
  map.take("jitter", yaml::number(0, 1), out.jitter);
  map.take("stable_after", yaml::duration(yaml::Zero::allowed), out.stable_after);
  map.take("backoff_reset_on_open", yaml::boolean(), out.backoff_reset_on_open);
  map.take("honours_retry_after", yaml::boolean(), out.honours_retry_after);
  map.take("fallback_after", scenario_forms::failures(), out.fallback_after);
  map.take("fallback_for", yaml::duration(yaml::Zero::allowed), out.fallback_for);
  if (!map.reading().ok()) return;
  if (out.backoff_cap < out.backoff_base) {
    map.reading().fail(map.mark(), "policy: backoff_cap must not be less than backoff_base");
  }
  const Node* fallback_for = map.get("fallback_for");
  if (fallback_for != nullptr && out.fallback_after == 0 && !out.from_contract) {
    map.reading().fail(fallback_for->mark,
                       "key 'fallback_for': needs fallback_after, the failures that lead to the "
                       "fallback");
  }
}

void read_policy(Reading& reading, const Node& node, PolicySpec& out) {
  const auto kind = yaml::one_of<PolicyKind>(scenario_words::policy_kind);
  if (node.kind == yaml::Kind::scalar) {
    if (const auto value = kind.parse(node.text)) {
      out.kind = *value;
      return;
    }
    return reading.fail_value("policy", node, kind.expected + ", or a mapping with the key 'kind'");
  }
  const Mapping map{reading,
                    node,
                    "policy",
                    "policy",
                    {"kind", "reconnect", "backoff_base", "backoff_factor", "backoff_cap", "jitter",
                     "stable_after", "header_timeout", "liveness", "fallback_after", "fallback_for",
                     "honours_retry_after", "backoff_reset_on_open", "constants"}};
  map.need("kind", kind, out.kind);
  const auto only_for = [&](PolicyKind user, std::string_view key) {
    const Node* value = map.get(key);
    if (value != nullptr && out.kind != user) {
      reading.fail(value->mark, fmt::format("key '{}': only the policy '{}' has it, not '{}'", key,
                                            to_string(user), to_string(out.kind)));
    }
  };
  only_for(PolicyKind::browser, "reconnect");
  for (const std::string_view key :
       {"backoff_base", "backoff_factor", "backoff_cap", "jitter", "stable_after", "fallback_after",
        "fallback_for", "honours_retry_after", "backoff_reset_on_open"}) {
    only_for(PolicyKind::agent, key);
  }
  map.take("reconnect", yaml::duration(yaml::Zero::allowed), out.reconnect);
  map.take("header_timeout", yaml::duration(), out.header_timeout);
  map.take("liveness", yaml::duration(), out.liveness);
  map.take("constants", yaml::one_of<bool>(scenario_words::constants), out.from_contract);
  read_backoff(map, out);
}

void read_path_stall(Reading& reading, const Node& node, ClientGroup& out) {
  const Mapping map{reading, node, "path_stall", "path_stall", {"at", "connections"}};
  map.need("at", yaml::one_of<StallPoint>(scenario_words::stall_point), out.stall);
  map.take("connections", scenario_forms::failures(), out.stalled_attempts);
}

}  // namespace

void read_group(Reading& reading, const Node& node, Scenario& out) {
  const Mapping map{reading,
                    node,
                    "a group",
                    "groups",
                    {"name", "streams", "channel", "policy", "ramp", "receive_buffer", "read_rate",
                     "join", "id", "user", "token", "request", "path_stall", "accept_gzip"}};
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

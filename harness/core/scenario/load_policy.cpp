// A client group's policy: a word, or a mapping with the constants that the kind knows.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "harness/core/scenario/scenario_forms.hpp"
#include "harness/core/scenario/scenario_reading.hpp"
#include "harness/core/scenario/words.hpp"

namespace streamgauge::scenario_reading {
namespace {

using yaml::Mapping;
using yaml::Node;
using yaml::Reading;

/// Which kinds know a key; those that all know are not listed.
struct KeyUsers {
  std::string_view key;
  std::vector<PolicyKind> users;
};

const std::vector<KeyUsers>& key_users() {
  using enum PolicyKind;
  static const std::vector<KeyUsers> table{
      {"reconnect", {browser, hybrid, naive}},
      {"backoff_base", {agent, fetch}},
      {"backoff_factor", {agent, fetch}},
      {"backoff_cap", {agent, fetch}},
      {"jitter", {agent, fetch}},
      {"stable_after", {agent, fetch}},
      {"fallback_after", {agent, hybrid}},
      {"fallback_for", {agent, hybrid}},
      {"honours_retry_after", {agent, hybrid, fetch}},
      {"backoff_reset_on_open", {agent, fetch}},
      {"downlink", {hybrid}},
      {"probe_after", {fetch}},
  };
  return table;
}

void check_users(const Mapping& map, PolicyKind kind) {
  for (const auto& [key, users] : key_users()) {
    const Node* value = map.get(key);
    if (value == nullptr || std::find(users.begin(), users.end(), kind) != users.end()) continue;
    std::vector<std::string_view> names;
    for (const PolicyKind user : users) names.push_back(to_string(user));
    map.reading().fail(value->mark,
                       names.size() == 1
                           ? fmt::format("key '{}': only the policy '{}' has it, not '{}'", key,
                                         names[0], to_string(kind))
                           : fmt::format("key '{}': only the policies '{}' have it, not '{}'", key,
                                         fmt::join(names, "', '"), to_string(kind)));
  }
}

void read_backoff(const Mapping& map, PolicySpec& out) {
  map.take("backoff_base", yaml::duration(), out.backoff_base);
  map.take("backoff_factor", yaml::number(1, 100), out.backoff_factor);
  map.take("backoff_cap", yaml::duration(), out.backoff_cap);
  map.take("jitter", yaml::number(0, 1), out.jitter);
  map.take("stable_after", yaml::duration(yaml::Zero::allowed), out.stable_after);
  map.take("honours_retry_after", yaml::boolean(), out.honours_retry_after);
  map.take("fallback_after", scenario_forms::failures(), out.fallback_after);
  map.take("fallback_for", yaml::duration(yaml::Zero::allowed), out.fallback_for);
  bool resets = false;
  map.take("backoff_reset_on_open", yaml::boolean(), resets);
  if (resets) out.defects.add(Defect::backoff_reset_on_open);
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

void read_limits(const Mapping& map, ClientLimits& out) {
  map.take("line_max", scenario_forms::client_bytes(1024), out.line_bytes_max);
  map.take("event_max", scenario_forms::client_bytes(1024), out.event_bytes_max);
  map.take("error_body_max", scenario_forms::client_bytes(1), out.error_body_bytes_max);
  map.take("head_max", scenario_forms::client_bytes(1024), out.head_bytes_max);
  map.take("head_fields_max", yaml::as<std::uint32_t>(yaml::whole(1, 100'000)),
           out.head_fields_max);
  map.take("redirects", yaml::as<std::uint32_t>(yaml::whole(0, 1000)), out.redirects_max);
}

}  // namespace

void read_policy(Reading& reading, const Node& node, PolicySpec& out) {
  const auto kind = yaml::one_of<PolicyKind>(scenario_words::policy_kind);
  if (node.kind == yaml::Kind::scalar) {
    if (const auto value = kind.parse(node.text)) {
      out = policy_defaults(*value);
      return;
    }
    return reading.fail_value("policy", node, kind.expected + ", or a mapping with the key 'kind'");
  }
  const Mapping map{reading,
                    node,
                    "policy",
                    "policy",
                    {"kind",
                     "reconnect",
                     "backoff_base",
                     "backoff_factor",
                     "backoff_cap",
                     "jitter",
                     "stable_after",
                     "header_timeout",
                     "liveness",
                     "fallback_after",
                     "fallback_for",
                     "honours_retry_after",
                     "backoff_reset_on_open",
                     "constants",
                     "downlink",
                     "probe_after",
                     "line_max",
                     "event_max",
                     "error_body_max",
                     "head_max",
                     "head_fields_max",
                     "redirects",
                     "poll_pause",
                     "poll_think"}};
  PolicyKind chosen = out.kind;
  map.need("kind", kind, chosen);
  out = policy_defaults(chosen);
  check_users(map, chosen);
  map.take("reconnect", yaml::duration(yaml::Zero::allowed), out.reconnect);
  map.take("header_timeout", yaml::duration(), out.header_timeout);
  map.take("liveness", yaml::duration(), out.liveness);
  map.take("downlink", yaml::one_of<Downlink>(scenario_words::downlink), out.downlink);
  map.take("poll_pause", yaml::duration(yaml::Zero::allowed), out.poll_pause);
  map.take("poll_think", yaml::duration(yaml::Zero::allowed), out.poll_think);
  map.take("probe_after", yaml::duration(yaml::Zero::allowed), out.probe_after);
  map.take("constants", yaml::one_of<bool>(scenario_words::constants), out.from_contract);
  read_backoff(map, out);
  read_limits(map, out.limits);
}

}  // namespace streamgauge::scenario_reading

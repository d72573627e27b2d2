#include <fmt/format.h>

#include <array>

#include "harness/core/fault/fault.hpp"
#include "harness/core/scenario/proxy_spec.hpp"
#include "harness/core/scenario/spawn_reading.hpp"

namespace streamgauge {
namespace {

using yaml::Mapping;
using yaml::Node;
using yaml::Reading;
using namespace spawn_reading;

constexpr std::array<std::string_view, 10> when_proxying{
    "port",  "admin_port", "upstream_host", "upstream_port", "dir",
    "build", "prefix",     "user",          "group",         "time_scale"};

void read_known(Reading& reading, const Node& node, ProxyKnowledge& out) {
  const Mapping map{reading, node, "known", "known", {"idle_cut", "idle_cut_default", "fails"}};
  if (const Node* cut = map.get("idle_cut"); cut != nullptr && cut->text != "none") {
    map.take("idle_cut", yaml::duration(yaml::Zero::refused, std::chrono::hours{24}), out.idle_cut);
  }
  map.take("idle_cut_default", yaml::line("one line of text"), out.idle_cut_default);
  for (auto& [id, reason] :
       text_map(map, "fails", yaml::line("the reason, one line of text"), is_check_id,
                "a check's id such as buffering.events-prompt", Names{})) {
    out.fails.emplace(std::move(id), std::move(reason));
  }
}

void read_proxy(Reading& reading, const Node& node, ProxySpec& out) {
  const Mapping map{
      reading, node, "a proxy", "", {"proxy", "description", "spawn", "chaos", "known"}};
  map.need("proxy", yaml::name("a name"), out.name);
  map.take("description", yaml::text(), out.description);
  const Node* spawn = map.get("spawn");
  const Node* chaos = map.get("chaos");
  if (reading.ok() && (spawn == nullptr) == (chaos == nullptr)) {
    return reading.fail(node.mark,
                        "a proxy has exactly one of the keys spawn (a program) and chaos (faults "
                        "of the built-in proxy)");
  }
  if (spawn != nullptr) {
    read_spawn(reading, *spawn, {when_proxying, false, true}, out.spawn.emplace());
  }
  if (chaos != nullptr) {
    for (const fault::FaultSpec& spec : fault::read_faults(reading, "chaos", *chaos)) {
      out.faults.push_back(fault::to_string(spec));
    }
  }
  if (const Node* known = map.get("known")) read_known(reading, *known, out.known);
}

}  // namespace

Result<ProxySpec> load_proxy(std::string_view yaml, std::string file) {
  const auto root = yaml::parse(yaml, file);
  if (!root) return root.error();
  Reading reading{file};
  ProxySpec proxy;
  proxy.file = std::move(file);
  read_proxy(reading, **root, proxy);
  if (!reading.ok()) return *reading.error();
  return proxy;
}

std::vector<std::string> split_path(std::string_view text) {
  std::vector<std::string> parts;
  while (true) {
    const auto comma = text.find(',');
    parts.emplace_back(text.substr(0, comma));
    if (comma == std::string_view::npos) return parts;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace streamgauge

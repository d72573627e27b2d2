#include "harness/core/scenario/target_spec.hpp"

#include <algorithm>

#include "harness/core/scenario/placeholders.hpp"
#include "harness/core/scenario/words.hpp"

namespace streamgauge {

std::string_view to_string(Capability capability) {
  return scenario_words::word(scenario_words::capability, capability);
}

namespace {

bool subscribes_with(const TargetSpec& target, std::string_view placeholder) {
  return mentions(target.events_path, placeholder) ||
         std::any_of(target.events_headers.begin(), target.events_headers.end(),
                     [&](const auto& header) { return mentions(header.second, placeholder); });
}

}  // namespace

bool has(const TargetSpec& target, Capability capability) {
  switch (capability) {
    case Capability::publish:
      return target.publish.has_value();
    case Capability::local_process:
      return target.spawn.has_value();
    case Capability::generate:
      return target.generate.has_value();
    case Capability::drain:
      return target.spawn.has_value() || target.commands.contains("drain");
    case Capability::revoke:
    case Capability::close:
    case Capability::finish:
      return target.commands.contains(std::string(to_string(capability)));
    case Capability::long_poll:
      return !target.poll_path.empty();
    case Capability::websocket:
      return !target.websocket_path.empty();
    case Capability::identity:
      return subscribes_with(target, "id");
    case Capability::users:
      return subscribes_with(target, "user");
    case Capability::auth:
      return subscribes_with(target, "token");
    case Capability::channels:
    case Capability::resume:
    case Capability::critical:
    case Capability::event_type:
    case Capability::shared_ids:
      break;
  }
  return std::find(target.capabilities.begin(), target.capabilities.end(), capability) !=
         target.capabilities.end();
}

std::string expand(std::string_view text, const std::map<std::string, std::string>& values) {
  std::string out;
  while (!text.empty()) {
    const std::size_t open = text.find('{');
    out.append(text.substr(0, open));
    if (open == std::string_view::npos) break;
    text.remove_prefix(open);
    const std::size_t close = text.find('}');
    const auto value = close == std::string_view::npos
                           ? values.end()
                           : values.find(std::string{text.substr(1, close - 1)});
    if (value == values.end()) {
      // Only the brace: a placeholder may begin before the '}' that was found, as in "{ {port}".
      out += '{';
      text.remove_prefix(1);
    } else {
      out += value->second;
      text.remove_prefix(close + 1);
    }
  }
  return out;
}

}  // namespace streamgauge

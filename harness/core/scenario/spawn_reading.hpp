// What the readers of target files and proxy files share: texts with {placeholders}, mappings whose
// names are the author's own, and the section `spawn`. See load.hpp for the whole.
#pragma once

#include <string>
#include <string_view>

#include "harness/core/contract/yaml.hpp"
#include "harness/core/scenario/target_spec.hpp"
#include "harness/core/scenario/text_map.hpp"

namespace streamgauge::spawn_reading {

using placeholders::check_placeholders;
using placeholders::is_token;
using placeholders::Names;
using placeholders::text_map;

/// A text with placeholders.
template <class T>
void take_text(const yaml::Mapping& map, std::string_view key, const yaml::Form<T>& form,
               Names known, std::string& out) {
  const yaml::Node* node = map.get(key);
  if (node == nullptr) return;
  map.take(key, form, out);
  check_placeholders(map.reading(), key, *node, out, known);
}

[[nodiscard]] bool is_check_id(std::string_view id);
[[nodiscard]] yaml::Form<std::string> path_form();

/// Who starts what: their placeholders and the keys that only proxies have.
struct SpawnReader {
  Names known;
  bool takes_flaws = false;  // {flaw_args}
  bool proxy = false;        // keys `reload_signal` and `version_args`
};
void read_spawn(yaml::Reading& reading, const yaml::Node& node, const SpawnReader& reader,
                SpawnSpec& out);

}  // namespace streamgauge::spawn_reading

#include "harness/core/scenario/spawn_reading.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>
#include <vector>

#include "harness/core/base/nearest.hpp"
#include "harness/core/contract/words.hpp"
#include "harness/core/scenario/placeholders.hpp"

namespace streamgauge::spawn_reading {

using yaml::Mapping;
using yaml::Node;
using yaml::Reading;

namespace {

constexpr std::string_view flaw_args = "{flaw_args}";

constexpr contract_words::Words<int, 7> signals{{
    {15, "TERM"},
    {2, "INT"},
    {3, "QUIT"},
    {1, "HUP"},
    {9, "KILL"},
    {10, "USR1"},
    {12, "USR2"},
}};

bool is_variable(std::string_view name) {
  return !name.empty() && !(name[0] >= '0' && name[0] <= '9') &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '_';
         });
}

bool is_file_name(std::string_view name) {
  return is_token(name) && name != "." && name != "..";
}

void read_args(const Mapping& map, std::string_view key, const SpawnReader& reader,
               std::vector<std::string>& out) {
  const Node* node = map.get(key);
  if (node == nullptr) return;
  const auto form = yaml::text();
  for (const auto& item : yaml::items(map.reading(), key, *node, "a list of arguments")) {
    const auto text = item->kind == yaml::Kind::scalar ? form.parse(item->text) : std::nullopt;
    if (!text || text->find('\0') != std::string::npos) {
      map.reading().fail_value(key, *item, "an argument: text");
      return;
    }
    if (*text != flaw_args || !reader.takes_flaws) {
      if (reader.takes_flaws && text->find(flaw_args) != std::string::npos) {
        map.reading().fail(
            item->mark, "key 'args': {flaw_args} becomes several arguments: it must stand alone");
      }
      check_placeholders(map.reading(), key, *item, *text, reader.known);
    }
    out.push_back(*text);
  }
}

}  // namespace

bool is_check_id(std::string_view id) {
  const std::size_t dot = id.find('.');
  const auto part = [](std::string_view t) {
    return !t.empty() && std::all_of(t.begin(), t.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    });
  };
  return dot != std::string_view::npos && part(id.substr(0, dot)) && part(id.substr(dot + 1));
}

yaml::Form<std::string> path_form() {
  auto form = yaml::line("a path that begins with '/', without spaces");
  return {form.expected, [parse = form.parse](std::string_view t) -> std::optional<std::string> {
            if (!t.starts_with('/') || t.find(' ') != std::string_view::npos) return std::nullopt;
            return parse(t);
          }};
}

void read_spawn(Reading& reading, const Node& node, const SpawnReader& reader, SpawnSpec& out) {
  std::vector<std::string_view> keys{"program",     "args",       "files",        "environment",
                                     "packages",    "ready_path", "ready_within", "stop_signal",
                                     "stop_within", "user"};
  if (reader.proxy) keys.insert(keys.end(), {"reload_signal", "version_args"});
  const Mapping map{reading, node, "spawn", "spawn", keys};
  const auto program = yaml::line("a program's name or path");
  map.require("program", program.expected);
  take_text(map, "program", program, reader.known, out.program);
  read_args(map, "args", reader, out.args);
  for (auto& [name, text] : text_map(map, "files", yaml::text(), is_file_name,
                                     "a file name without folders", reader.known)) {
    out.files.emplace(std::move(name), std::move(text));
  }
  for (auto& [name, text] :
       text_map(map, "environment", yaml::text(), is_variable, "a variable's name", reader.known)) {
    out.environment.emplace(std::move(name), std::move(text));
  }
  map.take_list("packages", yaml::line("a Debian package's name, or a list of them"), out.packages);
  take_text(map, "ready_path", path_form(), Names{}, out.ready_path);
  const Duration at_most = std::chrono::minutes{10};
  map.take("ready_within", yaml::duration(yaml::Zero::refused, at_most), out.ready_within);
  map.take("stop_signal", yaml::one_of<int>(signals), out.stop_signal);
  map.take("stop_within", yaml::duration(yaml::Zero::refused, at_most), out.stop_within);
  map.take("user", yaml::name("a user's name"), out.user);
  if (!reader.proxy) return;
  map.take("reload_signal", yaml::one_of<int>(signals), out.reload_signal);
  read_args(map, "version_args", SpawnReader{}, out.version_args);
}

}  // namespace streamgauge::spawn_reading

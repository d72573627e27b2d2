#include "harness/run/saved_metadata.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <cmath>
#include <limits>

namespace streamgauge::run {

namespace {

namespace json = boost::json;

constexpr std::string_view format = "streamgauge-run/1";

/// One list of the members for both directions, so that none is written and not read.
template <class Metadata, class Visit>
void each_member(Metadata& m, Visit&& visit) {
  visit("target", m.target);
  visit("target_file", m.target_file);
  visit("target_text", m.target_text);
  visit("contract_text", m.contract_text);
  visit("time_scale", m.time_scale);
  visit("flaws", m.flaws);
  visit("client_flaws", m.client_flaws);
  visit("path_flaw", m.path_flaw);
  visit("run_started_ns", m.run_started_ns);
  visit("index", m.index);
  visit("repeats", m.repeats);
  visit("scenario_file", m.scenario_file);
  visit("scenario_text", m.scenario_text);
  visit("settings", m.settings);
  visit("checks", m.checks);
  visit("path", m.path);
  visit("path_texts", m.path_texts);
  visit("seed", m.seed);
  visit("run", m.run);
  visit("streams", m.streams);
  visit("started_ns", m.started_ns);
  visit("ended_ns", m.ended_ns);
  visit("opened", m.opened);
  visit("generator_saturated", m.generator_saturated);
  visit("starved", m.starved);
  visit("starved_when_ns", m.starved_when_ns);
  visit("bytes_received", m.bytes_received);
  visit("notes", m.notes);
  visit("parts", m.parts);
}

bool take(const json::value& from, std::string& out) {
  if (!from.is_string()) return false;
  out = from.get_string();
  return true;
}

bool take(const json::value& from, bool& out) {
  if (!from.is_bool()) return false;
  out = from.get_bool();
  return true;
}

bool take(const json::value& from, double& out) {
  boost::system::error_code failed;
  out = from.to_number<double>(failed);
  return !failed && std::isfinite(out);
}

template <class Integer>
requires std::is_integral_v<Integer>
bool take(const json::value& from, Integer& out) {
  if (from.is_double()) return false;
  boost::system::error_code failed;
  out = from.to_number<Integer>(failed);
  return !failed;
}

template <class T>
bool take(const json::value& from, std::vector<T>& out) {
  if (!from.is_array()) return false;
  for (const json::value& item : from.get_array()) {
    T value{};
    if (!take(item, value)) return false;
    out.push_back(std::move(value));
  }
  return true;
}

}  // namespace

std::string write_metadata(const SavedMetadata& metadata) {
  json::object out{{"format", format}};
  each_member(metadata,
              [&](std::string_view key, const auto& value) { out[key] = json::value_from(value); });
  return json::serialize(out);
}

Result<SavedMetadata> read_metadata(std::string_view text) {
  boost::system::error_code failed;
  const json::value parsed = json::parse(text, failed);
  const json::object* object = failed ? nullptr : parsed.if_object();
  const json::value* kind = object ? object->if_contains("format") : nullptr;
  if (kind == nullptr || *kind != json::value(format)) {
    return usage_error(
        fmt::format("its metadata is not that of a run ('{}'): it was not written by --record of "
                    "this version",
                    format));
  }
  SavedMetadata metadata;
  std::string wrong;
  each_member(metadata, [&](std::string_view key, auto& value) {
    const json::value* member = object->if_contains(key);
    if (wrong.empty() && (member == nullptr || !take(*member, value))) wrong = key;
  });
  if (!wrong.empty()) {
    return usage_error(
        fmt::format("its metadata lacks '{}', or it is not what it should be", wrong));
  }
  return metadata;
}

}  // namespace streamgauge::run

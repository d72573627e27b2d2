#include <fmt/format.h>
#include <fmt/ranges.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <optional>

#include "harness/core/base/nearest.hpp"
#include "harness/core/compare/sample.hpp"
#include "harness/core/latency/base64.hpp"

namespace streamgauge::compare {
namespace {

namespace json = boost::json;

constexpr std::string_view schema = "streamgauge/1";

/// A member, or null: files may be of another version, or anybody's.
const json::value* member(const json::value* of, std::string_view key) {
  const json::object* object = of != nullptr ? of->if_object() : nullptr;
  return object != nullptr ? object->if_contains(key) : nullptr;
}

std::string text(const json::value* value) {
  const json::string* string = value != nullptr ? value->if_string() : nullptr;
  return string != nullptr ? std::string(string->begin(), string->end()) : std::string();
}

bool flag(const json::value* value) {
  return value != nullptr && value->is_bool() && value->get_bool();
}

/// Nothing for null, for negative numbers and for what is no whole number.
std::optional<std::uint64_t> whole(const json::value* value) {
  if (value == nullptr) return std::nullopt;
  if (const auto* number = value->if_uint64()) return *number;
  if (const auto* number = value->if_int64(); number != nullptr && *number >= 0) {
    return static_cast<std::uint64_t>(*number);
  }
  return std::nullopt;
}

std::vector<std::string> texts(const json::value* value) {
  std::vector<std::string> all;
  const json::array* array = value != nullptr ? value->if_array() : nullptr;
  if (array == nullptr) return all;
  for (const json::value& one : *array) all.push_back(text(&one));
  return all;
}

Error about(const std::string& file, std::string_view what) {
  return usage_error(fmt::format("{}: {}", file, what));
}

Result<latency::Histogram> delivery_of(const json::value* scenario, const std::string& file) {
  const json::value* hdr = member(member(member(scenario, "histograms"), "delivery"), "hdr");
  if (hdr == nullptr) return about(file, "it holds no histogram of delivery");
  const auto bytes = latency::base64_decode(text(hdr));
  if (!bytes) return about(file, "its histogram of delivery is not base64");
  auto histogram = latency::decode(*bytes);
  if (!histogram) {
    return about(file, "its histogram of delivery cannot be read: " + histogram.error().message);
  }
  if (!(histogram->config() == latency::HistogramConfig{})) {
    return about(file,
                 "its histogram of delivery has another layout than ours: it cannot be merged");
  }
  return histogram;
}

bool delivered(const json::value& scenario) {
  const auto count = whole(member(member(member(&scenario, "histograms"), "delivery"), "count"));
  return count.value_or(0) > 0;
}

Result<const json::value*> chosen(const json::value& result, const std::string& file,
                                  const std::string& wanted) {
  const json::value* list = member(&result, "scenarios");
  const json::array* scenarios = list != nullptr ? list->if_array() : nullptr;
  if (scenarios == nullptr) return about(file, "it holds no scenarios");
  std::vector<std::string> names;
  const json::value* found = nullptr;
  for (const json::value& scenario : *scenarios) {
    const std::string name = text(member(&scenario, "scenario"));
    if (wanted.empty() ? !delivered(scenario) : name != wanted) {
      if (!wanted.empty()) names.push_back(name);
      continue;
    }
    found = &scenario;
    if (!wanted.empty()) return found;
    names.push_back(name);
  }
  if (wanted.empty() && names.size() == 1) return found;
  if (wanted.empty() && names.empty()) {
    return about(file, "no scenario of it delivered events: there is nothing to compare");
  }
  if (wanted.empty()) {
    return about(file, fmt::format("several scenarios delivered events: say which with --scenario; "
                                   "there are: {}",
                                   fmt::join(names, ", ")));
  }
  return about(file, fmt::format("no scenario '{}' in it{}; there are: {}", wanted,
                                 did_you_mean(wanted, names), fmt::join(names, ", ")));
}

/// As sample_of() for a run that has just been played.
void exclude(const json::value& result, const json::value* scenario, StoredRun& run) {
  const json::value* noise = member(scenario, "noise");
  std::string& excluded = run.sample.excluded;
  ScenarioResult like;
  like.histograms["delivery"] = run.sample.figures.delivery;
  like.noise.generator_saturated = flag(member(noise, "generator_saturated"));
  like.noise.target_starved = flag(member(noise, "target_starved"));
  const json::value* checks = member(&result, "checks");
  if (const json::array* all = checks != nullptr ? checks->if_array() : nullptr) {
    for (const json::value& one : *all) {
      if (text(member(&one, "scenario")) != run.scenario) continue;
      CheckResult check;
      check.id = text(member(&one, "id"));
      check.finding.measured = text(member(&one, "measured"));
      const bool fails = text(member(&one, "verdict")) == to_string(Verdict::fail);
      check.finding.verdict = fails ? Verdict::fail : Verdict::pass;
      like.checks.push_back(std::move(check));
    }
  }
  excluded = sample_of(like).excluded;
  if (flag(member(&result, "interrupted"))) excluded = "the run was interrupted";
  const json::value* errors = member(&result, "errors");
  if (errors != nullptr && errors->is_array() && !errors->get_array().empty()) {
    excluded = text(member(&errors->get_array().front(), "message"));
  }
}

std::string machine_of(const json::value* environment) {
  return fmt::format("{} x {} ({})", whole(member(environment, "cores")).value_or(0),
                     text(member(environment, "cpu_model")), text(member(environment, "hostname")));
}

}  // namespace

Result<StoredRun> read_stored_run(std::string_view bytes, const std::string& file,
                                  const std::string& scenario) {
  boost::system::error_code broken;
  const json::value result = json::parse({bytes.data(), bytes.size()}, broken);
  if (broken) return about(file, "it is not JSON: " + broken.message());
  if (text(member(&result, "schema")) != schema) {
    return about(file, fmt::format("it is no result of a run (schema {})", schema));
  }
  const auto found = chosen(result, file, scenario);
  if (!found) return found.error();
  auto delivery = delivery_of(*found, file);
  if (!delivery) return delivery.error();
  StoredRun run;
  run.target = text(member(&result, "target"));
  run.target_description = text(member(&result, "target_description"));
  run.path = texts(member(&result, "path"));
  run.settings = texts(member(&result, "settings"));
  run.scenario = text(member(*found, "scenario"));
  run.script = text(member(*found, "script"));
  const json::value* scale = member(&result, "time_scale");
  if (scale != nullptr && scale->is_number()) run.time_scale = scale->to_number<double>();
  const json::value* environment = member(&result, "environment");
  run.machine = machine_of(environment);
  run.streamgauge_version = text(member(environment, "streamgauge_version"));
  Figures& figures = run.sample.figures;
  figures.delivery = std::move(*delivery);
  const json::value* load = member(*found, "load");
  figures.events = whole(member(load, "events_received")).value_or(0);
  figures.streams = whole(member(load, "streams")).value_or(0);
  const json::value* target = member(member(*found, "resources"), "target");
  figures.cpu_ns = whole(member(target, "load_cpu_ns"));
  figures.rss_peak_bytes = whole(member(target, "rss_peak_bytes"));
  exclude(result, *found, run);
  return run;
}

}  // namespace streamgauge::compare

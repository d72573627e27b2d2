#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstdio>
#include <memory>

#include "harness/cli/commands.hpp"
#include "harness/core/check/check.hpp"
#include "harness/core/client_case/case.hpp"
#include "harness/core/fault/fault.hpp"
#include "harness/run/flaws.hpp"

namespace streamgauge::cli {

namespace json = boost::json;

namespace {

struct ListArguments {
  std::string what;
  bool as_json = false;
};

/// A row of any list: an id, a sentence, and whatever else --json shows.
struct Row {
  std::string id;
  std::string text;
  json::object details;
};
using Rows = std::vector<Row>;

Result<Rows> list_checks(const Context&) {
  Rows rows;
  for (const CheckSpec& spec : all_checks()) {
    json::array needs;
    for (const Capability capability : spec.needs) needs.emplace_back(to_string(capability));
    rows.push_back({std::string(spec.id),
                    std::string(spec.requirement),
                    {{"family", spec.family()},
                     {"level", to_string(spec.level)},
                     {"requirement", spec.requirement},
                     {"source", spec.source},
                     {"needs", std::move(needs)},
                     {"timing", spec.timing}}});
  }
  return rows;
}

/// Descriptions of the files in a folder; a file with an error is listed with it.
template <class Load>
Rows list_files(const Context& context, std::string_view folder, Load load) {
  Rows rows;
  for (const std::string& name : run::names_in(context.home, folder)) {
    const auto loaded = load(context.home, name);
    const std::string text = loaded ? loaded->description : loaded.error().message;
    rows.push_back({name, text, {{"description", text}}});
  }
  return rows;
}

/// With the checks that each judges, and whether it belongs to the gate.
Result<Rows> list_scenarios(const Context& context) {
  Rows rows = list_files(context, "", run::scenario_named);
  const auto& gate = run::gate_scenarios();
  for (Row& row : rows) {
    const auto scenario = run::scenario_named(context.home, row.id);
    if (!scenario) continue;
    const auto checks = run::expand_checks(scenario->checks);
    if (checks) row.details["checks"] = json::value_from(*checks);
    row.details["gate"] = std::find(gate.begin(), gate.end(), row.id) != gate.end();
    row.details["alone"] = scenario->alone;
  }
  return rows;
}

Result<Rows> list_contracts(const Context& context) {
  return list_files(context, "contracts", run::contract_named);
}
Result<Rows> list_targets(const Context& context) {
  return list_files(context, "targets", [](const run::Home& home, const std::string& name) {
    return run::target_named(home, name);
  });
}

Result<Rows> list_proxies(const Context& context) {
  Rows rows = list_files(context, "proxies", [](const run::Home& home, const std::string& name) {
    return run::proxy_named(home, name);
  });
  for (Row& row : rows) {
    const auto proxy = run::proxy_named(context.home, row.id);
    if (!proxy) continue;
    if (proxy->spawn) {
      row.details["program"] = proxy->spawn->program;
      row.details["packages"] = json::value_from(proxy->spawn->packages);
    } else {
      row.details["faults"] = json::value_from(proxy->faults);
    }
    const ProxyKnowledge& known = proxy->known;
    row.details["idle_cut_s"] =
        known.idle_cut ? json::value(to_seconds(*known.idle_cut)) : json::value(nullptr);
    row.details["idle_cut_default"] = known.idle_cut_default;
    row.details["known_to_fail"] = json::value_from(known.fails);
  }
  return rows;
}

std::string_view side_name(run::Side side) {
  switch (side) {
    case run::Side::server:
      return "server";
    case run::Side::client:
      return "client";
    case run::Side::path:
      return "path";
  }
  return "?";
}

Result<Rows> list_flaws(const Context& context) {
  const auto flaws = run::all_flaws(context.home);
  if (!flaws) return flaws.error();
  Rows rows;
  for (const run::Flaw& flaw : *flaws) {
    rows.push_back({flaw.id,
                    flaw.description,
                    {{"description", flaw.description},
                     {"source", flaw.source},
                     {"expected", json::value_from(flaw.expected)},
                     {"related", json::value_from(flaw.related)},
                     {"side", side_name(flaw.side)}}});
  }
  return rows;
}

Result<Rows> list_faults(const Context&) {
  Rows rows;
  for (const fault::FaultType& type : fault::all_faults()) {
    json::array parameters;
    std::string keys;
    for (const fault::Parameter& parameter : type.parameters) {
      parameters.push_back({{"name", parameter.name},
                            {"meaning", parameter.meaning},
                            {"default", parameter.fallback},
                            {"required", parameter.required}});
      keys += fmt::format("{}{}", keys.empty() ? "" : ", ", parameter.name);
    }
    rows.push_back({std::string(type.name),
                    keys.empty() ? std::string(type.meaning)
                                 : fmt::format("{} ({})", type.meaning, keys),
                    {{"meaning", type.meaning}, {"parameters", std::move(parameters)}}});
  }
  return rows;
}

Result<Rows> list_policies(const Context&) {
  return Rows{{"none", "never reconnects", {}},
              {"browser",
               "EventSource as WHATWG HTML 9.2 says: fixed reconnection time, `retry`, "
               "stops on a status or type that is not a stream's",
               {}},
              {"agent",
               "exponential backoff with jitter, reset only after a stable time; stops on "
               "401, 403, 404; honours Retry-After",
               {}},
              {"hybrid",
               "a stream first, alive from the attempt on; after three that do not get through "
               "it long-polls for a time, then tries the stream again",
               {}},
              {"fetch",
               "a page that reads its stream itself: 401 and 403 stop it until its token changes, "
               "404 is asked again after minutes, hidden it holds no connection",
               {}},
              {"naive", "a fixed delay, no deadline, no ear for Retry-After", {}}};
}

Result<Rows> list_client_cases(const Context&) {
  Rows rows;
  for (const client_case::Case& item : client_case::all_cases()) {
    json::array needs;
    for (const auto need : item.needs) needs.emplace_back(client_case::to_string(need));
    rows.push_back({item.id,
                    item.requirement,
                    {{"section", item.section()},
                     {"level", to_string(item.level)},
                     {"requirement", item.requirement},
                     {"source", item.source},
                     {"revision", client_case::spec_revision},
                     {"needs", std::move(needs)},
                     {"types", json::value_from(item.order.types)},
                     {"timing", item.judged_by_time}}});
  }
  return rows;
}

struct List {
  std::string_view what;
  Result<Rows> (*make)(const Context&);
};

constexpr List lists[] = {{"checks", list_checks},       {"scenarios", list_scenarios},
                          {"contracts", list_contracts}, {"flaws", list_flaws},
                          {"faults", list_faults},       {"targets", list_targets},
                          {"policies", list_policies},   {"proxies", list_proxies},
                          {"client-cases", list_client_cases}};

void print(const Rows& rows, bool as_json) {
  if (as_json) {
    json::array array;
    for (const Row& row : rows) {
      json::object object{{"id", row.id}};
      for (const auto& detail : row.details) object[detail.key()] = detail.value();
      array.push_back(std::move(object));
    }
    fmt::print("{}\n", json::serialize(array));
    return;
  }
  std::size_t width = 0;
  for (const Row& row : rows) width = std::max(width, row.id.size());
  for (const Row& row : rows) {
    // Descriptions from YAML may end in a line break and hold some.
    std::string text = row.text;
    while (!text.empty() && text.back() == '\n') text.pop_back();
    for (char& c : text) c = c == '\n' ? ' ' : c;
    fmt::print("{:<{}}  {}\n", row.id, width, text);
  }
}

ExitCode list(const Context& context, const ListArguments& arguments) {
  for (const List& candidate : lists) {
    if (candidate.what != arguments.what) continue;
    const auto rows = candidate.make(context);
    if (!rows) {
      fmt::print(stderr, "streamgauge: {}\n", rows.error().message);
      return rows.error().exit_code;
    }
    print(*rows, arguments.as_json);
    return ExitCode::pass;
  }
  return ExitCode::usage;  // not reached: the command line accepts only the names of `lists`
}

}  // namespace

void add_list(CLI::App& app, Chosen& chosen) {
  auto* command = app.add_subcommand("list", "Lists what there is");
  auto arguments = std::make_shared<ListArguments>();
  std::vector<std::string> names;
  for (const List& candidate : lists) names.emplace_back(candidate.what);
  command->add_option("what", arguments->what, "What to list")
      ->required()
      ->check(CLI::IsMember(names));
  command->add_flag("--json", arguments->as_json, "As a JSON array");
  command->callback([&chosen, arguments] {
    chosen = [arguments](const Context& context) { return list(context, *arguments); };
  });
}

}  // namespace streamgauge::cli

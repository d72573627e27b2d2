#include "harness/run/flaws.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "harness/net/process.hpp"
#include "harness/run/client_flaws.hpp"
#include "harness/run/path_flaws.hpp"

namespace streamgauge::run {

namespace json = boost::json;

namespace {

std::vector<std::string> strings(const json::value& list) {
  std::vector<std::string> result;
  for (const json::value& item : list.as_array()) result.emplace_back(item.as_string());
  return result;
}

}  // namespace

Result<std::vector<Flaw>> reference_flaws(const Home& home) {
  net::ProcessSpec spec;
  spec.program = home.build_dir + "/sse-reference-server";
  spec.args = {"--list-flaws", "--json"};
  auto process = net::Process::start(spec);
  if (!process) return process.error();
  constexpr int no_signal = 0;  // it ends by itself
  static_cast<void>(process->stop(no_signal, std::chrono::seconds{10}));
  boost::system::error_code failed;
  const json::value parsed = json::parse(process->output_tail(), failed);
  if (failed || !parsed.is_array()) {
    return target_error(fmt::format("{} --list-flaws answered no JSON list", spec.program));
  }
  std::vector<Flaw> flaws;
  for (const json::value& item : parsed.get_array()) {
    const json::object& flaw = item.as_object();
    flaws.push_back({std::string(flaw.at("id").as_string()),
                     std::string(flaw.at("description").as_string()),
                     std::string(flaw.at("source").as_string()), strings(flaw.at("expected")),
                     strings(flaw.at("related")), Side::server});
  }
  return flaws;
}

Result<std::vector<Flaw>> all_flaws(const Home& home) {
  auto flaws = reference_flaws(home);
  if (!flaws) return flaws;
  for (const ClientFlaw& flaw : client_flaws()) {
    flaws->push_back({std::string(flaw.id),
                      std::string(flaw.description),
                      std::string(flaw.source),
                      {flaw.expected.begin(), flaw.expected.end()},
                      {flaw.related.begin(), flaw.related.end()},
                      Side::client});
  }
  for (const PathFlaw& flaw : path_flaws()) {
    flaws->push_back({std::string(flaw.id),
                      std::string(flaw.description),
                      std::string(flaw.source),
                      {flaw.expected.begin(), flaw.expected.end()},
                      {flaw.related.begin(), flaw.related.end()},
                      Side::path,
                      std::string(flaw.scenario)});
  }
  return flaws;
}

}  // namespace streamgauge::run

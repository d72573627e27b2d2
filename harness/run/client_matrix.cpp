#include "harness/run/client_matrix.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <csignal>
#include <thread>

#include "harness/core/base/nearest.hpp"
#include "harness/net/clock.hpp"
#include "harness/net/process.hpp"
#include "harness/run/outcome.hpp"

namespace streamgauge::run {

namespace {

constexpr Duration service_starts_within = std::chrono::seconds{40};
constexpr Duration installs_within = std::chrono::minutes{3};
constexpr int npm_skips_with = 77;  // of tests/interop/npm-ci: the registry cannot be reached

std::string client_folder(const Home& home, const KnownClient& client) {
  return fmt::format("{}/tests/interop/clients/{}", home.root, client.name);
}

net::ProcessSpec client_shell(const std::string& folder, const std::string& command) {
  net::ProcessSpec spec;
  spec.program = "sh";
  spec.args = {"-c", command};
  spec.directory = folder;
  return spec;
}

struct RanCommand {
  int code = -1;
  std::string said;
};

RanCommand run_to_end(const std::string& folder, const std::string& command, Duration within) {
  auto process = net::Process::start(client_shell(folder, command));
  if (!process) return {-1, process.error().message};
  const Instant deadline = net::now() + within;
  while (!process->ended() && net::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
  const auto code = process->exit_code();
  process->kill_tree();
  return {code.value_or(-1), process->output_tail()};
}

std::string first_line_of(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

/// Empty when the client is ready to be run; otherwise why it is not.
std::string why_unavailable(const Home& home, const KnownClient& client) {
  if (client.package.empty()) return {};
  const std::string folder = client_folder(home, client);
  const RanCommand ran = run_to_end(folder, "exec ../../npm-ci .", installs_within);
  if (ran.code == 0) return {};
  return ran.code == npm_skips_with ? "the npm registry cannot be reached"
                                    : "npm ci failed: " + first_line_of(ran.said);
}

std::string client_version(const Home& home, const KnownClient& client) {
  const std::string folder = client_folder(home, client);
  if (client.package.empty()) {
    return first_line_of(
        run_to_end(folder, std::string(client.version), std::chrono::seconds{10}).said);
  }
  const auto text =
      read_file(fmt::format("{}/node_modules/{}/package.json", folder, client.package));
  if (!text) return {};
  boost::system::error_code broken;
  const auto package = boost::json::parse(*text, broken);
  const auto* version =
      broken || !package.is_object() ? nullptr : package.get_object().if_contains("version");
  return version != nullptr && version->is_string() ? std::string(version->get_string())
                                                    : std::string{};
}

/// A service that has been started, and what it said.
struct StartedService {
  net::Process process;
  std::string url;
};
Result<StartedService> start_service(const Home& home, const KnownClient& client) {
  auto process = net::Process::start(
      client_shell(client_folder(home, client), "exec " + std::string(client.command)));
  if (!process) return process.error();
  const Instant deadline = net::now() + service_starts_within;
  constexpr std::string_view word = "listening on ";
  while (net::now() < deadline && !process->ended()) {
    const std::string said = process->output_tail();
    const auto at = said.find(word);
    const auto end = said.find('\n', at);
    if (at != std::string::npos && end != std::string::npos) {
      const std::size_t from = at + word.size();
      return StartedService{std::move(*process), said.substr(from, end - from)};
    }
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  }
  return target_error("its service did not start: " + first_line_of(process->output_tail()));
}

Result<RunResult> played_by(net::ClientUnderTest& under_test, const ClientMatrixOptions& options,
                            const ClientSuiteHooks& hooks) {
  auto result = run_client_suite(under_test, options.suite, hooks);
  if (!result) return result.error();
  return std::move(result->run);
}

Result<RunResult> play_client(const Home& home, const KnownClient& client,
                              const ClientMatrixOptions& options, const ClientSuiteHooks& hooks) {
  if (client.service) {
    auto started = start_service(home, client);
    if (!started) return started.error();
    const auto under_test = net::service_client(started->url, client.reconnection_time);
    if (!under_test) return under_test.error();
    auto run = played_by(**under_test, options, hooks);
    started->process.stop(SIGTERM, std::chrono::seconds{3});
    return run;
  }
  net::ExecOptions exec;
  exec.command = fmt::format("cd '{}' && exec {}", client_folder(home, client), client.command);
  for (const client_case::Capability can : client.can) exec.can.add(can);
  exec.reconnection_time = client.reconnection_time;
  const auto under_test = net::exec_client(std::move(exec));
  return played_by(*under_test, options, hooks);
}

Result<std::vector<const KnownClient*>> chosen_clients(const std::vector<std::string>& names) {
  std::vector<const KnownClient*> clients;
  std::vector<std::string_view> known;
  for (const KnownClient& client : known_clients()) {
    known.push_back(client.name);
    const bool named = std::find(names.begin(), names.end(), client.name) != names.end();
    if (names.empty() || named) clients.push_back(&client);
  }
  for (const std::string& name : names) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    return usage_error(fmt::format("no client is named '{}'{}", name, did_you_mean(name, known)));
  }
  return clients;
}

}  // namespace

const std::vector<KnownClient>& known_clients() {
  using enum client_case::Capability;
  using namespace std::chrono_literals;
  static const std::vector<KnownClient> table{
      {"eventsource-2",
       "npm eventsource, major 2",
       "node client.mjs {url}",
       false,
       "eventsource",
       "",
       {opens, errors, ids},
       1s},
      {"eventsource-3",
       "npm eventsource, major 3",
       "node client.mjs {url}",
       false,
       "eventsource",
       "",
       {opens, errors, ids},
       3s},
      {"eventsource-4",
       "npm eventsource, major 4",
       "node client.mjs {url}",
       false,
       "eventsource",
       "",
       {opens, errors, ids},
       3s},
      {"eventsource-client",
       "npm eventsource-client",
       "node client.mjs {url}",
       false,
       "eventsource-client",
       "",
       {opens, errors, ids, comments, headers, post, report, last_event_id},
       2s},
      {"fetch-event-source",
       "npm @microsoft/fetch-event-source",
       "node client.mjs {url}",
       false,
       "@microsoft/fetch-event-source",
       "",
       {opens, errors, ids, headers, post, report, last_event_id},
       1s},
      {"launchdarkly-eventsource",
       "npm launchdarkly-eventsource, configured as its owners do",
       "node client.mjs {url}",
       false,
       "launchdarkly-eventsource",
       "",
       {opens, errors, ids, headers, post, report, last_event_id, read_timeout, backoff, jitter},
       2s},
      {"undici",
       "npm undici: the EventSource of Node",
       "node client.mjs {url}",
       false,
       "undici",
       "",
       {opens, errors, ids},
       3s},
      {"node-fetch",
       "A loop of Node's fetch, split at blank lines",
       "node client.mjs {url}",
       false,
       "",
       "node --version",
       {opens, errors, ids},
       1s},
      {"curl", "curl in a shell's loop", "./client.sh {url}", false, "", "curl --version", {}, 1s},
      {"chromium",
       "Headless Chromium's EventSource",
       "node service.mjs",
       true,
       "",
       "node service.mjs --version",
       {},
       3s},
  };
  return table;
}

Result<ClientMatrixResult> client_matrix(const Home& home, const ClientMatrixOptions& options,
                                         const ClientSuiteHooks& hooks) {
  const auto clients = chosen_clients(options.clients);
  if (!clients) return clients.error();
  if (const auto cases = choose_cases(options.suite.cases); !cases) return cases.error();
  ClientMatrixResult result;
  Matrix& matrix = result.matrix;
  matrix.subject = "client";
  matrix.title = "Clients of event streams";
  matrix.columns = client_matrix_columns();
  matrix.environment = environment();
  matrix.started = net::now();
  matrix.notes.push_back("Cases by " + std::string(client_case::spec_revision) + ".");
  for (const KnownClient* client : *clients) {
    matrix.interrupted = hooks.interrupted != nullptr && hooks.interrupted->load();
    if (matrix.interrupted) break;
    MatrixRow row;
    row.id = client->name;
    row.description = client->description;
    row.skipped = why_unavailable(home, *client);
    if (row.skipped.empty()) {
      row.version = client_version(home, *client);
      auto run = play_client(home, *client, options, hooks);
      if (run && run->errors.empty()) {
        row.cells = client_matrix_cells(*run);
        result.runs.push_back(std::move(*run));
      } else {
        row.error = run ? run->errors.front().message : run.error().message;
      }
    }
    matrix.rows.push_back(std::move(row));
  }
  matrix.length = net::now() - matrix.started;
  return result;
}

}  // namespace streamgauge::run

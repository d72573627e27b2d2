// sse-reference-server: the reference server as a program. See README.md in this folder.
#include <fmt/format.h>
#include <pthread.h>
#include <signal.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "harness/core/contract/load.hpp"
#include "reference-server/net/server.hpp"

namespace {

using namespace streamgauge;
using namespace streamgauge::server;

struct Arguments {
  std::string contract_file;
  std::vector<std::string> assignments;
  std::vector<std::string> flaws;
  double time_scale = 1.0;
  std::string log_level = "warn";
  std::string drain_delay;
  std::optional<std::uint64_t> epoch;
  bool list_flaws = false;
  bool json = false;
  ServerOptions options;
};

void describe(CLI::App& app, Arguments& to) {
  app.add_option("--contract", to.contract_file,
                 "YAML file with the guarantees to keep; without it the built-in defaults");
  app.add_option("--set", to.assignments, "change one value of the contract: queue.events=64");
  app.add_option("--time-scale", to.time_scale, "multiply all durations that the server waits by")
      ->check(CLI::PositiveNumber);
  app.add_option("--address", to.options.address, "address of the service")->capture_default_str();
  app.add_option("--port", to.options.port, "port of the service, 0: any free one");
  app.add_option("--admin-port", to.options.admin_port, "port of /admin, always on 127.0.0.1");
  app.add_option("--threads", to.options.threads, "threads that serve")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  app.add_option("--send-buffer", to.options.send_buffer_bytes,
                 "bytes that the kernel may hold per stream, 0: as the system decides")
      ->capture_default_str();
  app.add_option("--allow-origin", to.options.allow_origin,
                 "Access-Control-Allow-Origin of /events");
  app.add_option("--tls-cert", to.options.tls_cert,
                 "a PEM file with the certificate (and its chain): the service speaks TLS");
  app.add_option("--tls-key", to.options.tls_key, "a PEM file with the certificate's key");
  app.add_option("--drain-delay", to.drain_delay,
                 "time between readiness going away and the first stream being closed; a fifth of "
                 "the grace when not given");
  app.add_option("--token", to.options.tokens,
                 "opens streams when the contract states auth (repeatable); without any, all may");
  app.add_option("--epoch", to.epoch,
                 "of event ids: instances of one epoch that are published the same agree on them");
  app.add_option("--flaw", to.flaws, "switch on a violation (repeatable); see --list-flaws");
  app.add_flag("--list-flaws", to.list_flaws, "print the flaws and end");
  app.add_flag("--json", to.json, "with --list-flaws: as JSON");
  app.add_option("--log-level", to.log_level, "trace, debug, info, warn, error or off")
      ->capture_default_str();
}

void print_flaws(bool json) {
  const auto array = [](const CheckIds& ids) {
    boost::json::array made;
    for (const std::string_view id : ids) made.emplace_back(id);
    return made;
  };
  boost::json::array all;
  for (const FlawSpec& flaw : all_flaws()) {
    if (json) {
      all.push_back(boost::json::object{{"id", flaw.id},
                                        {"description", flaw.description},
                                        {"source", flaw.source},
                                        {"expected", array(flaw.expected)},
                                        {"related", array(flaw.related)}});
    } else {
      fmt::print("{:28} {} ({}); caught by {}\n", flaw.id, flaw.description, flaw.source,
                 fmt::join(flaw.expected, ", "));
    }
  }
  if (json) fmt::print("{}\n", boost::json::serialize(all));
}

Result<Contract> read_contract(const Arguments& arguments) {
  Contract contract = default_contract();
  if (!arguments.contract_file.empty()) {
    std::ifstream file(arguments.contract_file, std::ios::binary);
    if (!file) {
      return usage_error(fmt::format("{}: cannot be read", arguments.contract_file));
    }
    const std::string yaml{std::istreambuf_iterator<char>(file), {}};
    auto loaded = load_contract(yaml, arguments.contract_file);
    if (!loaded) return loaded.error();
    contract = std::move(*loaded);
  }
  for (const std::string& assignment : arguments.assignments) {
    if (auto set = set_contract_value(contract, assignment); !set) return set.error();
  }
  return scaled(std::move(contract), arguments.time_scale);
}

Result<void> complete(Arguments& arguments) {
  auto contract = read_contract(arguments);
  if (!contract) return contract.error();
  arguments.options.contract = std::move(*contract);
  for (const std::string& id : arguments.flaws) {
    const FlawSpec* flaw = find_flaw(id);
    if (flaw == nullptr) {
      return usage_error(fmt::format("--flaw {}: there is no such flaw; see --list-flaws", id));
    }
    arguments.options.flaws.add(flaw->flaw);
  }
  if (!arguments.drain_delay.empty()) {
    const auto delay = parse_duration(arguments.drain_delay);
    if (!delay) {
      return usage_error(
          fmt::format("--drain-delay is \"{}\"; accepted: 0, 500ms, 15s", arguments.drain_delay));
    }
    arguments.options.drain_delay = *delay;
  }
  arguments.options.epoch = arguments.epoch;
  const auto level = spdlog::level::from_str(arguments.log_level);
  if (level == spdlog::level::off && arguments.log_level != "off") {
    return usage_error(
        fmt::format("--log-level is \"{}\"; accepted: trace, debug, info, warn, error, off",
                    arguments.log_level));
  }
  spdlog::set_default_logger(spdlog::stderr_logger_mt("sse-reference-server"));
  spdlog::set_level(level);
  if (arguments.options.contract.auth && arguments.options.tokens.empty()) {
    spdlog::info("the contract states auth, but there is no --token: anybody may open streams");
  }
  return {};
}

/// Where a client on this machine finds a server that listens on `address`.
std::string shown_host(const std::string& address) {
  if (address == "0.0.0.0" || address == "::") return "127.0.0.1";
  return address.find(':') == std::string::npos ? address : fmt::format("[{}]", address);
}

int fail(const Error& error) {
  fmt::print(stderr, "sse-reference-server: {}\n", error.message);
  return static_cast<int>(error.exit_code);
}

/// As many streams as the system lets us have.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  (void)::setrlimit(RLIMIT_NOFILE, &limit);
}

/// Waits for a signal: the first drains, a second one stops. SIGUSR1 tells that the server stopped.
void serve_until_stopped(Server& server, const sigset_t& signals) {
  bool draining = false;
  for (int number = 0;;) {
    if (::sigwait(&signals, &number) != 0) continue;
    if (number == SIGUSR1) {
      if (server.stopped()) return;
      continue;
    }
    spdlog::info("signal {}: {}", number, draining ? "stopping at once" : "draining");
    draining ? server.stop() : server.drain();
    draining = true;
  }
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  arguments.options.threads = std::clamp(std::thread::hardware_concurrency(), 1u, 2u);
  CLI::App app{"Reference server for Server-Sent Events"};
  describe(app, arguments);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : static_cast<int>(ExitCode::usage);
  }
  if (arguments.list_flaws) {
    print_flaws(arguments.json);
    return 0;
  }
  if (auto completed = complete(arguments); !completed) return fail(completed.error());

  sigset_t signals;
  sigemptyset(&signals);
  for (const int number : {SIGTERM, SIGINT, SIGUSR1}) sigaddset(&signals, number);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // before the threads: they inherit it
  raise_descriptor_limit();
  arguments.options.on_stop = [main_thread = ::pthread_self()] {
    ::pthread_kill(main_thread, SIGUSR1);
  };
  const bool ends_wrongly = arguments.options.flaws.has(Flaw::exits_with_error);
  const std::string host = shown_host(arguments.options.address);
  const char* const scheme = arguments.options.tls_cert.empty() ? "http" : "https";
  auto server = Server::start(std::move(arguments.options));
  if (!server) return fail(server.error());
  fmt::print("sse-reference-server listening on {}://{}:{} admin http://127.0.0.1:{}\n", scheme,
             host, (*server)->port(), (*server)->admin_port());
  std::fflush(stdout);
  serve_until_stopped(**server, signals);
  (*server)->wait();
  return ends_wrongly ? 1 : 0;
}

// The chaos proxy alone: streamgauge proxy --listen HOST:PORT --to HOST:PORT --fault ...
#include <fmt/format.h>
#include <sys/resource.h>

#include <atomic>
#include <charconv>
#include <cstdio>
#include <memory>
#include <thread>

#include "harness/cli/commands.hpp"
#include "harness/cli/interrupt.hpp"
#include "harness/cli/judge_and_report.hpp"
#include "harness/core/base/units.hpp"
#include "harness/core/fault/fault.hpp"
#include "harness/net/http_probe.hpp"
#include "harness/net/proxy/admin.hpp"
#include "harness/net/proxy/chaos_proxy.hpp"

namespace streamgauge::cli {

namespace {

using namespace std::chrono_literals;

struct ProxyArguments {
  std::string listen = "127.0.0.1:0";
  std::string to, preset, admin;
  std::vector<std::string> faults;
  std::uint64_t seed = 1;
};

struct HostPort {
  std::string host;
  std::uint16_t port = 0;
};

/// "HOST:PORT", "[::1]:PORT", ":PORT" or "PORT"; a host that is left out is 127.0.0.1.
Result<HostPort> host_port(std::string_view option, std::string_view text) {
  const std::size_t colon = text.rfind(':');
  std::string_view host = colon == std::string_view::npos ? "" : text.substr(0, colon);
  const std::string_view digits = colon == std::string_view::npos ? text : text.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  HostPort out{host.empty() ? "127.0.0.1" : std::string{host}, 0};
  const auto [stop, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), out.port);
  if (digits.empty() || error != std::errc{} || stop != digits.data() + digits.size()) {
    return usage_error(
        fmt::format("{} is '{}'; expected HOST:PORT such as 127.0.0.1:8080", option, text));
  }
  return out;
}

/// The key `chaos` of scenarios/proxies/NAME.yaml.
Result<std::vector<fault::FaultSpec>> preset_faults(const Context& context,
                                                    const std::string& name) {
  const bool is_path = name.find('/') != std::string::npos || name.ends_with(".yaml");
  const std::string path =
      is_path ? name : fmt::format("{}/scenarios/proxies/{}.yaml", context.home.root, name);
  const auto text = run::read_file(path);
  if (!text) return text.error();
  const auto tree = yaml::parse(*text, path);
  if (!tree) return tree.error();
  for (const yaml::Entry& entry : (*tree)->entries) {
    if (entry.key != "chaos") continue;
    yaml::Reading reading{path};
    auto specs = fault::read_faults(reading, "chaos", *entry.value);
    if (!reading.ok()) return *reading.error();
    return specs;
  }
  return usage_error(fmt::format("{}: has no key 'chaos': it is no preset of faults", path));
}

Result<net::ProxyOptions> options_of(const Context& context, const ProxyArguments& arguments) {
  net::ProxyOptions options;
  options.seed = arguments.seed;
  const auto listen = host_port("--listen", arguments.listen);
  if (!listen) return listen.error();
  options.address = listen->host;
  options.port = listen->port;
  const auto to = host_port("--to", arguments.to);
  if (!to) return to.error();
  auto addresses = net::resolve(to->host, to->port, 5s);
  if (!addresses) return addresses.error();
  options.upstream = std::move(*addresses);
  if (!arguments.preset.empty()) {
    auto preset = preset_faults(context, arguments.preset);
    if (!preset) return preset.error();
    options.faults = std::move(*preset);
  }
  for (const std::string& text : arguments.faults) {
    auto specs = fault::parse_faults(text);
    if (!specs) return usage_error(fmt::format("--fault: {}", specs.error().message));
    for (fault::FaultSpec& spec : *specs) options.faults.push_back(std::move(spec));
  }
  return options;
}

void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  (void)::setrlimit(RLIMIT_NOFILE, &limit);
}

std::string shown(const std::string& host, std::uint16_t port) {
  return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port)
                                             : fmt::format("[{}]:{}", host, port);
}

ExitCode proxy(const Context& context, const ProxyArguments& arguments) {
  const std::atomic<bool>& interrupted = watch_for_interrupt();
  auto options = options_of(context, arguments);
  if (!options) return complain(options.error());
  raise_descriptor_limit();
  const std::string address = options->address;
  const std::string faults = fault::to_string(options->faults);
  auto proxy = net::ChaosProxy::start(std::move(*options));
  if (!proxy) return complain(proxy.error());
  std::unique_ptr<net::ProxyAdmin> admin;
  if (!arguments.admin.empty()) {
    const auto at = host_port("--admin", arguments.admin);
    if (!at) return complain(at.error());
    auto started = net::ProxyAdmin::start(**proxy, at->host, at->port);
    if (!started) return complain(started.error());
    admin = std::move(*started);
    fmt::print("admin on http://{}\n", shown(at->host, admin->port()));
  }
  fmt::print("proxy on http://{} to {}, faults: {}\n", shown(address, (*proxy)->port()),
             arguments.to, faults.empty() ? "none" : faults);
  (void)std::fflush(stdout);
  while (!interrupted) std::this_thread::sleep_for(20ms);
  const net::ProxyStats stats = (*proxy)->stats();
  admin.reset();
  (*proxy)->stop();
  fmt::print("{} connections, {} up, {} down; the proxy itself added p50 {}, p99 {}\n",
             format_count(stats.connections_total), format_size(stats.bytes_up),
             format_size(stats.bytes_down), format_duration(stats.added.at_percentile(50)),
             format_duration(stats.added.at_percentile(99)));
  return ExitCode::pass;
}

}  // namespace

void add_proxy(CLI::App& app, Chosen& chosen) {
  auto* command = app.add_subcommand("proxy", "The chaos proxy alone");
  auto arguments = std::make_shared<ProxyArguments>();
  command->add_option("--listen", arguments->listen, "HOST:PORT; port 0 is any free one")
      ->capture_default_str();
  command->add_option("--to", arguments->to, "HOST:PORT of the server")->required();
  command->add_option("--fault", arguments->faults,
                      "Such as idle-cut=5s or latency=50ms:jitter=10ms; several with '+' or "
                      "--fault again (list faults)");
  command->add_option("--preset", arguments->preset,
                      "A name under scenarios/proxies, or a file, with the key chaos");
  command->add_option("--admin", arguments->admin, "HOST:PORT for the HTTP admin (default: none)");
  command->add_option("--seed", arguments->seed, "For jitter and the choice of connections");
  command->callback([&chosen, arguments] {
    chosen = [arguments](const Context& context) { return proxy(context, *arguments); };
  });
}

}  // namespace streamgauge::cli

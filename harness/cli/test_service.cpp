// streamgauge test-service: our own client behind the public contract-test protocol.
#include "harness/net/test_service.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "harness/cli/client_choice.hpp"
#include "harness/cli/commands.hpp"
#include "harness/cli/interrupt.hpp"
#include "harness/cli/judge_and_report.hpp"

namespace streamgauge::cli {

namespace {

struct ServiceArguments {
  std::string listen = "127.0.0.1:8000";
  std::string policy = "browser";
};

struct Address {
  std::string host;
  std::uint16_t port = 0;
};

/// "127.0.0.1:8000", ":8000", "8000", "[::1]:8000".
Result<Address> read_address(const std::string& text) {
  const auto colon = text.rfind(':');
  std::string host = colon == std::string::npos ? "" : text.substr(0, colon);
  const std::string digits = colon == std::string::npos ? text : text.substr(colon + 1);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  const bool number = !digits.empty() && digits.size() <= 5 &&
                      digits.find_first_not_of("0123456789") == std::string::npos;
  if (!number || std::stoul(digits) > 65535) {
    return usage_error(fmt::format("--listen '{}': not an address such as 127.0.0.1:8000", text));
  }
  return Address{host.empty() ? "127.0.0.1" : host, static_cast<std::uint16_t>(std::stoul(digits))};
}

ExitCode serve(const ServiceArguments& arguments) {
  const auto address = read_address(arguments.listen);
  if (!address) return complain(address.error());
  const auto policy = policy_named(arguments.policy);
  if (!policy) return complain(policy.error());
  const auto& interrupted = watch_for_interrupt();
  const auto service = net::TestService::start(address->host, address->port, *policy);
  if (!service) return complain(service.error());
  fmt::print("listening on {}\n", (*service)->url());
  std::fflush(stdout);
  (*service)->wait(interrupted);
  return ExitCode::pass;
}

}  // namespace

void add_test_service(CLI::App& app, Chosen& chosen) {
  auto* command = app.add_subcommand(
      "test-service", "Our own client behind the public contract-test protocol for SSE clients");
  auto arguments = std::make_shared<ServiceArguments>();
  command->add_option("--listen", arguments->listen,
                      "Address and port; port 0: any (default: 127.0.0.1:8000)");
  command->add_option("--policy", arguments->policy, "How it behaves (default: browser)");
  command->callback(
      [&chosen, arguments] { chosen = [arguments](const Context&) { return serve(*arguments); }; });
}

}  // namespace streamgauge::cli

#include "harness/cli/client_choice.hpp"

#include <fmt/format.h>

#include <optional>

#include "harness/core/base/nearest.hpp"
#include "harness/core/base/units.hpp"
#include "harness/run/client_defects.hpp"
#include "harness/run/client_flaws.hpp"

namespace streamgauge::cli {

namespace {

using Client = std::unique_ptr<net::ClientUnderTest>;

constexpr PolicyKind kinds[] = {PolicyKind::none,   PolicyKind::browser, PolicyKind::agent,
                                PolicyKind::hybrid, PolicyKind::fetch,   PolicyKind::naive};

Result<std::optional<Duration>> reconnection_of(const ClientChoice& choice) {
  if (choice.reconnection.empty()) return std::optional<Duration>{};
  const auto time = parse_duration(choice.reconnection);
  if (time) return std::optional<Duration>{*time};
  return usage_error(
      fmt::format("--reconnection '{}': not a duration such as 3s or 500ms", choice.reconnection));
}

Result<void> add_flaws(const ClientChoice& choice, PolicySpec& spec) {
  for (const std::string& id : choice.flaws) {
    if (const run::ClientDefect* defect = run::find_client_defect(id)) {
      spec.defects.add(defect->defect);
    } else if (const run::ClientFlaw* flaw = run::find_client_flaw(id)) {
      flaw->alter(spec);
    } else {
      std::vector<std::string_view> known;
      for (const run::ClientFlaw& one : run::client_flaws()) known.push_back(one.id);
      for (const run::ClientDefect& one : run::client_defects()) known.push_back(one.id);
      return usage_error(
          fmt::format("no flaw of clients is named '{}'{}", id, did_you_mean(id, known)));
    }
  }
  return {};
}

Result<Client> policy_client(const ClientChoice& choice, std::optional<Duration> reconnection) {
  const std::string name = choice.policy.empty() ? "browser" : choice.policy;
  auto spec = policy_named(name);
  if (!spec) return spec.error();
  if (reconnection) spec->reconnect = *reconnection;
  if (auto added = add_flaws(choice, *spec); !added) return added.error();
  return net::built_in_client("policy " + name, *spec);
}

Result<Client> exec_client(const ClientChoice& choice, std::optional<Duration> reconnection) {
  net::ExecOptions options;
  options.command = choice.exec;
  options.can.add(client_case::Capability::ids);
  for (const std::string& name : choice.capabilities) {
    const auto capability = client_case::capability_from(name);
    if (!capability) {
      std::vector<std::string_view> known;
      for (const auto& entry : client_case::capability_names) known.push_back(entry.name);
      return usage_error(
          fmt::format("no capability is named '{}'{}", name, did_you_mean(name, known)));
    }
    options.can.add(*capability);
  }
  if (reconnection) options.reconnection_time = *reconnection;
  return net::exec_client(std::move(options));
}

}  // namespace

Result<PolicySpec> policy_named(const std::string& name) {
  std::vector<std::string_view> known;
  for (const PolicyKind kind : kinds) {
    known.push_back(to_string(kind));
    if (to_string(kind) != name) continue;
    PolicySpec spec = policy_defaults(kind);
    spec.reconnect = std::chrono::milliseconds{250};
    spec.backoff_base = std::chrono::milliseconds{100};
    spec.backoff_cap = std::chrono::milliseconds{1500};
    spec.probe_after = std::chrono::seconds{300};
    return spec;
  }
  return usage_error(fmt::format("no policy is named '{}'{}", name, did_you_mean(name, known)));
}

void add_client_choice(CLI::App& command, ClientChoice& choice) {
  auto* policy = command.add_option("--policy", choice.policy,
                                    "A simulated client of ours (default: browser)");
  auto* exec =
      command.add_option("--exec", choice.exec,
                         "A program that prints a JSON line for each thing it hears: 'CMD {url}'");
  auto* service = command.add_option("--service", choice.service,
                                     "A test service (URL) that speaks the contract-test protocol");
  policy->excludes(exec)->excludes(service);
  exec->excludes(service);
  command
      .add_option("--can", choice.capabilities,
                  "What the program can: comments, headers, last-event-id, post, ...")
      ->delimiter(',')
      ->needs(exec);
  command.add_option("--flaw", choice.flaws, "Makes the simulated client do wrong (ids)")
      ->delimiter(',')
      ->excludes(exec)
      ->excludes(service);
  command.add_option("--reconnection", choice.reconnection,
                     "How long the client waits when it was told nothing (default: 5s)");
}

Result<Client> client_of(const ClientChoice& choice) {
  const auto reconnection = reconnection_of(choice);
  if (!reconnection) return reconnection.error();
  if (!choice.exec.empty()) return exec_client(choice, *reconnection);
  if (!choice.service.empty()) {
    return net::service_client(choice.service, reconnection->value_or(std::chrono::seconds{5}));
  }
  return policy_client(choice, *reconnection);
}

}  // namespace streamgauge::cli

#include "harness/net/program_hop.hpp"

#include <fmt/format.h>

#include <signal.h>

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "harness/net/clock.hpp"

namespace streamgauge::net {

using namespace std::chrono_literals;

Result<std::unique_ptr<Hop>> ProgramHop::open(const ProxySpec& spec, const Addresses& upstream,
                                              const HopOptions& options) {
  if (upstream.empty()) {
    return target_error(fmt::format("proxy '{}' has no address to pass on to", spec.name));
  }
  const auto to = upstream.front();
  const auto host = to.address().is_v6() ? fmt::format("[{}]", to.address().to_string())
                                         : to.address().to_string();
  SpawnOptions wanted;
  wanted.what = fmt::format("proxy '{}'", spec.name);
  wanted.build_dir = options.build_dir;
  wanted.search = options.search;
  wanted.interrupted = options.interrupted;
  wanted.values = {{"upstream_host", host},
                   {"upstream_port", std::to_string(to.port())},
                   {"time_scale", fmt::format("{}", options.time_scale)}};
  wanted.where =
      [path = spec.spawn->ready_path](const Spawned::Values& values) -> Result<ReadyQuestion> {
    const auto port = static_cast<std::uint16_t>(std::stoul(values.at("port")));
    return ReadyQuestion{
        {{boost::asio::ip::address_v4::loopback(), port}}, fmt::format("127.0.0.1:{}", port), path};
  };
  auto spawned = Spawned::open(*spec.spawn, std::move(wanted));
  if (!spawned) return spawned.error();
  return std::unique_ptr<Hop>(
      std::make_unique<ProgramHop>(std::move(*spawned), spec.spawn->reload_signal));
}

std::optional<fact::HopSample> ProgramHop::sample() const {
  if (!spawned_->at_large()) return std::nullopt;
  const auto tree = sample_process_tree(spawned_->pid());
  if (!tree) return std::nullopt;
  return fact::HopSample{0, tree->rss_bytes, disk_bytes(spawned_->folder(), spawned_->pid()),
                         tree->descriptors, 0};
}

std::optional<std::string> ProgramHop::reload() {
  if (!reload_signal_ || !spawned_->at_large()) return std::nullopt;
  spawned_->signal(*reload_signal_);
  return signal_name(*reload_signal_);
}

bool program_present(const SpawnSpec& spec, const HopOptions& options) {
  return find_program(expand(spec.program, {{"build", options.build_dir}}), options.search)
      .has_value();
}

std::string program_version(const SpawnSpec& spec, const HopOptions& options) {
  if (spec.version_args.empty()) return {};
  const auto found =
      find_program(expand(spec.program, {{"build", options.build_dir}}), options.search);
  if (!found) return {};
  ProcessSpec wanted;
  wanted.program = found->path;
  wanted.args = spec.version_args;
  wanted.search = options.search;
  auto process = Process::start(wanted);
  if (!process) return {};
  const auto deadline = now() + 3s;
  while (!process->ended() && now() < deadline) std::this_thread::sleep_for(5ms);
  process->stop(SIGKILL, 0s);
  const auto output = process->output_tail();
  for (std::size_t from = 0; from < output.size();) {
    const auto end = std::min(output.find('\n', from), output.size());
    const auto line = output.substr(from, end - from);
    if (line.find_first_of("0123456789") != std::string::npos) return line.substr(0, 80);
    from = end + 1;
  }
  return {};
}

}  // namespace streamgauge::net

#include "harness/net/chaos_hop.hpp"

#include <fmt/format.h>

#include <utility>

#include "harness/core/base/units.hpp"

namespace streamgauge::net {

namespace {

/// The faults of one text or of several, scaled.
Result<std::vector<fault::FaultSpec>> read_scaled(const std::vector<std::string>& texts,
                                                  double time_scale) {
  std::vector<fault::FaultSpec> faults;
  for (const std::string& text : texts) {
    auto specs = fault::parse_faults(text);
    if (!specs) return specs.error();
    for (fault::FaultSpec& spec : *specs) {
      faults.push_back(fault::scaled(std::move(spec), time_scale));
    }
  }
  return faults;
}

}  // namespace

Result<std::unique_ptr<Hop>> ChaosHop::open(const ProxySpec& spec, const Addresses& upstream,
                                            const HopOptions& options) {
  auto faults = read_scaled(spec.faults, options.time_scale);
  if (!faults) {
    return Error{faults.error().exit_code,
                 fmt::format("proxy '{}': {}", spec.name, faults.error().message)};
  }
  ProxyOptions wanted;
  wanted.upstream = upstream;
  wanted.faults = std::move(*faults);
  auto proxy = ChaosProxy::start(wanted);
  if (!proxy) return proxy.error();
  return std::unique_ptr<Hop>(
      std::make_unique<ChaosHop>(std::move(*proxy), std::move(wanted), options.time_scale));
}

Addresses ChaosHop::addresses() const {
  return {{boost::asio::ip::address_v4::loopback(), options_.port}};
}

std::string ChaosHop::account() {
  const std::lock_guard lock(mutex_);
  const ProxyStats stats = proxy_->stats();
  if (stats.added.count() == 0) return {};
  return fmt::format("passed {} down on {} connections and added p50 {}, p99 {} of its own",
                     format_size(stats.bytes_down), format_count(stats.connections_total),
                     format_duration(stats.added.at_percentile(50)),
                     format_duration(stats.added.at_percentile(99)));
}

void ChaosHop::end(bool /*killed*/) {
  const std::lock_guard lock(mutex_);
  proxy_->stop();
  added_.clear();
}

Result<void> ChaosHop::start_again() {
  auto proxy = ChaosProxy::start(options_);
  if (!proxy) return proxy.error();
  const std::lock_guard lock(mutex_);
  proxy_ = std::move(*proxy);
  return {};
}

Result<void> ChaosHop::add_fault(const std::string& text) {
  auto faults = read_scaled({text}, time_scale_);
  if (!faults) return faults.error();
  const std::lock_guard lock(mutex_);
  for (fault::FaultSpec& spec : *faults) {
    auto id = proxy_->add(std::move(spec));
    if (!id) return id.error();
    added_.push_back(std::move(*id));
  }
  return {};
}

void ChaosHop::remove_faults() {
  const std::lock_guard lock(mutex_);
  // An id that is gone already is what was wanted.
  for (const std::string& id : std::exchange(added_, {})) static_cast<void>(proxy_->remove(id));
}

}  // namespace streamgauge::net

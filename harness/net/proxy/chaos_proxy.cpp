#include "harness/net/proxy/chaos_proxy.hpp"

#include <optional>
#include <system_error>
#include <utility>

#include "harness/net/proxy/loop.hpp"

namespace streamgauge::net {

Result<std::unique_ptr<ChaosProxy>> ChaosProxy::start(ProxyOptions options) {
  if (options.upstream.empty()) return usage_error("the proxy has no server to pass requests to");
  try {
    auto loop = std::make_unique<Loop>(std::move(options));
    if (auto listening = loop->listen(); !listening) return listening.error();
    loop->start();
    return std::unique_ptr<ChaosProxy>(new ChaosProxy(std::move(loop)));
  } catch (const std::system_error& error) {
    return target_error(std::string{"the proxy cannot start: "} + error.what());
  }
}

ChaosProxy::ChaosProxy(std::unique_ptr<Loop> loop) : loop_(std::move(loop)) {}

ChaosProxy::~ChaosProxy() {
  stop();
}

void ChaosProxy::stop() {
  loop_->stop();
}

std::uint16_t ChaosProxy::port() const {
  return loop_->port();
}

Result<std::string> ChaosProxy::add(fault::FaultSpec spec, std::string id) {
  std::optional<Result<std::string>> answer;
  loop_->run([&] { answer = loop_->add(std::move(spec), std::move(id)); });
  return std::move(*answer);
}

Result<void> ChaosProxy::change(const std::string& id, fault::FaultSpec spec) {
  std::optional<Result<void>> answer;
  loop_->run([&] { answer = loop_->change(id, std::move(spec)); });
  return *answer;
}

Result<void> ChaosProxy::remove(const std::string& id) {
  std::optional<Result<void>> answer;
  loop_->run([&] { answer = loop_->remove(id); });
  return *answer;
}

void ChaosProxy::remove_all() {
  loop_->run([&] {
    for (const std::string& id : loop_->ids()) (void)loop_->remove(id);
  });
}

void ChaosProxy::cut_all(bool reset) {
  loop_->run([&] { loop_->cut_all(reset); });
}

ProxyStats ChaosProxy::stats() {
  ProxyStats stats;
  loop_->run([&] { stats = loop_->stats(); });
  return stats;
}

}  // namespace streamgauge::net

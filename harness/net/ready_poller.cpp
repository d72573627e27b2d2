#include "harness/net/ready_poller.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "harness/net/clock.hpp"
#include "harness/net/http_probe.hpp"

namespace streamgauge::net {
namespace {

using namespace std::chrono_literals;

constexpr Duration every = 20ms;
constexpr Duration answer_within = 500ms;

}  // namespace

ReadyPoller::ReadyPoller(ReadyQuestion question) : question_(std::move(question)) {
  thread_ = std::thread([this] { poll(); });
}

ReadyPoller::~ReadyPoller() {
  stopping_ = true;
  thread_.join();
}

std::vector<ReadyPoller::Seen> ReadyPoller::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(seen_, {});
}

void ReadyPoller::poll() {
  HttpRequest request;
  request.host = question_.host;
  request.path = question_.path;
  const auto text = request_text(request, false);
  std::optional<int> last;
  Instant asked = now();
  while (!stopping_) {
    const Instant asked_before = std::exchange(asked, now());
    const auto answer =
        http_exchange(question_.addresses, text, asked + answer_within, &stopping_, question_.tls);
    if (stopping_) return;
    const Instant at = answer.status != 0 ? answer.answered : now();
    if (last != answer.status) {
      const std::lock_guard lock(mutex_);
      seen_.push_back({at, {answer.status, at - asked_before}});
    }
    last = answer.status;
    std::this_thread::sleep_until(to_steady(std::max(asked + every, now())));
  }
}

}  // namespace streamgauge::net

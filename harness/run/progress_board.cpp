#include <algorithm>
#include <mutex>

#include "harness/run/run_plan.hpp"

namespace streamgauge::run {

struct ProgressBoard::Body {
  std::mutex mutex;
  PlanProgress state;
  std::function<void(const PlanProgress&)> show;

  auto find(const std::string& name) {
    return std::find_if(state.running.begin(), state.running.end(),
                        [&](const Running& running) { return running.scenario == name; });
  }
};

ProgressBoard::ProgressBoard(std::size_t total, std::function<void(const PlanProgress&)> show)
    : body_(std::make_unique<Body>()) {
  body_->state.total = total;
  body_->show = std::move(show);
}

ProgressBoard::~ProgressBoard() = default;

Hooks ProgressBoard::hooks(const std::string& name, const std::atomic<bool>* interrupted) {
  Hooks hooks;
  hooks.interrupted = interrupted;
  if (!body_->show) return hooks;
  hooks.progress = [body = body_.get(), name](const Progress& now) {
    const std::lock_guard lock(body->mutex);
    auto at = body->find(name);
    if (at == body->state.running.end()) at = body->state.running.emplace(at);
    *at = {name,        std::string(now.phase),
           now.elapsed, now.length,
           now.streams, now.open,
           now.events,  now.figures};
    body->show(body->state);
  };
  return hooks;
}

void ProgressBoard::end(const std::string& name) {
  const std::lock_guard lock(body_->mutex);
  ++body_->state.done;
  const auto at = body_->find(name);
  if (at != body_->state.running.end()) body_->state.running.erase(at);
  if (body_->show) body_->show(body_->state);
}

}  // namespace streamgauge::run

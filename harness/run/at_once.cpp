#include "harness/run/at_once.hpp"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>

namespace streamgauge::run {

namespace {

class Queue {
 public:
  Queue(const std::vector<bool>& heavy, Lanes lanes)
      : heavy_(heavy), begun_(heavy.size()), lanes_(lanes) {}

  /// The next job that may begin, waiting for a heavy lane if need be; nullopt when none is left.
  std::optional<std::size_t> take() {
    std::unique_lock lock(mutex_);
    for (;;) {
      bool waiting = false;
      for (std::size_t i = 0; i < heavy_.size(); ++i) {
        if (begun_[i]) continue;
        waiting = true;
        if (heavy_[i] && heavy_running_ >= lanes_.heavy) continue;
        begun_[i] = true;
        heavy_running_ += heavy_[i];
        return i;
      }
      if (!waiting) return std::nullopt;
      ended_.wait(lock);
    }
  }

  void end(std::size_t job, std::exception_ptr thrown) {
    const std::lock_guard lock(mutex_);
    heavy_running_ -= heavy_[job];
    if (thrown && !thrown_) thrown_ = std::move(thrown);
    ended_.notify_all();
  }

  void rethrow() const {
    if (thrown_) std::rethrow_exception(thrown_);
  }

 private:
  std::mutex mutex_;
  std::condition_variable ended_;
  const std::vector<bool>& heavy_;
  std::vector<bool> begun_;
  Lanes lanes_;
  std::size_t heavy_running_ = 0;
  std::exception_ptr thrown_;
};

void work(Queue& queue, const std::function<void(std::size_t)>& job) {
  while (const auto next = queue.take()) {
    std::exception_ptr thrown;
    try {
      job(*next);
    } catch (...) {
      thrown = std::current_exception();
    }
    queue.end(*next, std::move(thrown));
  }
}

}  // namespace

void at_once(const std::vector<bool>& heavy, Lanes lanes,
             const std::function<void(std::size_t)>& job) {
  lanes.heavy = std::max<std::size_t>(lanes.heavy, 1);
  Queue queue(heavy, lanes);
  std::vector<std::thread> threads;
  const std::size_t most =
      std::clamp<std::size_t>(lanes.all, 1, std::max<std::size_t>(1, heavy.size()));
  for (std::size_t i = 0; i < most; ++i) {
    threads.emplace_back([&] { work(queue, job); });
  }
  for (std::thread& thread : threads) thread.join();
  queue.rethrow();
}

}  // namespace streamgauge::run

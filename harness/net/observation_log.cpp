#include "harness/net/observation_log.hpp"

#include <algorithm>
#include <thread>

#include "harness/net/clock.hpp"

namespace streamgauge::net {

namespace seen = client_case::seen;
using client_case::Observation;
using client_case::Seen;

namespace {

std::size_t size_of(const Seen& what) {
  if (const auto* event = std::get_if<seen::Event>(&what)) {
    return event->type.size() + event->data.size() + event->id.size();
  }
  if (const auto* comment = std::get_if<seen::Comment>(&what)) return comment->text.size();
  return 0;
}

}  // namespace

void ObservationLog::add(Seen what) {
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    auto* comment = std::get_if<seen::Comment>(&what);
    if (comment != nullptr && comment->text.size() > comment_bytes_max) {
      comment->text = comment->text.substr(0, comment_bytes_max);  // and no more is held
    }
    bytes_ += size_of(what);
    if (entries_.size() >= entries_max || bytes_ > bytes_max) {
      closed_ = true;
      what = seen::Gone{"it reported more than anyone can have sent it"};
    }
    entries_.push_back({now(), std::move(what)});
  }
  changed_.notify_all();
}

void ObservationLog::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
}

bool ObservationLog::wait(const std::function<bool(const std::vector<Observation>&)>& test,
                          Instant deadline) {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (test(entries_)) return true;
    const Instant at = now();
    if (at >= deadline) return false;
    const std::size_t known = entries_.size();
    changed_.wait_for(lock, deadline - at, [&] { return entries_.size() != known; });
    // Thousands of events come one by one: look at them by the handful.
    lock.unlock();
    std::this_thread::sleep_for(std::chrono::milliseconds{3});
    lock.lock();
  }
}

std::vector<Observation> ObservationLog::entries() const {
  const std::lock_guard lock(mutex_);
  return entries_;
}

}  // namespace streamgauge::net

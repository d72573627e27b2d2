#include "reference-server/core/subscriber_queue.hpp"

#include <algorithm>
#include <utility>

#include "harness/core/sse/encoder.hpp"

namespace streamgauge::server {

EventPtr make_lag_notice(const QueueBounds& bounds, std::uint64_t dropped) {
  constexpr std::string_view place = "{n}";
  std::string sse;
  std::string data = bounds.lag_text.empty() ? "dropped {n} events" : bounds.lag_text;
  if (const std::size_t at = data.find(place); at != std::string::npos) {
    data.replace(at, place.size(), std::to_string(dropped));
  }
  // The type comes from the settings, which have refused line breaks.
  (void)sse::append_event(sse, {bounds.lag_event, data, std::nullopt, std::nullopt});
  return Event::of(sse, EventFacts{MessageClass::control, 0, {}, {}, {}});
}

bool SubscriberQueue::droppable(std::size_t at, const QueueBounds& bounds) const {
  const Item& item = items_[at];
  if (item.dropped > 0 || !item.event->is_message() || started(at)) return false;
  return !bounds.critical_kept || item.event->message_class() != MessageClass::critical;
}

bool SubscriberQueue::fits(std::size_t size, const QueueBounds& bounds) const {
  if (events_ == 0) return true;
  return events_ < bounds.events_max && bytes_ <= bounds.bytes_max &&
         size <= bounds.bytes_max - bytes_;
}

/// Whether dropping all that may be dropped makes room: if not, nothing should be dropped in vain.
bool SubscriberQueue::could_fit(std::size_t size, const QueueBounds& bounds) const {
  std::uint64_t kept_events = bounds.critical_kept ? critical_events_ : 0;
  std::uint64_t kept_bytes = bounds.critical_kept ? critical_bytes_ : 0;
  if (!empty() && offset_ > 0 && items_[head_].dropped == 0 && items_[head_].event->is_message()) {
    const Event& front = *items_[head_].event;
    if (!bounds.critical_kept || front.message_class() != MessageClass::critical) {
      kept_events += 1;
      kept_bytes += front.size();
    }
  }
  if (kept_events == 0) return true;
  return kept_events < bounds.events_max && kept_bytes <= bounds.bytes_max &&
         size <= bounds.bytes_max - kept_bytes;
}

SubscriberQueue::Pushed SubscriberQueue::push(EventPtr event, const QueueBounds& bounds) {
  Pushed pushed;
  if (fits(event->size(), bounds)) {
    append(std::move(event));
    return pushed;
  }
  const bool critical = event->message_class() == MessageClass::critical;
  const bool kept = bounds.critical_kept && critical;
  const bool displaces = kept || bounds.overflow == Overflow::drop_oldest;
  if (bounds.overflow == Overflow::disconnect || (kept && !could_fit(event->size(), bounds))) {
    pushed.disconnect = true;
    return pushed;
  }
  if (!displaces || !could_fit(event->size(), bounds)) {
    ++(critical ? pushed.dropped_critical : pushed.dropped_normal);
    push_gap(1, bounds);
    return pushed;
  }
  while (!fits(event->size(), bounds)) drop_one(bounds, pushed);
  append(std::move(event));
  return pushed;
}

SubscriberQueue::Pushed SubscriberQueue::push_displacing(EventPtr heartbeat,
                                                         const QueueBounds& bounds) {
  Pushed pushed;
  if (!fits(1, bounds)) {
    std::size_t at = head_;
    const auto stays = [&] { return items_[at].dropped > 0 || !items_[at].event->is_message(); };
    while (at < items_.size() && (stays() || started(at))) ++at;
    if (at < items_.size()) drop(at, bounds, pushed);
  }
  append(std::move(heartbeat));
  return pushed;
}

bool SubscriberQueue::repeat_front() {
  if (empty() || items_[head_].dropped > 0 || !items_[head_].event->is_message()) return false;
  const Item front = items_[head_];
  count(*front.event, true);
  items_.insert(items_.begin() + static_cast<std::ptrdiff_t>(head_) + 1, front);
  return true;
}

void SubscriberQueue::push_started(EventPtr event, std::size_t written) {
  append(std::move(event));
  offset_ = written;
}

void SubscriberQueue::push_gap(std::uint64_t events, const QueueBounds& bounds) {
  if (bounds.lag_event.empty() || events == 0) return;
  if (!empty() && items_.back().dropped > 0 && !started(items_.size() - 1)) {
    if (bounds.flaws.has(Flaw::wrong_lag_count)) items_.back().dropped = 0;
    items_.back().dropped += events;
    items_.back().event.reset();
    return;
  }
  items_.push_back({nullptr, events});
}

void SubscriberQueue::clear_unsent() {
  const std::size_t keep = offset_ > 0 ? head_ + 1 : head_;
  for (std::size_t at = keep; at < items_.size(); ++at) {
    if (items_[at].dropped == 0) count(*items_[at].event, false);
  }
  items_.resize(keep);
  settle();
}

void SubscriberQueue::append(EventPtr event) {
  count(*event, true);
  items_.push_back({std::move(event), 0});
}

void SubscriberQueue::count(const Event& event, bool in) {
  if (!event.is_message()) return;
  const auto add = [in](std::uint64_t& sum, std::uint64_t n) { sum = in ? sum + n : sum - n; };
  add(events_, 1);
  add(bytes_, event.size());
  if (event.message_class() == MessageClass::critical) {
    add(critical_events_, 1);
    add(critical_bytes_, event.size());
  }
}

/// One message of those that may go: the oldest, or the newest when the contract drops newest.
void SubscriberQueue::drop_one(const QueueBounds& bounds, Pushed& pushed) {
  if (bounds.overflow == Overflow::drop_newest) {
    std::size_t at = items_.size() - 1;
    while (!droppable(at, bounds)) --at;
    drop(at, bounds, pushed);
    return;
  }
  std::size_t at = head_;
  while (!droppable(at, bounds)) ++at;
  drop(at, bounds, pushed);
}

/// Leaves a lag notice in the place of the message, joined with notices beside it.
void SubscriberQueue::drop(std::size_t at, const QueueBounds& bounds, Pushed& pushed) {
  const bool critical = items_[at].event->message_class() == MessageClass::critical;
  ++(critical ? pushed.dropped_critical : pushed.dropped_normal);
  count(*items_[at].event, false);
  if (bounds.lag_event.empty()) {
    erase(at, 1);
    return;
  }
  std::uint64_t dropped = 1;
  std::size_t first = at;
  std::size_t last = at;
  if (at + 1 < items_.size() && items_[at + 1].dropped > 0) {
    last = at + 1;
    dropped += items_[last].dropped;
  }
  if (at > head_ && items_[at - 1].dropped > 0 && !started(at - 1)) {
    first = at - 1;
    dropped += items_[first].dropped;
  }
  if (bounds.flaws.has(Flaw::wrong_lag_count)) dropped = 1;
  items_[first] = {nullptr, dropped};
  erase(first + 1, last - first);
}

/// Closes the hole from the shorter side: the oldest message goes in constant time.
void SubscriberQueue::erase(std::size_t first, std::size_t n) {
  if (n == 0) return;
  const auto at = [this](std::size_t index) {
    return items_.begin() + static_cast<std::ptrdiff_t>(index);
  };
  if (first - head_ < items_.size() - (first + n)) {
    std::move_backward(at(head_), at(first), at(first + n));
    for (std::size_t i = 0; i < n; ++i) items_[head_ + i] = {};
    head_ += n;
  } else {
    items_.erase(at(first), at(first + n));
  }
  settle();
}

/// Gives memory back: an idle stream holds none, and the dead front never outgrows the living.
void SubscriberQueue::settle() {
  if (empty()) {
    head_ = 0;
    items_.clear();
    if (items_.capacity() > 8) items_.shrink_to_fit();
  } else if (head_ > 64 && head_ > items_.size() / 2) {
    items_.erase(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(head_));
    head_ = 0;
  }
}

std::size_t SubscriberQueue::gather(std::span<std::string_view> out, Framing framing,
                                    const QueueBounds& bounds) {
  std::size_t n = 0;
  for (std::size_t at = head_; at < items_.size() && n < out.size(); ++at, ++n) {
    Item& item = items_[at];
    if (!item.event) item.event = make_lag_notice(bounds, item.dropped);
    out[n] = item.event->bytes(framing);
    if (at == head_) out[n].remove_prefix(offset_);
  }
  return n;
}

SubscriberQueue::Consumed SubscriberQueue::consume(std::size_t bytes, Framing framing) {
  Consumed consumed;
  while (bytes > 0) {
    Item& front = items_[head_];
    const std::size_t left = front.event->bytes(framing).size() - offset_;
    if (bytes < left) {
      offset_ += bytes;
      return consumed;
    }
    bytes -= left;
    offset_ = 0;
    if (front.dropped > 0) {
      ++consumed.lag_notices;
    } else {
      count(*front.event, false);
      if (front.event->is_message()) {
        ++consumed.messages;
        consumed.message_bytes += front.event->size();
      } else if (front.event->message_class() == MessageClass::heartbeat) {
        ++consumed.heartbeats;
      }
    }
    front = {};
    ++head_;
  }
  settle();
  return consumed;
}

}  // namespace streamgauge::server

#include "reference-server/net/generations.hpp"

#include <vector>

#include "reference-server/net/stream.hpp"

namespace streamgauge::server {

Generations::Generations() = default;
Generations::~Generations() = default;

void Generations::add(Stream& stream, Generation work) {
  by_due_.emplace(work.due(), stream.number());
  works_.emplace(stream.number(), Work{boost::intrusive_ptr<Stream>{&stream}, std::move(work)});
}

void Generations::forget(std::uint64_t stream) {
  const auto found = works_.find(stream);
  if (found == works_.end()) return;
  by_due_.erase({found->second.generation.due(), stream});
  works_.erase(found);
}

std::optional<Instant> Generations::next() const {
  if (by_due_.empty()) return std::nullopt;
  return by_due_.begin()->first;
}

void Generations::step(Instant now) {
  // Each one once: work without gaps is due again at once.
  std::vector<std::uint64_t> due;
  for (const auto& [at, number] : by_due_) {
    if (at > now) break;
    due.push_back(number);
  }
  for (const std::uint64_t number : due) step(number, now);
}

void Generations::step(std::uint64_t number, Instant now) {
  const auto found = works_.find(number);
  if (found == works_.end()) return;
  // What is said may end the stream, and with it this work.
  const boost::intrusive_ptr<Stream> stream = found->second.stream;
  Generation& generation = found->second.generation;
  by_due_.erase({generation.due(), number});
  Generation::Step step;
  if (stream->behind()) {
    generation.wait(now);
  } else {
    step = generation.step(now);
  }
  by_due_.emplace(generation.due(), number);
  for (const EventPtr& event : step.events) stream->say(event);
  if (step.complete) {
    forget(number);
    stream->finish(CloseReason::answered, nullptr, true);
  }
}

}  // namespace streamgauge::server

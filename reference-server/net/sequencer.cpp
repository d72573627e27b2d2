#include "reference-server/net/sequencer.hpp"

#include <utility>

#include "reference-server/core/event_id.hpp"
#include "reference-server/net/shard.hpp"

namespace streamgauge::server {

/// With the lock held.
ChannelRef Sequencer::channel_of(const std::string& name, Instant now) {
  Directory::Found found = directory_.channel(name, sequence_, now);
  for (const std::uint64_t number : found.forgotten) {
    for (Shard* shard : shards_) shard->post(Command::forget(number));
  }
  return found.channel;
}

Result<Published> Sequencer::publish(const std::string& channel, const Publication& publication,
                                     Shard& caller, Instant now) {
  const std::lock_guard lock(mutex_);
  const ChannelRef entry = channel_of(channel, now);
  if (!entry) return target_error("there is no room for another channel");
  const std::uint64_t sequence = sequence_ + 1;
  Published published;
  published.id =
      publication.id.empty() ? to_string(EventId{settings_.epoch, sequence}) : publication.id;
  auto sse = encode(publication, published.id, settings_.flaws);
  if (!sse) return sse.error();
  sequence_ = sequence;
  entry->last_published = now;
  const EventPtr event =
      Event::of(*sse, {publication.message_class, sequence, published.id, publication.key, now});
  for (Shard* shard : shards_) shard->post(Command::publish(entry, event), shard != &caller);
  published_.add(1);
  published_bytes_.add(event->size());
  published.subscribers = entry->subscribers;
  return published;
}

Sequencer::Joined Sequencer::join(const std::string& channel, const StreamIdentity& identity,
                                  StreamHandle handle, Instant now) {
  const std::lock_guard lock(mutex_);
  Joined joined;
  joined.channel = channel_of(channel, now);
  if (!joined.channel) {
    joined.refusal = Directory::Refusal::channels_full;
    return joined;
  }
  const auto answer = directory_.join(*joined.channel, identity, handle);
  joined.refusal = answer.refusal;
  if (answer.replaced) {
    shards_[answer.replaced->shard]->post(
        Command::close_stream(answer.replaced->stream, CloseReason::replaced));
  }
  return joined;
}

void Sequencer::leave(const ChannelRef& channel, const StreamIdentity& identity,
                      StreamHandle handle) {
  const std::lock_guard lock(mutex_);
  directory_.leave(*channel, identity, handle);
}

bool Sequencer::revoke(const std::string& id) {
  const std::lock_guard lock(mutex_);
  const auto handle = directory_.stream_of(id);
  if (!handle) return false;
  shards_[handle->shard]->post(Command::close_stream(handle->stream, CloseReason::revoked));
  return true;
}

ChannelRef Sequencer::find(const std::string& channel) {
  const std::lock_guard lock(mutex_);
  return directory_.find(channel);
}

std::size_t Sequencer::channels() {
  const std::lock_guard lock(mutex_);
  return directory_.channels();
}

}  // namespace streamgauge::server

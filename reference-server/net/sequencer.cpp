#include "reference-server/net/sequencer.hpp"

#include <utility>

#include "reference-server/core/event_id.hpp"
#include "reference-server/net/shard.hpp"

namespace streamgauge::server {

/// With the lock held.
ChannelRef Sequencer::channel_of(const std::string& name, Instant now) {
  Directory::Found found = directory_.channel(name, now);
  for (const std::uint64_t number : found.forgotten) {
    for (Shard* shard : shards_) shard->post(Command::forget(number));
  }
  return found.channel;
}

Result<Published> Sequencer::publish(const std::string& channel, const Publication& publication,
                                     Shard* caller, Instant now) {
  const std::lock_guard lock(mutex_);
  const ChannelRef entry = channel_of(channel, now);
  if (!entry) return target_error("there is no room for another channel");
  Published published;
  if (entry->finished) {
    published.finished = true;
    return published;
  }
  const std::uint64_t sequence = entry->sequence + 1;
  published.id =
      publication.id.empty() ? to_string(EventId{settings_.epoch, sequence}) : publication.id;
  auto sse = encode(publication, published.id, settings_.flaws);
  if (!sse) return sse.error();
  entry->sequence = sequence;
  entry->last_published = now;
  const EventPtr event =
      Event::of(*sse, {publication.message_class, sequence, published.id, publication.key, now});
  for (Shard* shard : shards_) shard->post(Command::publish(entry, event), shard != caller);
  published_.add(1);
  published_bytes_.add(event->size());
  published.subscribers = entry->subscribers;
  return published;
}

Sequencer::Joined Sequencer::join(const std::string& channel, const StreamIdentity& identity,
                                  StreamHandle handle, bool resumes, Instant now) {
  const std::lock_guard lock(mutex_);
  Joined joined;
  joined.channel = channel_of(channel, now);
  if (!joined.channel) {
    joined.refusal = Directory::Refusal::channels_full;
    return joined;
  }
  joined.finished = joined.channel->finished;
  const bool empty = settings_.flaws.has(Flaw::finished_as_empty_stream);
  if (joined.finished && !resumes && !empty) {
    joined.refusal = Directory::Refusal::finished;
    return joined;
  }
  carry_out(joined, directory_.join(*joined.channel, identity, handle));
  return joined;
}

Sequencer::Joined Sequencer::join_answer(const StreamIdentity& identity, StreamHandle handle) {
  const std::lock_guard lock(mutex_);
  Joined joined;
  joined.channel = answers_;
  carry_out(joined, directory_.join(*answers_, identity, handle));
  return joined;
}

/// With the lock held: others are told in the order in which they were decided upon.
void Sequencer::carry_out(Joined& joined, const Directory::Joined& answer) {
  joined.refusal = answer.refusal;
  for (const auto& out : {answer.replaced, answer.evicted}) {
    if (out) shards_[out->shard]->post(Command::close_stream(out->stream, CloseReason::replaced));
  }
}

void Sequencer::leave(const ChannelRef& channel, const StreamIdentity& identity,
                      StreamHandle handle) {
  const std::lock_guard lock(mutex_);
  if (const auto mute = directory_.leave(*channel, identity, handle)) {
    shards_[mute->shard]->post(Command::mute(mute->stream));
  }
}

bool Sequencer::revoke(const std::string& id) {
  const std::lock_guard lock(mutex_);
  const auto handle = directory_.stream_of(id);
  if (!handle) return false;
  shards_[handle->shard]->post(Command::close_stream(handle->stream, CloseReason::revoked));
  return true;
}

bool Sequencer::authorized(std::string_view token) {
  const std::lock_guard lock(mutex_);
  return tokens_.valid(token);
}

bool Sequencer::revoke_token(const std::string& token) {
  const std::lock_guard lock(mutex_);
  if (!tokens_.revoke(token)) return false;
  if (settings_.flaws.has(Flaw::revoked_keeps_streaming)) return true;
  for (Shard* shard : shards_) shard->post(Command::revoke_token(token));
  return true;
}

bool Sequencer::close_id(const std::string& id) {
  const std::lock_guard lock(mutex_);
  const auto handle = directory_.stream_of(id);
  if (!handle) return false;
  shards_[handle->shard]->post(Command::close_stream(handle->stream, CloseReason::closed));
  return true;
}

bool Sequencer::close_channel(const std::string& channel) {
  const std::lock_guard lock(mutex_);
  const ChannelRef entry = directory_.find(channel);
  if (!entry) return false;
  for (Shard* shard : shards_) shard->post(Command::close_channel(entry, CloseReason::closed));
  return true;
}

bool Sequencer::finish(const std::string& channel, Instant now) {
  const std::lock_guard lock(mutex_);
  const ChannelRef entry = channel_of(channel, now);
  if (!entry) return false;
  entry->finished = true;
  for (Shard* shard : shards_) shard->post(Command::close_channel(entry, CloseReason::finished));
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

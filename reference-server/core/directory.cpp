#include "reference-server/core/directory.hpp"

#include <algorithm>
#include <utility>

namespace streamgauge::server {

Directory::Directory(DirectoryBounds bounds) : bounds_(std::move(bounds)) {
  if (bounds_.flaws.has(Flaw::total_limit_off)) bounds_.limits.streams_total.reset();
  if (bounds_.flaws.has(Flaw::user_limit_off)) bounds_.limits.streams_per_user.reset();
}

Directory::Found Directory::channel(const std::string& name, Instant now) {
  Found found;
  if (const auto known = channels_.find(name); known != channels_.end()) {
    found.channel = known->second;
    return found;
  }
  if (channels_.size() >= bounds_.channels_max) forget_idle(found.forgotten, now);
  if (channels_.size() >= bounds_.channels_max) return found;
  found.channel = std::make_shared<ChannelEntry>();
  found.channel->number = ++last_number_;
  found.channel->name = name;
  // Ids of a forgotten life of this channel must count as too old, not as a place in the new one.
  found.channel->floor = found.channel->sequence = forgotten_sequence_;
  found.channel->last_published = now;
  channels_.emplace(name, found.channel);
  return found;
}

ChannelRef Directory::find(const std::string& name) const {
  const auto known = channels_.find(name);
  return known == channels_.end() ? nullptr : known->second;
}

/// Channels to which nobody listens and whose replay has run out.
void Directory::forget_idle(std::vector<std::uint64_t>& forgotten, Instant now) {
  for (auto it = channels_.begin(); it != channels_.end();) {
    const ChannelEntry& entry = *it->second;
    if (entry.subscribers == 0 && now - entry.last_published >= bounds_.channel_kept) {
      forgotten.push_back(entry.number);
      forgotten_sequence_ = std::max(forgotten_sequence_, entry.sequence);
      it = channels_.erase(it);
    } else {
      ++it;
    }
  }
}

Directory::Joined Directory::join(ChannelEntry& channel, const StreamIdentity& identity,
                                  StreamHandle handle) {
  Joined joined;
  if (!identity.id.empty() && !bounds_.flaws.has(Flaw::both_streams_live)) {
    joined.replaced = stream_of(identity.id);
  }
  // The replaced stream is on its way out: its place is the new one's.
  const std::uint64_t leaving = joined.replaced ? 1 : 0;
  const auto& limits = bounds_.limits;
  if (limits.streams_total && streams_ - leaving >= *limits.streams_total) {
    joined.evicted = oldest_for_cap();
    if (!joined.evicted) return {Refusal::streams_full, std::nullopt, std::nullopt};
  }
  if (limits.streams_per_user && !identity.user.empty()) {
    const auto held = by_user_.find(identity.user);
    if (held != by_user_.end() && held->second - leaving >= *limits.streams_per_user) {
      return {Refusal::user_full, std::nullopt, std::nullopt};
    }
  }
  ++streams_;
  ++channel.subscribers;
  if (bounds_.flaws.has(Flaw::evict_at_cap)) by_age_.push_back(handle);
  if (!identity.id.empty()) by_id_[identity.id] = handle;
  if (!identity.user.empty()) ++by_user_[identity.user];
  return joined;
}

std::optional<StreamHandle> Directory::oldest_for_cap() {
  if (by_age_.empty()) return std::nullopt;
  const StreamHandle oldest = by_age_.front();
  by_age_.erase(by_age_.begin());
  return oldest;
}

std::optional<StreamHandle> Directory::leave(ChannelEntry& channel, const StreamIdentity& identity,
                                             StreamHandle handle) {
  std::optional<StreamHandle> unregistered;
  std::erase(by_age_, handle);
  --channel.subscribers;
  if (const auto held = by_id_.find(identity.id); held != by_id_.end() && held->second == handle) {
    by_id_.erase(held);
  } else if (held != by_id_.end() && bounds_.flaws.has(Flaw::late_close_unregisters)) {
    unregistered = held->second;
    by_id_.erase(held);
  }
  if (bounds_.flaws.has(Flaw::slots_not_returned)) return unregistered;
  --streams_;
  if (const auto held = by_user_.find(identity.user); held != by_user_.end()) {
    if (--held->second == 0) by_user_.erase(held);
  }
  return unregistered;
}

std::optional<StreamHandle> Directory::stream_of(const std::string& id) const {
  const auto held = by_id_.find(id);
  if (held == by_id_.end()) return std::nullopt;
  return held->second;
}

}  // namespace streamgauge::server

// What all shards share: which channels exist, which stream carries which id, who holds how many.
//
// Pure and without a lock of its own; its owner (net/sequencer) guards it. It is touched when a
// stream joins or leaves and when a channel is looked up, never per subscriber of an event.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "harness/core/contract/contract.hpp"
#include "reference-server/core/hub.hpp"

namespace streamgauge::server {

struct StreamHandle {
  std::uint32_t shard = 0;
  std::uint64_t stream = 0;  // never used twice within a shard
  friend bool operator==(const StreamHandle&, const StreamHandle&) = default;
};

struct DirectoryBounds {
  std::size_t channels_max = 65536;
  Duration channel_kept{};  // after its last event, when nobody listens
  LimitTerms limits;
};

/// What a stream says of itself; both may be empty.
struct StreamIdentity {
  std::string id;    // the newest stream of an id wins
  std::string user;  // counted against limits.streams_per_user
};

class Directory {
 public:
  enum class Refusal : std::uint8_t { none, channels_full, streams_full, user_full };
  struct Found {
    ChannelRef channel;                    // nullptr: no room for another one
    std::vector<std::uint64_t> forgotten;  // channels given up to make room
  };
  struct Joined {
    Refusal refusal = Refusal::none;
    std::optional<StreamHandle> replaced;  // to be closed: a newer stream has its id
  };

  explicit Directory(DirectoryBounds bounds) : bounds_(std::move(bounds)) {}

  /// The channel of that name, made if need be.
  [[nodiscard]] Found channel(const std::string& name, std::uint64_t sequence, Instant now);
  [[nodiscard]] ChannelRef find(const std::string& name) const;

  [[nodiscard]] Joined join(ChannelEntry& channel, const StreamIdentity& identity,
                            StreamHandle handle);
  /// The late end of a replaced stream takes nothing from the one that replaced it.
  void leave(ChannelEntry& channel, const StreamIdentity& identity, StreamHandle handle);

  [[nodiscard]] std::optional<StreamHandle> stream_of(const std::string& id) const;
  [[nodiscard]] std::size_t channels() const { return channels_.size(); }
  [[nodiscard]] std::uint64_t streams() const { return streams_; }

 private:
  void forget_idle(std::vector<std::uint64_t>& forgotten, Instant now);

  DirectoryBounds bounds_;
  std::uint64_t last_number_ = 0;
  std::uint64_t streams_ = 0;
  std::unordered_map<std::string, ChannelRef> channels_;
  std::unordered_map<std::string, StreamHandle> by_id_;
  std::unordered_map<std::string, std::uint64_t> by_user_;
};

}  // namespace streamgauge::server

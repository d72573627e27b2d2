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
  LimitTerms limits{};
  Flaws flaws{};
};

/// What a stream says of itself; all may be empty.
struct StreamIdentity {
  std::string id{};     // the newest stream of an id wins
  std::string user{};   // counted against limits.streams_per_user
  std::string token{};  // that it was opened with
};

class Directory {
 public:
  enum class Refusal : std::uint8_t { none, channels_full, streams_full, user_full, finished };
  struct Found {
    ChannelRef channel;                    // nullptr: no room for another one
    std::vector<std::uint64_t> forgotten;  // channels given up to make room
  };
  struct Joined {
    Refusal refusal = Refusal::none;
    std::optional<StreamHandle> replaced;  // to be closed: a newer stream has its id
    std::optional<StreamHandle> evicted;   // by Flaw::evict_at_cap only
  };

  explicit Directory(DirectoryBounds bounds);

  /// The channel of that name, made if need be.
  [[nodiscard]] Found channel(const std::string& name, Instant now);
  [[nodiscard]] ChannelRef find(const std::string& name) const;

  [[nodiscard]] Joined join(ChannelEntry& channel, const StreamIdentity& identity,
                            StreamHandle handle);
  /// The late end of a replaced stream takes nothing from the one that replaced it; by
  /// Flaw::late_close_unregisters it does, and that one is returned.
  std::optional<StreamHandle> leave(ChannelEntry& channel, const StreamIdentity& identity,
                                    StreamHandle handle);

  [[nodiscard]] std::optional<StreamHandle> stream_of(const std::string& id) const;
  [[nodiscard]] std::size_t channels() const { return channels_.size(); }
  [[nodiscard]] std::uint64_t streams() const { return streams_; }

 private:
  [[nodiscard]] std::optional<StreamHandle> oldest_for_cap();
  void forget_idle(std::vector<std::uint64_t>& forgotten, Instant now);

  DirectoryBounds bounds_;
  std::uint64_t last_number_ = 0;
  std::uint64_t forgotten_sequence_ = 0;  // the highest of all channels forgotten
  std::uint64_t streams_ = 0;
  std::vector<StreamHandle> by_age_;  // kept by Flaw::evict_at_cap only
  std::unordered_map<std::string, ChannelRef> channels_;
  std::unordered_map<std::string, StreamHandle> by_id_;
  std::unordered_map<std::string, std::uint64_t> by_user_;
};

}  // namespace streamgauge::server

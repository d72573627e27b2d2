// The one point through which every publication goes: it numbers events and hands them to all
// shards in the same order.
//
// A lock is held while an event is numbered and put into every shard's inbox, and also while a
// stream joins. So all shards see one order, and a stream that joins finds each event either in its
// shard's inbox (which it drains before it subscribes) or gets it live.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "harness/core/base/error.hpp"
#include "reference-server/core/directory.hpp"
#include "reference-server/core/settings.hpp"

namespace streamgauge::server {

class Shard;

struct Published {
  std::string id;
  std::uint64_t subscribers = 0;
};

class Sequencer {
 public:
  Sequencer(const HubSettings& settings, DirectoryBounds bounds)
      : settings_(settings), directory_(std::move(bounds)) {}

  /// Before any traffic; the shards outlive the sequencer's use.
  void set_shards(std::vector<Shard*> shards) { shards_ = std::move(shards); }

  /// `caller` is the shard on whose thread this runs: it is not woken, it drains by itself.
  /// Errors: what cannot be encoded (ExitCode::usage), or no room for another channel (target).
  [[nodiscard]] Result<Published> publish(const std::string& channel,
                                          const Publication& publication, Shard& caller,
                                          Instant now);

  struct Joined {
    Directory::Refusal refusal = Directory::Refusal::none;
    ChannelRef channel;
  };
  [[nodiscard]] Joined join(const std::string& channel, const StreamIdentity& identity,
                            StreamHandle handle, Instant now);
  void leave(const ChannelRef& channel, const StreamIdentity& identity, StreamHandle handle);
  /// Closes the stream that carries `id`; false when there is none.
  bool revoke(const std::string& id);

  [[nodiscard]] ChannelRef find(const std::string& channel);
  [[nodiscard]] std::uint64_t published() const { return published_.value(); }
  [[nodiscard]] std::uint64_t published_bytes() const { return published_bytes_.value(); }
  [[nodiscard]] std::size_t channels();

 private:
  ChannelRef channel_of(const std::string& name, Instant now);

  const HubSettings& settings_;
  std::mutex mutex_;
  Directory directory_;
  std::vector<Shard*> shards_;
  std::uint64_t sequence_ = 0;
  Counter published_;
  Counter published_bytes_;
};

}  // namespace streamgauge::server

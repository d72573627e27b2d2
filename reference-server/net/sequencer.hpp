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
#include "reference-server/core/access.hpp"
#include "reference-server/core/directory.hpp"
#include "reference-server/core/settings.hpp"

namespace streamgauge::server {

class Shard;

struct Published {
  std::string id;
  std::uint64_t subscribers = 0;
  bool finished = false;  // the channel is: nothing was published
};

class Sequencer {
 public:
  Sequencer(const HubSettings& settings, DirectoryBounds bounds)
      : settings_(settings), directory_(std::move(bounds)) {}

  /// Before any traffic.
  void set_tokens(std::vector<std::string> tokens) { tokens_ = AccessTokens{std::move(tokens)}; }
  /// Before any traffic; the shards outlive the sequencer's use.
  void set_shards(std::vector<Shard*> shards) { shards_ = std::move(shards); }

  /// `caller` is the shard on whose thread this runs: it is not woken, it drains by itself. Null:
  /// some other thread.
  /// Errors: what cannot be encoded (ExitCode::usage), or no room for another channel (target).
  [[nodiscard]] Result<Published> publish(const std::string& channel,
                                          const Publication& publication, Shard* caller,
                                          Instant now);

  struct Joined {
    Directory::Refusal refusal = Directory::Refusal::none;
    ChannelRef channel;
    bool finished = false;  // the channel is: there may be a rest to replay, and nothing after it
  };
  /// `resumes`: the stream asks for what came after some id, so a finished channel takes it in.
  [[nodiscard]] Joined join(const std::string& channel, const StreamIdentity& identity,
                            StreamHandle handle, bool resumes, Instant now);
  /// A stream that is the answer to one request; counted as others are.
  [[nodiscard]] Joined join_answer(const StreamIdentity& identity, StreamHandle handle);
  void leave(const ChannelRef& channel, const StreamIdentity& identity, StreamHandle handle);
  /// Closes the stream that carries `id`; false when there is none.
  bool revoke(const std::string& id);
  /// Whether this token opens streams.
  [[nodiscard]] bool authorized(std::string_view token);
  /// Takes the right away, and ends the token's streams on all shards. A stream that is just being
  /// opened ends, too: its shard is told after it was let in. False: the token was not valid.
  bool revoke_token(const std::string& token);
  /// Ends the stream that carries `id`, or all of `channel`, on purpose; false: there is none.
  bool close_id(const std::string& id);
  bool close_channel(const std::string& channel);
  /// No more is published to the channel; its streams get what waits, and end.
  bool finish(const std::string& channel, Instant now);

  [[nodiscard]] ChannelRef find(const std::string& channel);
  [[nodiscard]] std::uint64_t published() const { return published_.value(); }
  [[nodiscard]] std::uint64_t published_bytes() const { return published_bytes_.value(); }
  [[nodiscard]] std::size_t channels();

 private:
  ChannelRef channel_of(const std::string& name, Instant now);
  void carry_out(Joined& joined, const Directory::Joined& answer);

  const HubSettings& settings_;
  std::mutex mutex_;
  Directory directory_;
  AccessTokens tokens_;
  std::vector<Shard*> shards_;
  ChannelRef answers_ = std::make_shared<ChannelEntry>();  // number: answers_channel
  Counter published_;
  Counter published_bytes_;
};

}  // namespace streamgauge::server

// What the parts of one server share.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include "reference-server/net/options.hpp"
#include "reference-server/net/sequencer.hpp"
#include "reference-server/net/shard.hpp"

namespace streamgauge::server {

enum class Phase : std::uint8_t { starting, ready, draining, stopped };

struct Context {
  Context(ServerOptions of, HubSettings hub, DirectoryBounds bounds)
      : options(std::move(of)), settings(std::move(hub)), sequencer(settings, std::move(bounds)) {}

  const ServerOptions options;
  const HubSettings settings;
  EventPtr head_chunked;
  EventPtr head_plain;
  EventPtr opening;
  Sequencer sequencer;
  std::vector<std::unique_ptr<Shard>> shards;
  std::atomic<Phase> phase{Phase::starting};
  std::function<void()> begin_drain;    // from any thread; answers at once
  std::function<void()> shard_drained;  // from a shard's thread, once each
};

}  // namespace streamgauge::server

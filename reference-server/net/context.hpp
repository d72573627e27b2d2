// What the parts of one server share.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "reference-server/core/spread.hpp"
#include "reference-server/net/options.hpp"
#include "reference-server/net/sequencer.hpp"
#include "reference-server/net/shard.hpp"
#include "reference-server/net/tls.hpp"

namespace streamgauge::server {

enum class Phase : std::uint8_t { starting, ready, draining, stopped };

/// Requests for a stream that were not given one; written by any thread.
struct Refusals {
  enum Reason : std::uint8_t {
    unauthorized,
    user_full,
    streams_full,
    channels_full,
    finished,
    draining,
    count_
  };
  std::array<std::atomic<std::uint64_t>, count_> by_reason{};
};

struct Context {
  Context(ServerOptions of, HubSettings hub, DirectoryBounds bounds)
      : options(std::move(of)), settings(std::move(hub)), sequencer(settings, std::move(bounds)) {}

  const ServerOptions options;
  const HubSettings settings;
  EventPtr head_chunked;
  EventPtr head_plain;
  EventPtr head_gzip;  // by Flaw::compressed_without_flush only
  EventPtr opening;    // with `first_event`: each stream has its own
  DrainPlan drain;
  std::shared_ptr<const TlsIdentity> tls;  // of the service; nullptr: in the clear
  Sequencer sequencer;
  Refusals refused;
  std::vector<std::unique_ptr<Shard>> shards;
  std::atomic<Phase> phase{Phase::starting};
  std::function<void()> begin_drain;    // from any thread; answers at once
  std::function<void()> shard_drained;  // from a shard's thread, once each

  void count_refused(Refusals::Reason reason) {
    refused.by_reason[reason].fetch_add(1, std::memory_order_relaxed);
  }
};

}  // namespace streamgauge::server

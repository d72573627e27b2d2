// Readers that stop reading: what the kernel holds for them, what the contract's queue holds, and
// whether the target gave up on them.
#pragma once

#include <algorithm>

#include "harness/core/base/units.hpp"
#include "harness/core/check/fold.hpp"
#include "harness/core/check/publish_trail.hpp"
#include "harness/core/check/timeline.hpp"

namespace streamgauge {

/// The most that the kernel takes off the target's hands for a reader that stopped: the sender's
/// buffer grows to 4 MiB (tcp_wmem), the receiver's to 6 MiB (tcp_rmem) or twice what was set. What
/// was published beyond that and the queue must have overflowed.
[[nodiscard]] inline std::uint64_t kernel_bytes_max(const Scenario& scenario, std::uint16_t group) {
  std::uint64_t receive = 6_MiB;
  if (group < scenario.groups.size()) {
    if (const auto set = scenario.groups[group].receive_buffer_bytes) {
      receive = 2 * std::uint64_t{*set};
    }
  }
  return receive + 4_MiB;
}

/// What an event may cost a queue beside its data: field names, an id, a node.
inline constexpr std::uint64_t event_overhead = 256;

/// The queue of one subscriber in bytes, events counted with `event_bytes` each.
[[nodiscard]] inline std::uint64_t queue_bytes(const QueueTerms& queue, std::uint64_t event_bytes) {
  const auto by_events = queue.events_max * event_bytes;
  if (queue.bytes_max == 0) return by_events;
  return queue.events_max == 0 ? queue.bytes_max : std::min(queue.bytes_max, by_events);
}

/// Can the harness see that the target has closed a connection that is not read? A FIN waits behind
/// what the reader does not take; only on this machine the kernel can be asked about the other end.
[[nodiscard]] inline bool sees_the_end(const TargetSpec& target) {
  const std::string_view url = target.url;
  return target.spawn || url.find("//127.") != std::string_view::npos ||
         url.find("//localhost") != std::string_view::npos ||
         url.find("//[::1]") != std::string_view::npos;
}

/// A stream's life until the target gave it up for not reading; later connections do not change it.
struct StoppedReader {
  StreamLife life;
  Instant cut_at{};
  bool cut = false;  // the target ended the connection after the client stopped reading

  /// False once the story of the reader is over: what follows is another connection's.
  bool on(const Record& record) {
    if (over) return false;
    const bool was_stopped = life.ever_stopped;
    life.on(record);
    if (!was_stopped) return true;
    if (life.gone && !cut) cut = true, cut_at = life.gone_at;
    if (const auto* closed = std::get_if<fact::Closed>(&record.fact)) {
      over = true;
      const bool by_target = closed->ending != Ending::local && closed->ending != Ending::timed_out;
      if (by_target && !cut) cut = true, cut_at = record.at;
    }
    return true;
  }
  bool over = false;

  /// Until when the client did not read: its resumption, or `end`.
  [[nodiscard]] Instant stopped_until(Instant end) const {
    return life.resumed ? life.resumed_at : end;
  }
};

/// For CheckSpec::not_stated.
[[nodiscard]] inline std::string no_queue(const Contract& contract) {
  return contract.queue ? "" : "queue";
}

/// What checks of stopped readers fold: the readers, what was published meanwhile, and when.
struct StoppedReaders {
  static constexpr std::uint32_t wants =
      StreamLife::wants | Timeline::wants | facts<fact::Published>();

  explicit StoppedReaders(const Scenario& scenario) : timeline(scenario) {}

  void on(const Record& record) {
    if (const auto* published = std::get_if<fact::Published>(&record.fact)) {
      trail.on(*published, record.at);
    } else if (record.stream == no_stream) {
      timeline.on(record);
    } else {
      timeline.see(record.at);
      (void)readers[record.stream].on(record);
    }
  }

  void merge(const StoppedReaders& other) {
    timeline.merge(other.timeline);
    readers.merge(other.readers);
    trail.merge(other.trail);
  }

  Timeline timeline;
  PerStream<StoppedReader> readers;
  PublishTrail trail;
};

}  // namespace streamgauge

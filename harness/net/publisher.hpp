// The publisher: sends enveloped events at their intended times over HTTP, on a thread of its own,
// so that neither the swarm's load nor the engine delays it.
//
// Open model: intended times come from the rate alone; a late send is counted (Published::late),
// never dropped and never rescheduled. One keep-alive connection per channel keeps the order of a
// channel; it reconnects when the target closes it. A request not answered within `answer_within`
// is recorded with status 0 and the connection is replaced. While a target refuses or breaks
// connections, attempts are 100 ms apart; events that wait meanwhile are owed, not failed: each
// sequence number belongs to one attempt that was really made, and none is sent twice. So a target
// that is down for a second gets ten failed publications, which are due to nobody, and the rest
// when it is back.
//
// With a second instance each message goes to both at the same time, from the first on, and the
// next one waits until both have answered: both see one order and number it alike. The first one's
// answer counts until switch_to_standby(); from then on only the second one is published to.
//
// In the envelope STREAM is the channel's index, SEQ counts from 1 for each channel, and
// INTENDED_NS is the schedule's time. Templates: see publish_request.hpp.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/base/error.hpp"
#include "harness/core/history/record.hpp"
#include "harness/core/scenario/scenario.hpp"
#include "harness/net/swarm.hpp"

namespace streamgauge::net {

/// A second instance, and how to publish there.
struct Standby {
  StreamEndpoint endpoint;
  PublishTemplate publish;
};

struct PublisherConfig {
  const Scenario* scenario = nullptr;
  StreamEndpoint endpoint;  // addresses and host; path is the template's
  PublishTemplate publish;
  std::optional<Standby> standby;
  RecordSink* sink = nullptr;  // called on the publisher's thread only
  std::uint32_t run = 0;
  Duration answer_within = std::chrono::seconds{5};
};

struct PublisherStatus {
  std::uint64_t published = 0;  // answered with 2xx
  std::uint64_t failed = 0;     // other status, or no answer
  std::uint64_t due = 0;        // intended so far; minus the two above: the backlog
  Duration worst_late{};
  std::uint64_t uneven = 0;  // taken by one of two instances that went on: their ids may differ
};

class Publisher {
 public:
  explicit Publisher(PublisherConfig config);
  ~Publisher();
  Publisher(const Publisher&) = delete;
  void start();

  /// Replaces what is being published from now on; sequence numbers go on. Empty: nothing.
  void set(std::vector<Publication> publications);
  /// Publishes one after the other on `channel`; see harness/core/check/probes.hpp, also for what
  /// is recorded of a probe that the template cannot carry. Each is intended when it is sent.
  void publish_probes(std::uint16_t channel);
  /// From the next message on, only the second instance; without one nothing changes.
  void switch_to_standby();
  /// Waits until everything that was due before now is answered, at most `at_most`.
  [[nodiscard]] bool drain(Duration at_most);
  /// Runs `tell` with the sink on the publisher's thread; after stop(), on the caller's.
  void tell_sink(std::function<void(RecordSink&)> tell);
  [[nodiscard]] PublisherStatus status() const;
  /// Ends the thread. A request under way is recorded with status 0; what is owed is not sent.
  void stop();

 private:
  struct Body;
  std::unique_ptr<Body> body_;
};

}  // namespace streamgauge::net

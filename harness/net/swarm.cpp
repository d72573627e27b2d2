#include "harness/net/swarm.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <boost/assert.hpp>
#include <filesystem>

#include "harness/core/base/units.hpp"
#include "harness/net/clock.hpp"
#include "harness/net/swarm_thread.hpp"

namespace streamgauge::net {
namespace {

// Beside the streams: epoll, timers, a publisher's connections, a target's pipes, report files.
constexpr std::uint64_t other_descriptors = 64;

std::uint64_t descriptors_in_use() {
  std::error_code error;
  std::uint64_t count = 0;
  for (auto it = std::filesystem::directory_iterator("/proc/self/fd", error);
       !error && it != std::filesystem::directory_iterator{}; it.increment(error)) {
    ++count;
  }
  return count;
}

/// Sockets of clients that vanish while they come back with another one.
std::uint64_t kept_aside(const Scenario& scenario) {
  std::uint64_t sockets = 0;
  for (const Phase& phase : scenario.phases) {
    for (const TimedAction& timed : phase.actions) {
      const auto* close = std::get_if<action::CloseStreams>(&timed.action);
      const bool keeps = close != nullptr && close->how == AbortKind::vanish;
      if (keeps && close->return_at_once) sockets += scenario.groups[close->group].streams;
    }
  }
  return sockets;
}

Result<void> allow_descriptors(std::uint64_t streams, std::uint64_t more) {
  const std::uint64_t needed = streams + more + descriptors_in_use() + other_descriptors;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= needed) return {};
  const rlimit raised{limit.rlim_max, limit.rlim_max};
  if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
  if (limit.rlim_cur >= needed) return {};
  return target_error(fmt::format(
      "{} streams need {} file descriptors, but this process may open {}: raise the hard limit "
      "(ulimit -Hn) or take fewer streams.",
      format_count(streams), format_count(needed), format_count(limit.rlim_cur)));
}

}  // namespace

struct Swarm::Body {
  explicit Body(SwarmConfig given) : config(std::move(given)) {
    for (const ClientGroup& group : config.scenario->groups) {
      first_ids.push_back(static_cast<StreamId>(streams));
      streams += group.streams;
      if (!group.joins_later) streams_that_came += group.streams;
      came.push_back(!group.joins_later);
    }
    for (std::size_t i = 0; i < config.sinks.size(); ++i) {
      threads.push_back(std::make_unique<SwarmThread>(config, i, streams, first_ids));
    }
  }

  void deal_out_clients(Instant begin) {
    StreamId id = 0;
    for (std::size_t g = 0; g < config.scenario->groups.size(); ++g) {
      const ClientGroup& group = config.scenario->groups[g];
      for (std::uint32_t i = 0; i < group.streams; ++i, ++id) {
        std::optional<Instant> intended = begin + group.ramp * i / group.streams;
        if (group.joins_later) intended.reset();
        threads[id % threads.size()]->add_client(id, static_cast<std::uint16_t>(g), intended);
      }
    }
  }

  void each_thread(const std::function<void(SwarmThread&)>& order) {
    for (const auto& thread : threads) thread->post(order);
  }

  SwarmConfig config;
  std::vector<StreamId> first_ids;  // of each group
  std::uint64_t streams = 0;
  std::vector<bool> came;                           // of each group: told to connect
  std::atomic<std::uint64_t> streams_that_came{0};  // of those groups
  std::vector<std::unique_ptr<SwarmThread>> threads;
  bool started = false;
  bool stopped = false;
};

Swarm::Swarm(SwarmConfig config) {
  BOOST_ASSERT(config.scenario != nullptr && !config.sinks.empty() &&
               !config.endpoint.addresses.empty());
  body_ = std::make_unique<Body>(std::move(config));
}

Swarm::~Swarm() {
  stop();
}

Result<void> Swarm::start() {
  BOOST_ASSERT(!body_->started);
  if (auto allowed = allow_descriptors(body_->streams, kept_aside(*body_->config.scenario));
      !allowed)
    return allowed;
  body_->started = true;
  const Instant begin = now();
  body_->deal_out_clients(begin);
  for (const auto& thread : body_->threads) thread->start(begin);
  return {};
}

void Swarm::stop_reading(std::uint16_t group, std::optional<Duration> resume_after) {
  body_->each_thread([=](SwarmThread& thread) { thread.stop_reading(group, resume_after); });
}

void Swarm::resume_reading(std::uint16_t group) {
  body_->each_thread([=](SwarmThread& thread) { thread.resume_reading(group); });
}

void Swarm::close_streams(const action::CloseStreams& order, Duration spread) {
  body_->each_thread([=](SwarmThread& thread) { thread.close_streams(order, spread); });
}

void Swarm::join(std::uint16_t group, Duration spread) {
  if (body_->came[group]) return;
  body_->came[group] = true;
  body_->streams_that_came += body_->config.scenario->groups[group].streams;
  body_->each_thread([=](SwarmThread& thread) { thread.join(group, spread); });
}

void Swarm::stall_path(std::uint16_t group, Duration length) {
  body_->each_thread([=](SwarmThread& thread) { thread.stall_path(group, length); });
}

void Swarm::set_visible(std::uint16_t group, bool visible) {
  body_->each_thread([=](SwarmThread& thread) { thread.set_visible(group, visible); });
}

void Swarm::change_token(std::uint16_t group, Credential credential) {
  body_->each_thread([=](SwarmThread& thread) { thread.change_token(group, credential); });
}

void Swarm::switch_endpoint(StreamEndpoint endpoint) {
  BOOST_ASSERT(!endpoint.addresses.empty());
  const auto shared = std::make_shared<const StreamEndpoint>(std::move(endpoint));
  body_->each_thread([=](SwarmThread& thread) { thread.switch_endpoint(shared); });
}

void Swarm::tell_sinks(std::function<void(RecordSink&)> tell) {
  if (body_->stopped) {
    for (RecordSink* sink : body_->config.sinks) tell(*sink);
    return;
  }
  body_->each_thread([tell = std::move(tell)](SwarmThread& thread) { tell(thread.sink()); });
}

SwarmStatus Swarm::status() const {
  SwarmStatus status;
  status.streams = body_->streams_that_came;
  for (const auto& thread : body_->threads) {
    const SwarmCounters& counters = thread->counters();
    status.open += counters.open.get();
    status.settled += counters.settled.get();
    status.given_up += counters.given_up.get();
    status.connect_failures += counters.connect_failures.get();
    status.refused += counters.refused.get();
    status.events += counters.events.get();
    status.comments += counters.comments.get();
    status.bytes += counters.bytes.get();
    status.late_starts += counters.late_starts.get();
  }
  return status;
}

void Swarm::stop() {
  if (!body_ || body_->stopped) return;
  for (const auto& thread : body_->threads) thread->request_stop();
  for (const auto& thread : body_->threads) thread->wait_for_end();
  body_->stopped = true;
}

}  // namespace streamgauge::net

#include "harness/net/publisher.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "harness/core/check/probes.hpp"
#include "harness/core/sse/envelope.hpp"
#include "harness/net/clock.hpp"
#include "harness/net/http_connection.hpp"
#include "harness/net/publish_request.hpp"
#include "harness/net/publish_schedule.hpp"

// GCC 12 sees a mismatch where Asio's coroutine frames inline their own new and delete.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace streamgauge::net {
namespace asio = boost::asio;
using sse::EnvelopeKind;
namespace {

constexpr Duration reconnect_backoff = std::chrono::milliseconds{100};
constexpr auto as_value = asio::as_tuple(asio::use_awaitable);

/// What a coroutine throws is a bug and must end the thread that runs it.
void rethrow(const std::exception_ptr& bug) {
  if (bug) std::rethrow_exception(bug);
}

/// One message that is to be sent now.
struct Job {
  Instant intended{};  // in the order of a channel, and for `late`
  EnvelopeKind kind = EnvelopeKind::normal;
  std::uint32_t size_bytes = 0;
  const Probe* probe = nullptr;
};

struct ProbeRound {
  Instant asked;
  std::size_t next = 0;
};

/// The same message on its way to the second instance.
struct Copy {
  Copy(asio::io_context& context, const StreamEndpoint& to)
      : connection(context, to.addresses, to.tls), answered(context) {}
  HttpConnection connection;
  asio::steady_timer answered;  // cancelled when it is
  bool under_way = false;
  HttpExchange answer;
};

/// One channel: its connection, and what it owes. `connection`, `copy`, `only_copied`, `timer`,
/// `seq` and `not_before` belong to the publisher's thread, the rest is under the mutex.
struct Lane {
  Lane(asio::io_context& context, std::uint16_t index, const PublisherConfig& config)
      : channel(index),
        connection(context, config.endpoint.addresses, config.endpoint.tls),
        timer(context) {
    if (config.standby) copy.emplace(context, config.standby->endpoint);
  }

  const std::uint16_t channel;
  HttpConnection connection;
  std::optional<Copy> copy;
  std::uint64_t only_copied = 0;  // since the first instance took one last
  asio::steady_timer timer;
  std::uint64_t seq = 0;
  Instant not_before{};
  bool running = false;

  std::vector<PublishSchedule> schedules;
  std::deque<ProbeRound> rounds;
  std::optional<Instant> in_flight;
  std::uint64_t due_before = 0;  // of schedules that are done and gone, and of probes

  [[nodiscard]] PublishSchedule* earliest();
  [[nodiscard]] bool owes_before(Instant before);
  [[nodiscard]] std::uint64_t due(Instant at) const;
  void forget_finished();
};

PublishSchedule* Lane::earliest() {
  PublishSchedule* first = nullptr;
  for (auto& schedule : schedules) {
    const auto next = schedule.next();
    if (next && (first == nullptr || *next < *first->next())) first = &schedule;
  }
  return first;
}

bool Lane::owes_before(Instant before) {
  if (in_flight && *in_flight < before) return true;
  if (!rounds.empty() && rounds.front().asked < before) return true;
  const auto* schedule = earliest();
  return schedule != nullptr && *schedule->next() < before;
}

std::uint64_t Lane::due(Instant at) const {
  auto sum = due_before;
  for (const auto& schedule : schedules) sum += schedule.due(at);
  return sum;
}

void Lane::forget_finished() {
  std::erase_if(schedules, [this](const PublishSchedule& schedule) {
    if (schedule.next()) return false;
    due_before += schedule.due(Instant::max());
    return true;
  });
}

}  // namespace

struct Publisher::Body {
  explicit Body(PublisherConfig given);

  void wake(Lane& lane);
  std::optional<Job> take_job(Lane& lane, Instant at, std::optional<Instant>& wait_until);
  asio::awaitable<void> publish(Lane& lane, Job job);
  asio::awaitable<std::optional<HttpExchange>> send(Lane& lane, PublishValues values,
                                                    Instant deadline);
  static asio::awaitable<void> send_copy(Copy* copy, std::string request, Instant deadline);
  [[nodiscard]] bool on_standby() const {
    const std::lock_guard lock(mutex);
    return switched;
  }
  void compare(Lane& lane, const HttpExchange& first, const HttpExchange& second);
  void settle(Lane& lane, const Job& job, const fact::Published& published);
  static asio::awaitable<void> run_lane(Body* body, Lane* lane);

  const PublisherConfig config;
  asio::io_context context{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
  std::vector<std::unique_ptr<Lane>> lanes;
  std::thread thread;

  mutable std::mutex mutex;
  std::condition_variable answered;
  bool stopping = false;
  bool switched = false;
  PublisherStatus counts;  // all but `due`
};

Publisher::Body::Body(PublisherConfig given) : config(std::move(given)) {
  for (std::size_t i = 0; i < config.scenario->channels.size(); ++i) {
    lanes.push_back(std::make_unique<Lane>(context, static_cast<std::uint16_t>(i), config));
  }
}

/// From any thread: `lane` has something new to do. Its coroutine starts with its first work.
void Publisher::Body::wake(Lane& lane) {
  asio::post(context, [this, &lane] {
    if (std::exchange(lane.running, true)) {
      lane.timer.cancel();
    } else {
      asio::co_spawn(context, run_lane(this, &lane), rethrow);
    }
  });
}

/// The next message that is due; if none, until when to wait (nullopt: until woken).
std::optional<Job> Publisher::Body::take_job(Lane& lane, Instant at,
                                             std::optional<Instant>& wait_until) {
  const std::lock_guard lock(mutex);
  wait_until.reset();
  lane.forget_finished();
  auto* const schedule = lane.earliest();
  const auto next = schedule != nullptr ? schedule->next() : std::nullopt;
  const bool probe = !lane.rounds.empty() && (!next || lane.rounds.front().asked <= *next);
  if (!probe && !next) return std::nullopt;

  const auto ready = std::max(probe ? lane.rounds.front().asked : *next, lane.not_before);
  if (ready > at) {
    wait_until = ready;
    return std::nullopt;
  }
  Job job;
  if (probe) {
    auto& round = lane.rounds.front();
    lane.in_flight = round.asked;
    job = {at, EnvelopeKind::probe, 0, &wire_probes()[round.next]};
    if (++round.next == wire_probes().size()) lane.rounds.pop_front();
  } else {
    lane.in_flight = next;
    const bool critical = schedule->take();
    job = {*next, critical ? EnvelopeKind::critical : EnvelopeKind::normal,
           schedule->publication().size_bytes, nullptr};
  }
  return job;
}

void Publisher::Body::settle(Lane& lane, const Job& job, const fact::Published& published) {
  if (config.sink != nullptr) config.sink->on({now(), no_stream, published});
  const std::lock_guard lock(mutex);
  lane.in_flight.reset();
  if (published.seq != 0) {
    if (job.probe != nullptr) ++lane.due_before;
    ++(published.status / 100 == 2 ? counts.published : counts.failed);
    counts.worst_late = std::max(counts.worst_late, published.late);
  }
  answered.notify_all();
}

/// To whom it is due; the answer that counts, or nullopt for what cannot be published at all.
asio::awaitable<std::optional<HttpExchange>> Publisher::Body::send(Lane& lane, PublishValues values,
                                                                   Instant deadline) {
  std::optional<std::string> copied;
  if (config.standby) {
    copied = publish_request(config.standby->publish, config.standby->endpoint.host, values);
    if (!copied) co_return std::nullopt;
    if (on_standby()) {
      co_return co_await lane.copy->connection.exchange(std::move(*copied), deadline, WantBody::no);
    }
  }
  auto request = publish_request(config.publish, config.endpoint.host, values);
  if (!request) co_return std::nullopt;
  if (copied) {
    lane.copy->under_way = true;
    asio::co_spawn(context, send_copy(&*lane.copy, std::move(*copied), deadline), rethrow);
  }
  auto first = co_await lane.connection.exchange(std::move(*request), deadline, WantBody::no);
  if (!lane.copy) co_return first;
  while (lane.copy->under_way) {
    lane.copy->answered.expires_at(std::chrono::steady_clock::time_point::max());
    co_await lane.copy->answered.async_wait(as_value);
  }
  compare(lane, first, lane.copy->answer);
  co_return on_standby() ? lane.copy->answer : first;
}

asio::awaitable<void> Publisher::Body::send_copy(Copy* copy, std::string request,
                                                 Instant deadline) {
  copy->answer = co_await copy->connection.exchange(std::move(request), deadline, WantBody::no);
  copy->under_way = false;
  copy->answered.cancel();
}

/// What the first instance refuses while it stops is no difference: it gives out no later id. Only
/// once it takes another message have the two counted differently.
void Publisher::Body::compare(Lane& lane, const HttpExchange& first, const HttpExchange& second) {
  const bool first_took = first.status / 100 == 2;
  const bool second_took = second.status / 100 == 2;
  if (!first_took && second_took) ++lane.only_copied;
  if (!first_took) return;
  const std::lock_guard lock(mutex);
  counts.uneven += std::exchange(lane.only_copied, 0) + (second_took ? 0 : 1);
}

asio::awaitable<void> Publisher::Body::publish(Lane& lane, Job job) {
  const auto start = now();
  if (job.probe != nullptr) job.intended = start;  // due when its predecessor is answered
  const sse::Envelope envelope{config.run, lane.channel, lane.seq + 1, job.intended, job.kind};
  std::string data;
  sse::append_envelope(data, envelope, job.size_bytes);
  if (job.probe != nullptr) data.append(job.probe->tail);

  const auto id = std::to_string(config.run) + "-" + std::to_string(lane.channel) + "-" +
                  std::to_string(envelope.seq);
  PublishValues values;
  values.channel = config.scenario->channels[lane.channel];
  values.data = data;
  values.event = job.probe != nullptr ? job.probe->event_type : std::string_view{};
  values.id = id;
  values.message_class = job.kind == EnvelopeKind::critical ? config.publish.critical_class
                                                            : config.publish.normal_class;
  values.key = id;
  values.token = config.endpoint.tokens.valid;
  fact::Published published{lane.channel, 0, job.intended, start - job.intended,
                            Duration{},   0, job.kind,     0};
  if (const auto result = co_await send(lane, values, start + config.answer_within)) {
    published.seq = ++lane.seq;
    published.took = (result->status != 0 ? result->answered : now()) - start;
    published.bytes = static_cast<std::uint32_t>(data.size());
    published.status = result->status;
    const bool broken = result->status == 0 && result->failure != HttpExchange::Failure::timed_out;
    if (broken) lane.not_before = now() + reconnect_backoff;
  }
  settle(lane, job, published);
}

asio::awaitable<void> Publisher::Body::run_lane(Body* body, Lane* lane) {
  while (true) {
    {
      const std::lock_guard lock(body->mutex);
      if (body->stopping) co_return;
    }
    std::optional<Instant> wait_until;
    if (const auto job = body->take_job(*lane, now(), wait_until)) {
      co_await body->publish(*lane, *job);
      continue;
    }
    lane->timer.expires_at(wait_until ? to_steady(*wait_until)
                                      : std::chrono::steady_clock::time_point::max());
    co_await lane->timer.async_wait(as_value);
  }
}

Publisher::Publisher(PublisherConfig config) : body_(std::make_unique<Body>(std::move(config))) {}

Publisher::~Publisher() {
  stop();
}

void Publisher::start() {
  if (body_->thread.joinable()) return;
  body_->thread = std::thread([this] { body_->context.run(); });
}

void Publisher::set(std::vector<Publication> publications) {
  const auto begin = now();
  const std::lock_guard lock(body_->mutex);
  for (auto& lane : body_->lanes) {
    for (auto& schedule : lane->schedules) schedule.stop_at(begin);
  }
  for (std::size_t i = 0; i < publications.size(); ++i) {
    const auto& publication = publications[i];
    auto& lane = *body_->lanes.at(publication.channel_index);
    // Phases are spread over the period: channels of one rate must not fire in lockstep.
    const auto share = static_cast<double>(i) / static_cast<double>(publications.size());
    const auto phase =
        publication.events_per_s > 0
            ? Duration{static_cast<Duration::rep>(share * 1e9 / publication.events_per_s)}
            : Duration{};
    lane.schedules.emplace_back(publication, begin + phase);
  }
  for (auto& lane : body_->lanes) {
    if (!lane->schedules.empty()) body_->wake(*lane);
  }
}

void Publisher::publish_probes(std::uint16_t channel) {
  const std::lock_guard lock(body_->mutex);
  auto& lane = *body_->lanes.at(channel);
  if (wire_probes().empty()) return;
  lane.rounds.push_back({now()});
  body_->wake(lane);
}

void Publisher::switch_to_standby() {
  const std::lock_guard lock(body_->mutex);
  body_->switched = body_->config.standby.has_value();
}

bool Publisher::drain(Duration at_most) {
  const auto before = now();
  std::unique_lock lock(body_->mutex);
  return body_->answered.wait_for(lock, at_most, [&] {
    return std::none_of(body_->lanes.begin(), body_->lanes.end(),
                        [&](const auto& lane) { return lane->owes_before(before); });
  });
}

void Publisher::tell_sink(std::function<void(RecordSink&)> tell) {
  if (body_->config.sink == nullptr) return;
  {
    const std::lock_guard lock(body_->mutex);
    if (!body_->stopping) {
      asio::post(body_->context, [this, tell = std::move(tell)] { tell(*body_->config.sink); });
      return;
    }
  }
  tell(*body_->config.sink);
}

PublisherStatus Publisher::status() const {
  const std::lock_guard lock(body_->mutex);
  auto status = body_->counts;
  const auto at = now();
  for (const auto& lane : body_->lanes) status.due += lane->due(at);
  return status;
}

void Publisher::stop() {
  {
    const std::lock_guard lock(body_->mutex);
    if (std::exchange(body_->stopping, true)) return;
  }
  asio::post(body_->context, [this] {
    for (auto& lane : body_->lanes) {
      lane->timer.cancel();
      lane->connection.cancel();
      if (lane->copy) lane->copy->connection.cancel();
    }
  });
  body_->work.reset();
  if (body_->thread.joinable()) body_->thread.join();
}

}  // namespace streamgauge::net

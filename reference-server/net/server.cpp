#include "reference-server/net/server.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "harness/core/base/units.hpp"
#include "reference-server/core/held_output.hpp"
#include "reference-server/net/acceptor.hpp"
#include "reference-server/net/clock.hpp"
#include "reference-server/net/context.hpp"

namespace streamgauge::server {

struct Server::Body {
  Body(ServerOptions options, HubSettings settings, DirectoryBounds bounds)
      : context(std::move(options), std::move(settings), std::move(bounds)) {}

  void begin_drain();
  void close_streams(Instant until);
  [[nodiscard]] bool anybody() const;
  void stop_now();

  Context context;
  std::optional<Acceptor> service;
  std::optional<Acceptor> admin;
  std::optional<net::steady_timer> drain_delay;
  std::vector<std::thread> threads;
  std::atomic<std::size_t> shards_to_drain{0};
  std::atomic<bool> stopped{false};
};

namespace {

/// An idle channel is kept as long as its replay may be asked for.
DirectoryBounds directory_bounds(const ServerOptions& options) {
  DirectoryBounds bounds;
  bounds.channels_max = options.channels_max;
  bounds.channel_kept =
      options.contract.replay ? options.contract.replay->within : Duration::zero();
  bounds.limits = options.contract.limits;
  bounds.flaws = options.flaws;
  return bounds;
}

}  // namespace

Result<std::unique_ptr<Server>> Server::start(ServerOptions options) {
  const std::uint64_t started = static_cast<std::uint64_t>(to_ns(now()));
  auto settings = hub_settings(options.contract, options.flaws, options.epoch.value_or(started));
  if (!settings) return settings.error();
  if (const auto& drain = options.contract.drain;
      drain && options.drain_delay && *options.drain_delay >= drain->grace) {
    return usage_error(fmt::format("the drain delay is {} and drain.grace {}: no time is left",
                                   format_duration(*options.drain_delay),
                                   format_duration(drain->grace)));
  }
  if (options.tls_cert.empty() != options.tls_key.empty()) {
    return usage_error("--tls-cert and --tls-key go together: one is missing");
  }
  std::shared_ptr<const TlsIdentity> tls;
  if (!options.tls_cert.empty()) {
    auto loaded = TlsIdentity::load(options.tls_cert, options.tls_key);
    if (!loaded) return loaded.error();
    tls = std::move(*loaded);
  }
  const auto bounds = directory_bounds(options);
  auto body = std::make_unique<Body>(std::move(options), std::move(*settings), bounds);
  Context& context = body->context;
  const ServerOptions& of = context.options;
  context.tls = std::move(tls);
  const auto head = [&of](bool http10) {
    return Event::raw(stream_head(of.contract, of.flaws, http10, of.allow_origin));
  };
  context.head_chunked = head(false);
  context.head_plain = head(true);
  context.opening = stream_opening(of.contract, of.flaws);
  context.head_gzip =
      Event::raw(compressed_head(stream_head(of.contract, of.flaws, false, of.allow_origin)));
  context.drain = plan_drain(of.contract.drain, of.drain_delay);
  if (of.flaws.has(Flaw::drain_all_at_once)) context.drain.spread = Duration::zero();
  context.sequencer.set_tokens(of.tokens);
  std::vector<Shard*> shards;
  for (unsigned i = 0; i < std::max(of.threads, 1u); ++i) {
    context.shards.push_back(std::make_unique<Shard>(context, i));
    shards.push_back(context.shards.back().get());
  }
  context.sequencer.set_shards(std::move(shards));
  Shard& home = *context.shards.front();
  body->service.emplace(context, home, Role::service);
  body->admin.emplace(context, home, Role::admin);
  body->drain_delay.emplace(home.io());
  if (auto listening = body->service->listen(of.address, of.port); !listening) {
    return listening.error();
  }
  // The admin side is for this machine alone, whatever the service listens on.
  if (auto listening = body->admin->listen("127.0.0.1", of.admin_port); !listening) {
    return listening.error();
  }
  Body* const raw = body.get();
  context.begin_drain = [raw] { raw->begin_drain(); };
  context.shard_drained = [raw] {
    if (raw->shards_to_drain.fetch_sub(1) == 1) raw->stop_now();
  };
  context.phase = Phase::ready;
  body->service->start();
  body->admin->start();
  for (const auto& shard : context.shards) {
    body->threads.emplace_back([one = shard.get()] { one->run(); });
  }
  return std::unique_ptr<Server>(new Server(std::move(body)));
}

void Server::Body::begin_drain() {
  Phase expected = Phase::ready;
  if (!context.phase.compare_exchange_strong(expected, Phase::draining)) return;
  // The grace counts from the order, whatever part of it readiness takes.
  const Instant until = now() + context.drain.grace;
  const bool wait = context.options.drain_delay || anybody();
  const Duration delay = wait ? context.drain.first_close : Duration::zero();
  net::post(context.shards.front()->io(), [this, until, delay] {
    drain_delay->expires_after(std::chrono::duration_cast<net::steady_timer::duration>(delay));
    drain_delay->async_wait([this, until](const boost::system::error_code& error) {
      if (!error) close_streams(until);
    });
  });
}

bool Server::Body::anybody() const {
  return std::any_of(context.shards.begin(), context.shards.end(),
                     [](const auto& shard) { return shard->counters().streams_open.value() > 0; });
}

void Server::Body::close_streams(Instant until) {
  shards_to_drain = context.shards.size();
  for (const auto& shard : context.shards) shard->post(Command::drain(until));
}

void Server::Body::stop_now() {
  if (stopped.exchange(true)) return;
  context.phase = Phase::stopped;
  net::post(context.shards.front()->io(), [this] {
    service->close();
    admin->close();
    drain_delay->cancel();
  });
  for (const auto& shard : context.shards) shard->post(Command::stop());
  if (context.options.on_stop) context.options.on_stop();
}

Server::Server(std::unique_ptr<Body> body) : body_(std::move(body)) {}

Server::~Server() {
  stop();
  wait();
}

std::uint16_t Server::port() const {
  return body_->service->port();
}
std::uint16_t Server::admin_port() const {
  return body_->admin->port();
}
Result<void> Server::publish(const std::string& channel, const Publication& publication) {
  const auto published = body_->context.sequencer.publish(channel, publication, nullptr, now());
  if (!published) return published.error();
  return {};
}

void Server::drain() {
  body_->begin_drain();
}
void Server::stop() {
  body_->stop_now();
}
bool Server::stopped() const {
  return body_->stopped.load();
}

void Server::wait() {
  for (std::thread& thread : body_->threads) {
    if (thread.joinable()) thread.join();
  }
}

}  // namespace streamgauge::server

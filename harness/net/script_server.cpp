#include "harness/net/script_server.hpp"

#include <fmt/format.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <future>
#include <list>
#include <thread>

#include "harness/net/clock.hpp"
#include "harness/net/lag_probe.hpp"
#include "harness/net/script_connection.hpp"
#include "harness/net/wire_log.hpp"

// GCC 12 sees a mismatch where Asio's coroutine frames inline their own new and delete.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace streamgauge::net {

namespace asio = boost::asio;
using asio::ip::tcp;
namespace seen = client_case::seen;
namespace step = client_case::step;
using client_case::Reply;
using client_case::Script;
using client_case::Step;

namespace {

void put_address(std::string& text, std::string_view name, const std::string& value) {
  for (auto at = text.find(name); at != std::string::npos; at = text.find(name, at)) {
    text.replace(at, name.size(), value);
    at += value.size();
  }
}

/// Addresses stand in heads, which are short.
void fill_in(Script& script, const std::string& origin, const std::string& elsewhere) {
  for (Reply& reply : script.replies) {
    for (Step& step : reply.steps) {
      auto* write = std::get_if<step::Write>(&step);
      if (write == nullptr || write->bytes.size() > 4096) continue;
      put_address(write->bytes, "{origin}", origin);
      put_address(write->bytes, "{elsewhere}", elsewhere);
    }
  }
}

}  // namespace

struct Stage::Body : std::enable_shared_from_this<Stage::Body> {
  explicit Body(asio::io_context& context)
      : io(context), here(context), there(context), opening(context) {}

  /// Who connects before open() waits in the kernel, unless the port is to refuse at first.
  [[nodiscard]] boost::system::error_code bind(tcp::acceptor& acceptor, bool listens) {
    boost::system::error_code error;
    acceptor.open(tcp::v4(), error);
    if (!error) acceptor.bind({asio::ip::address_v4::loopback(), 0}, error);
    if (!error && listens) acceptor.listen(asio::socket_base::max_listen_connections, error);
    return error;
  }

  void accept(tcp::acceptor& acceptor, bool elsewhere) {
    acceptor.async_accept([self = shared_from_this(), &acceptor, elsewhere](
                              boost::system::error_code error, tcp::socket socket) {
      if (self->closed || error == asio::error::operation_aborted) return;
      if (!error) self->serve(std::move(socket), elsewhere);
      self->accept(acceptor, elsewhere);
    });
  }

  void serve(tcp::socket socket, bool elsewhere) {
    const auto number = ++connections;
    boost::system::error_code ignored;
    socket.set_option(tcp::no_delay{true}, ignored);
    log->add(seen::Connected{number, elsewhere});
    wire.note(now(), number, elsewhere ? "connected to the second port" : "connected");
    auto connection = std::make_shared<ScriptConnection>(std::move(socket), number, elsewhere, *log,
                                                         wire, script, requests);
    std::erase_if(served, [](const auto& old) { return old.expired(); });
    served.push_back(connection);
    asio::co_spawn(io, play(std::move(connection), shared_from_this()), asio::detached);
  }

  void open() {
    wire.begin(now());
    accept(there, true);
    if (script.refuses_for == Duration{}) return accept(here, false);
    opening.expires_after(script.refuses_for);
    opening.async_wait([self = shared_from_this()](boost::system::error_code error) {
      if (error || self->closed) return;
      self->here.listen(asio::socket_base::max_listen_connections, error);
      if (!error) self->accept(self->here, false);
    });
  }

  void close() {
    closed = true;
    boost::system::error_code ignored;
    opening.cancel();
    here.close(ignored);
    there.close(ignored);
    for (const auto& one : served) {
      if (const auto connection = one.lock()) connection->end();
    }
  }

  asio::io_context& io;
  tcp::acceptor here, there;
  asio::steady_timer opening;
  Script script;
  std::shared_ptr<ObservationLog> log;
  WireLog wire;
  std::string url;
  std::uint32_t connections = 0, requests = 0;
  std::list<std::weak_ptr<ScriptConnection>> served;
  bool closed = false;
};

Stage::Stage(std::shared_ptr<Body> body) : body_(std::move(body)) {}

Stage::~Stage() {
  std::promise<void> closed;
  asio::post(body_->io, [&] {
    body_->close();
    closed.set_value();
  });
  closed.get_future().wait();
}

const std::string& Stage::url() const {
  return body_->url;
}

void Stage::open() {
  asio::post(body_->io, [body = body_] { body->open(); });
}

std::string Stage::wire() const {
  return body_->wire.text();
}

struct ScriptServer::Body {
  Body() : beat_timer(io), lag(now()) {
    beat();
    thread = std::thread([this] { io.run(); });
  }
  ~Body() {
    asio::post(io, [this] {
      ending = true;  // a beat that is due already is not cancelled any more
      beat_timer.cancel();
    });
    work.reset();
    thread.join();
  }

  void beat() {
    beat_timer.expires_after(lag.next_beat() - now());
    beat_timer.async_wait([this](boost::system::error_code error) {
      if (error || ending) return;
      if (const auto worst = lag.beat(now())) keep(*worst);
      beat();
    });
  }

  void keep(Duration worst) {
    const std::lock_guard lock(mutex);
    lags.emplace_back(now(), worst);
    if (lags.size() > lags_max) lags.pop_front();
  }

  static constexpr std::size_t lags_max = 20'000;  // half an hour of them

  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{io.get_executor()};
  asio::steady_timer beat_timer;
  LagProbe lag;
  bool ending = false;
  mutable std::mutex mutex;
  std::deque<std::pair<Instant, Duration>> lags;
  std::thread thread;
};

ScriptServer::ScriptServer() : body_(std::make_unique<Body>()) {}
ScriptServer::~ScriptServer() = default;

Result<std::unique_ptr<Stage>> ScriptServer::stage(const Script& script,
                                                   std::shared_ptr<ObservationLog> log) {
  auto body = std::make_shared<Stage::Body>(body_->io);
  body->log = std::move(log);
  body->script = script;
  for (tcp::acceptor* acceptor : {&body->here, &body->there}) {
    const bool listens = acceptor == &body->there || script.refuses_for == Duration{};
    if (const auto error = body->bind(*acceptor, listens)) {
      return target_error(fmt::format("no port for a client case: {}", error.message()));
    }
  }
  const auto origin = [](const tcp::acceptor& acceptor) {
    return fmt::format("http://127.0.0.1:{}", acceptor.local_endpoint().port());
  };
  body->url = origin(body->here) + "/stream";
  fill_in(body->script, origin(body->here), origin(body->there));
  return std::unique_ptr<Stage>(new Stage(std::move(body)));
}

Duration ScriptServer::lag_between(Instant from, Instant to) const {
  const std::lock_guard lock(body_->mutex);
  Duration worst{};
  for (const auto& [at, lag] : body_->lags) {
    if (at >= from && at <= to + LagProbe::report_every) worst = std::max(worst, lag);
  }
  return worst;
}

}  // namespace streamgauge::net

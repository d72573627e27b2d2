#include "harness/net/test_service.hpp"

#include <fmt/format.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <charconv>
#include <map>
#include <thread>

#include "harness/core/client_case/report_line.hpp"
#include "harness/net/built_in_client.hpp"
#include "harness/net/callback_sender.hpp"
#include "harness/net/http_listener.hpp"

namespace streamgauge::net {

namespace asio = boost::asio;
namespace seen = client_case::seen;
using client_case::read_command;
using client_case::read_parameters;
using client_case::Seen;
using client_case::StreamOrder;
using client_case::StreamParameters;

namespace {

constexpr Duration callback_look_up_within = std::chrono::seconds{5};

constexpr std::string_view greeting =
    R"({"name":"streamgauge","capabilities":["bom","comments","headers","last-event-id","post",)"
    R"("read-timeout","report","restart"]})";

HttpAnswer service_refuses(int status, std::string why) {
  return {status, why + "\n", "text/plain", {}};
}

/// 12 of "/streams/12"; 0: none.
std::uint64_t stream_of(std::string_view target) {
  constexpr std::string_view prefix = "/streams/";
  if (!target.starts_with(prefix)) return 0;
  target.remove_prefix(prefix.size());
  std::uint64_t id = 0;
  const auto [end, error] = std::from_chars(target.data(), target.data() + target.size(), id);
  return error == std::errc{} && end == target.data() + target.size() ? id : 0;
}

}  // namespace

struct TestService::Body {
  struct Stream {
    Stream() = default;
    Stream(Stream&&) = default;
    std::shared_ptr<CallbackSender> callbacks;
    std::unique_ptr<BuiltInClient> client;  // ends first
    ~Stream() {
      client.reset();
      if (callbacks) callbacks->stop();
    }
  };

  ~Body() {
    listener.reset();
    streams.clear();
    work.reset();
    if (thread.joinable()) thread.join();
  }

  HttpAnswer answer(const HttpCall& call) {
    if (call.target == "/") {
      if (call.method == "GET") return {200, std::string(greeting)};
      if (call.method == "POST") return create(call);
      if (call.method == "DELETE") {
        told_to_stop = true;
        return {};
      }
      return service_refuses(405, "GET, POST or DELETE");
    }
    const auto found = streams.find(stream_of(call.target));
    if (found == streams.end()) return service_refuses(404, "no such stream");
    if (call.method == "POST") return command(*found->second.client, call.body);
    if (call.method != "DELETE") return service_refuses(405, "POST or DELETE");
    streams.erase(found);
    return {};
  }

  HttpAnswer create(const HttpCall& call) {
    const auto parameters = read_parameters(call.body);
    if (!parameters) return service_refuses(400, parameters.error().message);
    if (streams.size() >= streams_max) return service_refuses(503, "too many streams at once");
    const auto callback = parse_http_url(parameters->callback_url);
    if (!callback) return service_refuses(400, callback.error().message);
    auto addresses = resolve(callback->host, callback->port, callback_look_up_within);
    if (!addresses) return service_refuses(400, addresses.error().message);

    Stream stream;
    stream.callbacks = std::make_shared<CallbackSender>(io, *callback, std::move(*addresses));
    auto client =
        BuiltInClient::start(parameters->stream_url, policy_for(*parameters),
                             order_for(*parameters), [callbacks = stream.callbacks](Seen what) {
                               if (!std::holds_alternative<seen::Opened>(what))
                                 callbacks->send(std::move(what));
                             });
    if (!client) return service_refuses(400, client.error().message);
    stream.client = std::move(*client);
    const std::uint64_t id = ++last_id;
    streams.emplace(id, std::move(stream));
    HttpAnswer created{201};
    // By the name that we were called by: we may listen on all of them.
    const std::string us = call.host.empty() ? listener->url() : "http://" + call.host;
    created.fields.emplace_back("Location", fmt::format("{}/streams/{}", us, id));
    return created;
  }

  static HttpAnswer command(BuiltInClient& client, const std::string& body) {
    const auto name = read_command(body);
    if (!name) return service_refuses(400, name.error().message);
    if (*name == "restart") {
      client.restart();
      return {202};
    }
    // All types are delivered as it is.
    if (*name == "listen") return {202};
    return service_refuses(400, "unknown command '" + *name + "'");
  }

  PolicySpec policy_for(const StreamParameters& parameters) const {
    PolicySpec spec = policy;
    if (parameters.initial_delay) {
      spec.reconnect = *parameters.initial_delay;
      spec.backoff_base =
          std::max(*parameters.initial_delay, Duration{std::chrono::milliseconds{1}});
    }
    return spec;
  }

  static StreamOrder order_for(const StreamParameters& parameters) {
    StreamOrder order;
    order.headers = parameters.headers;
    order.method = parameters.method;
    order.body = parameters.body;
    order.last_event_id = parameters.last_event_id;
    order.read_timeout = parameters.read_timeout;
    return order;
  }

  PolicySpec policy;
  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{io.get_executor()};
  std::thread thread;
  std::map<std::uint64_t, Stream> streams;  // of the listener's thread
  std::uint64_t last_id = 0;
  std::atomic<bool> told_to_stop{false};
  std::unique_ptr<HttpListener> listener;
};

TestService::TestService() : body_(std::make_unique<Body>()) {}
TestService::~TestService() = default;

Result<std::unique_ptr<TestService>> TestService::start(const std::string& address,
                                                        std::uint16_t port,
                                                        const PolicySpec& policy) {
  std::unique_ptr<TestService> service(new TestService);
  Body& body = *service->body_;
  body.policy = policy;
  auto listener = HttpListener::start(address, port,
                                      [&body](const HttpCall& call) { return body.answer(call); });
  if (!listener) return listener.error();
  body.listener = std::move(*listener);
  body.thread = std::thread([&body] { body.io.run(); });
  return service;
}

std::string TestService::url() const {
  return body_->listener->url();
}

void TestService::wait(const std::atomic<bool>& interrupted) {
  while (!body_->told_to_stop && !interrupted) {
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  }
  // The answer to the order is on its way.
  std::this_thread::sleep_for(std::chrono::milliseconds{50});
}

}  // namespace streamgauge::net

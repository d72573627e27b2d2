// Clients behind the public contract-test protocol: the suite is the harness of it.
#include <fmt/format.h>

#include <map>
#include <mutex>

#include "harness/core/check/finding.hpp"
#include "harness/core/client_case/report_line.hpp"
#include "harness/net/client_under_test.hpp"
#include "harness/net/http_listener.hpp"
#include "harness/net/http_probe.hpp"

namespace streamgauge::net {

namespace seen = client_case::seen;
using client_case::Capabilities;
using client_case::read_capabilities;
using client_case::read_report;
using client_case::Seen;
using client_case::StreamOrder;
using client_case::StreamParameters;
using client_case::write_listen;
using client_case::write_parameters;

namespace {

constexpr Duration service_answers_within = std::chrono::seconds{10};
// What every client is asked to wait at first, so that cases need not: the protocol's own use.
constexpr Duration initial_delay = std::chrono::milliseconds{200};
// Callbacks of one stream that may be waiting for one with a lower number.
constexpr std::size_t waiting_max = 10'000;

/// Puts the callbacks of one stream in order.
class Inbox {
 public:
  explicit Inbox(std::shared_ptr<ObservationLog> log) : log_(std::move(log)) {}

  /// False when the number or the message cannot be right.
  bool take(std::uint64_t number, Seen what) {
    const std::lock_guard lock(mutex_);
    if (number < next_ || waiting_.size() >= waiting_max) return false;
    waiting_.emplace(number, std::move(what));
    for (auto first = waiting_.begin(); first != waiting_.end() && first->first == next_;) {
      log_->add(std::move(first->second));
      first = waiting_.erase(first);
      ++next_;
    }
    return true;
  }
  void broken(std::string how) { log_->add(seen::Gone{std::move(how)}); }

 private:
  std::mutex mutex_;
  std::shared_ptr<ObservationLog> log_;
  std::map<std::uint64_t, Seen> waiting_;
  std::uint64_t next_ = 1;
};

/// "/12/3": stream 12, callback 3.
struct CallbackPath {
  std::uint64_t stream = 0, number = 0;
};
std::optional<CallbackPath> read_path(std::string_view target) {
  CallbackPath path;
  const auto number = [&](std::uint64_t& into) {
    if (target.empty() || target.front() != '/') return false;
    target.remove_prefix(1);
    std::size_t digits = 0;
    while (digits < target.size() && digits < 18 && target[digits] >= '0' &&
           target[digits] <= '9') {
      into = into * 10 + static_cast<std::uint64_t>(target[digits++] - '0');
    }
    target.remove_prefix(digits);
    return digits > 0;
  };
  if (!number(path.stream) || !number(path.number) || !target.empty()) return std::nullopt;
  return path;
}

/// Where the service is, and the streams that await its callbacks.
class Service {
 public:
  Service(HttpUrl url, Addresses addresses)
      : url_(std::move(url)), addresses_(std::move(addresses)) {}

  Result<HttpResponse> ask(const std::string& method, const std::string& path,
                           const std::string& body = {}) const {
    HttpRequest request;
    request.method = method;
    request.host = url_.authority;
    request.path = path;
    request.body = body;
    if (!body.empty()) request.headers.emplace_back("Content-Type", "application/json");
    return http_request(addresses_, request, service_answers_within);
  }
  const HttpUrl& url() const { return url_; }

  Result<void> listen() {
    auto listener = HttpListener::start("127.0.0.1", 0, [this](const HttpCall& call) {
      return HttpAnswer{take(call) ? 202 : 400};
    });
    if (!listener) return listener.error();
    listener_ = std::move(*listener);
    return {};
  }

  std::pair<std::uint64_t, std::string> expect(std::shared_ptr<ObservationLog> log) {
    const std::lock_guard lock(mutex_);
    const std::uint64_t id = ++last_id_;
    inboxes_[id] = std::make_shared<Inbox>(std::move(log));
    return {id, fmt::format("{}/{}", listener_->url(), id)};
  }
  void forget(std::uint64_t id) {
    const std::lock_guard lock(mutex_);
    inboxes_.erase(id);
  }

 private:
  bool take(const HttpCall& call) {
    const auto path = read_path(call.target);
    if (!path) return false;
    std::shared_ptr<Inbox> inbox;
    {
      const std::lock_guard lock(mutex_);
      const auto found = inboxes_.find(path->stream);
      // A stream that is over may have had something on its way.
      if (found == inboxes_.end()) return path->stream <= last_id_;
      inbox = found->second;
    }
    auto what = read_report(call.body);
    if (!what) {
      inbox->broken("its callback is not of the protocol: " + what.error().message);
      return false;
    }
    return inbox->take(path->number, std::move(*what));
  }

  HttpUrl url_;
  Addresses addresses_;
  std::mutex mutex_;
  std::map<std::uint64_t, std::shared_ptr<Inbox>> inboxes_;
  std::uint64_t last_id_ = 0;
  std::unique_ptr<HttpListener> listener_;  // ends first
};

class ServiceSession final : public ClientSession {
 public:
  ServiceSession(Service& service, std::uint64_t id, std::string path)
      : service_(service), id_(id), path_(std::move(path)) {}
  ~ServiceSession() override {
    service_.forget(id_);
    close();
  }
  void restart() override { (void)service_.ask("POST", path_, R"({"command":"restart"})"); }
  void close() override {
    if (!std::exchange(closed_, true)) (void)service_.ask("DELETE", path_);
  }

 private:
  Service& service_;
  std::uint64_t id_;
  std::string path_;
  bool closed_ = false;
};

class ServiceClient final : public ClientUnderTest {
 public:
  ServiceClient(HttpUrl url, Addresses addresses, Duration reconnection_time)
      : service_(std::move(url), std::move(addresses)), reconnection_time_(reconnection_time) {}

  Result<void> greet() {
    if (auto listening = service_.listen(); !listening) return listening.error();
    const std::string where = fmt::format("the test service at {}", service_.url().authority);
    const auto answer = service_.ask("GET", service_.url().path);
    if (!answer)
      return target_error(fmt::format("{} does not answer: {}", where, answer.error().message));
    if (answer->status != 200) {
      return target_error(
          fmt::format("{} answers GET with {} instead of 200", where, answer->status));
    }
    const auto can = read_capabilities(answer->body.empty() ? "{}" : answer->body);
    if (!can) return target_error(fmt::format("{}: {}", where, can.error().message));
    can_ = *can;
    // Every stream can be closed, and each event tells its id, says the protocol.
    for (const auto more : {client_case::Capability::close, client_case::Capability::ids})
      can_.add(more);
    return {};
  }

  std::string name() const override {
    return "http://" + service_.url().authority + service_.url().path;
  }
  Capabilities can() const override { return can_; }
  Duration reconnection_time() const override { return reconnection_time_; }
  unsigned at_once_max() const override { return 12; }

  Result<std::unique_ptr<ClientSession>> start(const std::string& url, const StreamOrder& order,
                                               std::shared_ptr<ObservationLog> log) override {
    const auto [id, callback] = service_.expect(std::move(log));
    StreamParameters parameters;
    parameters.stream_url = url;
    parameters.callback_url = callback;
    parameters.tag = fmt::format("streamgauge {}", id);
    parameters.initial_delay = initial_delay;
    parameters.read_timeout = order.read_timeout;
    parameters.last_event_id = order.last_event_id;
    parameters.headers = order.headers;
    parameters.method = order.method;
    parameters.body = order.body;
    auto path = create(write_parameters(parameters));
    if (!path) {
      service_.forget(id);
      return path.error();
    }
    auto session = std::make_unique<ServiceSession>(service_, id, *path);
    if (!can_.has(client_case::Capability::event_types))
      return std::unique_ptr<ClientSession>(std::move(session));
    for (const std::string& type : order.types) {
      (void)service_.ask("POST", *path, write_listen(type));
    }
    return std::unique_ptr<ClientSession>(std::move(session));
  }

 private:
  /// Creates a stream; its path at the service.
  Result<std::string> create(const std::string& body) {
    auto answer = service_.ask("POST", service_.url().path, body);
    if (!answer) return target_error("the test service does not answer: " + answer.error().message);
    if (answer->status / 100 != 2) {
      return target_error(fmt::format("the test service refuses a stream with {}: {}",
                                      answer->status, printable(answer->body, 200)));
    }
    if (answer->location.empty()) {
      return target_error("the test service creates a stream without a Location");
    }
    if (answer->location.front() == '/') return answer->location;
    const auto url = parse_http_url(answer->location);
    if (!url)
      return target_error("the test service answers with a Location that is no URL: " +
                          printable(answer->location, 200));
    return url->path + url->query;
  }

  Service service_;
  Duration reconnection_time_;
  Capabilities can_;
};

}  // namespace

Result<std::unique_ptr<ClientUnderTest>> service_client(const std::string& url,
                                                        Duration reconnection_time) {
  const auto parts = parse_http_url(url);
  if (!parts) return parts.error();
  const auto addresses = resolve(parts->host, parts->port, service_answers_within);
  if (!addresses) return addresses.error();
  auto client = std::make_unique<ServiceClient>(*parts, *addresses, reconnection_time);
  if (auto greeted = client->greet(); !greeted) return greeted.error();
  return std::unique_ptr<ClientUnderTest>(std::move(client));
}

}  // namespace streamgauge::net

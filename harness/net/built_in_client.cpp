#include "harness/net/built_in_client.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <utility>

#include "harness/core/sse/utf8.hpp"
#include "harness/net/client_under_test.hpp"
#include "harness/net/http_probe.hpp"
#include "harness/net/process.hpp"
#include "harness/net/swarm.hpp"

namespace streamgauge::net {

namespace seen = client_case::seen;
using client_case::Capabilities;
using client_case::Seen;
using client_case::StreamOrder;

namespace {

constexpr Duration look_up_within = std::chrono::seconds{5};

/// Records of one client as its application hears them.
class Story final : public RecordSink {
 public:
  explicit Story(BuiltInClient::Tell tell) : tell_(std::move(tell)) {}

  void on(const Record& record) override {
    std::visit(
        Overloaded{
            [&](const fact::Headers& f) { head_accepted_ = f.status == 200; },
            [&](const fact::Event& f) {
              opened();
              tell_(seen::Event{sse::decode_utf8(f.type), sse::decode_utf8(f.data),
                                sse::decode_utf8(f.id)});
            },
            [&](const fact::Comment& f) {
              opened();
              tell_(seen::Comment{sse::decode_utf8(f.text)});
            },
            [&](const fact::Retry&) { opened(); },
            [&](const fact::Closed& f) { closed(f); },
            [&](const fact::ConnectFailed& f) { tell_(seen::Failure{sse::decode_utf8(f.reason)}); },
            [](const auto&) {},
        },
        record.fact);
  }

 private:
  /// A head is accepted when something other than its rejection follows.
  void opened() {
    if (std::exchange(head_accepted_, false)) tell_(seen::Opened{});
  }
  void closed(const fact::Closed& f) {
    if (f.ending != Ending::rejected && f.ending != Ending::redirected) opened();
    head_accepted_ = false;
    if (f.ending == Ending::local || f.ending == Ending::redirected) return;
    const std::string detail = sse::decode_utf8(f.detail);
    tell_(seen::Failure{
        fmt::format("{}{}{}", to_string(f.ending), detail.empty() ? "" : ": ", detail)});
  }

  BuiltInClient::Tell tell_;
  bool head_accepted_ = false;
};

}  // namespace

struct BuiltInClient::Body {
  explicit Body(Tell tell) : story(std::move(tell)) {}
  Scenario scenario;
  Story story;
  std::unique_ptr<Swarm> swarm;  // ends first
};

BuiltInClient::BuiltInClient() = default;
BuiltInClient::~BuiltInClient() = default;

Result<std::unique_ptr<BuiltInClient>> BuiltInClient::start(const std::string& url,
                                                            const PolicySpec& policy,
                                                            const StreamOrder& order, Tell tell) {
  const auto parts = parse_http_url(url);
  if (!parts) return parts.error();
  auto addresses = resolve(parts->host, parts->port, look_up_within);
  if (!addresses) return addresses.error();
  std::unique_ptr<BuiltInClient> client(new BuiltInClient);
  client->body_ = std::make_unique<Body>(std::move(tell));
  Body& body = *client->body_;

  ClientGroup group;
  group.name = "client";
  group.policy = policy;
  if (order.read_timeout) group.policy.liveness = order.read_timeout;
  if (order.read_timeout) group.policy.header_timeout = order.read_timeout;
  group.says.method = order.method;
  group.says.body = order.body;
  group.says.headers.assign(order.headers.begin(), order.headers.end());
  group.says.last_event_id = order.last_event_id;
  body.scenario.groups.push_back(std::move(group));

  SwarmConfig config;
  config.scenario = &body.scenario;
  config.endpoint.addresses = std::move(*addresses);
  config.endpoint.host = parts->authority;
  config.endpoint.path = parts->path + parts->query;
  config.sinks = {&body.story};
  body.swarm = std::make_unique<Swarm>(std::move(config));
  if (auto started = body.swarm->start(); !started) return started.error();
  return client;
}

void BuiltInClient::restart() {
  action::CloseStreams order{};
  order.how = AbortKind::fin;
  order.return_at_once = true;
  body_->swarm->close_streams(order, {});
}

void BuiltInClient::close() {
  body_->swarm->stop();
}

namespace {

class BuiltInSession final : public ClientSession {
 public:
  explicit BuiltInSession(std::unique_ptr<BuiltInClient> client) : client_(std::move(client)) {}
  void restart() override { client_->restart(); }
  void close() override { client_->close(); }
  /// It lives in this process.
  std::optional<std::uint64_t> memory_bytes() override {
    const auto sample = sample_process_tree(::getpid());
    if (!sample) return std::nullopt;
    return sample->rss_bytes;
  }

 private:
  std::unique_ptr<BuiltInClient> client_;
};

class BuiltInUnderTest final : public ClientUnderTest {
 public:
  BuiltInUnderTest(std::string name, const PolicySpec& policy)
      : name_(std::move(name)), policy_(policy) {}
  std::string name() const override { return name_; }

  Capabilities can() const override {
    using enum client_case::Capability;
    Capabilities can{bom,    comments, headers, last_event_id, post,   read_timeout,
                     report, restart,  close,   opens,         errors, ids};
    const bool backs_off = policy_.kind == PolicyKind::agent || policy_.kind == PolicyKind::fetch;
    if (backs_off) can.add(backoff);
    if (backs_off && policy_.jitter > 0) can.add(jitter);
    if (backs_off && policy_.honours_retry_after) can.add(retry_after);
    return can;
  }
  Duration reconnection_time() const override {
    using enum PolicyKind;
    const bool backs_off = policy_.kind == agent || policy_.kind == hybrid || policy_.kind == fetch;
    return backs_off ? std::max(policy_.reconnect, policy_.backoff_cap) : policy_.reconnect;
  }
  unsigned at_once_max() const override { return 24; }

  Result<std::unique_ptr<ClientSession>> start(const std::string& url, const StreamOrder& order,
                                               std::shared_ptr<ObservationLog> log) override {
    auto client = BuiltInClient::start(
        url, policy_, order, [log = std::move(log)](Seen what) { log->add(std::move(what)); });
    if (!client) return client.error();
    return std::unique_ptr<ClientSession>(new BuiltInSession(std::move(*client)));
  }

 private:
  std::string name_;
  PolicySpec policy_;
};

}  // namespace

std::unique_ptr<ClientUnderTest> built_in_client(std::string name, const PolicySpec& policy) {
  return std::make_unique<BuiltInUnderTest>(std::move(name), policy);
}

}  // namespace streamgauge::net

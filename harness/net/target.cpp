#include "harness/net/target.hpp"

#include <fmt/format.h>
#include <signal.h>

#include <chrono>
#include <string_view>
#include <utility>

#include "harness/net/clock.hpp"
#include "harness/net/publish_request.hpp"
#include "harness/net/target_body.hpp"

namespace streamgauge::net {
namespace {

using namespace std::chrono_literals;

constexpr Duration connect_within = 2900ms;
constexpr Duration alive_within = 900ms;
constexpr Duration command_answer_within = 5s;

}  // namespace

Result<Target> Target::open(const TargetSpec& spec, const TargetOptions& options) {
  Target target;
  target.body_ = std::make_unique<Body>();
  auto& body = *target.body_;
  body.spec = spec;
  body.options = options;
  body.streams.tokens = spec.tokens;
  if (spec.spawn) {
    if (auto opened = body.spawn({}); !opened) return opened.error();
    return target;
  }
  if (auto located = body.locate(spec.url, {}); !located) return located.error();
  if (auto connected = try_connect(body.streams.addresses, connect_within); !connected) {
    return target_error(fmt::format("target '{}' cannot be reached at {}: {}", spec.name, spec.url,
                                    connected.error().message));
  }
  return target;
}

Result<Target> Target::open_standby() const {
  if (!spawned()) {
    return target_error(
        fmt::format("target '{}' is not started by the harness: there is no second instance",
                    body_->spec.name));
  }
  Target target;
  target.body_ = std::make_unique<Body>();
  auto& body = *target.body_;
  body.spec = body_->spec;
  body.options = body_->options;
  body.streams.tokens = body.spec.tokens;
  if (auto opened = body.spawn(body_->spawned->values().at("epoch")); !opened)
    return opened.error();
  return target;
}

Target::Target() = default;
Target::Target(Target&&) noexcept = default;
Target& Target::operator=(Target&& other) noexcept {
  if (this != &other && body_) stop();
  body_ = std::move(other.body_);
  return *this;
}
Target::~Target() {
  if (body_) stop();
}

const StreamEndpoint& Target::streams() const {
  return body_->streams;
}
std::optional<PublishTemplate> Target::publish() const {
  return body_->publish;
}
bool Target::spawned() const {
  return body_->spawned != nullptr;
}

std::optional<fact::Sample> Target::sample() const {
  if (!at_large()) return std::nullopt;
  return sample_process_tree(body_->spawned->pid());
}

ThreadTimes Target::processor_times() const {
  if (!at_large()) return {};
  return thread_times(body_->spawned->pid(), true);
}

bool Target::at_large() const {
  return spawned() && body_->spawned->at_large();
}

std::optional<std::string> Target::died() {
  if (spawned()) return body_->spawned->died();
  const auto connected = try_connect(body_->streams.addresses, alive_within);
  if (connected) return std::nullopt;
  return fmt::format("{} no longer accepts connections: {}", body_->spec.url,
                     connected.error().message);
}

void Target::freeze() {
  if (spawned()) body_->spawned->signal_group(SIGSTOP);
}

void Target::thaw() {
  if (spawned()) body_->spawned->signal_group(SIGCONT);
}

void Target::kill() {
  if (spawned()) body_->spawned->kill();
}

Result<void> Target::restart() {
  if (!spawned() || !body_->spawned->killed()) {
    return target_error(fmt::format("target '{}' was not killed before", body_->spec.name));
  }
  return body_->spawned->start_again();
}

std::optional<std::string> Target::stop_order() const {
  if (!at_large()) return std::nullopt;
  return signal_name(body_->spec.spawn->stop_signal);
}

void Target::order_stop() {
  if (spawned()) body_->spawned->order_stop();
}

std::optional<int> Target::exited() {
  return spawned() ? body_->spawned->exited() : std::nullopt;
}

std::optional<ReadyQuestion> Target::ready_question() const {
  if (!spawned()) return std::nullopt;
  return body_->spawned->question();
}

bool Target::takes(const std::string& command) const {
  const auto found = body_->commands.find(command);
  return found != body_->commands.end() && (!found->second.admin || spawned());
}

CommandAnswer Target::command(const std::string& name, const PublishValues& values,
                              const std::atomic<bool>* interrupted) const {
  const auto begin = now();
  CommandAnswer answer{0, begin, {}, "the target has no such command"};
  if (!takes(name)) return answer;
  const auto& command = body_->commands.at(name);
  auto addresses = body_->streams.addresses;
  auto host = body_->streams.host;
  if (command.admin) {
    const auto port = body_->spawned->admin_port();
    host = fmt::format("127.0.0.1:{}", port);
    addresses = {{boost::asio::ip::address_v4::loopback(), port}};
  }
  PublishTemplate sent;
  sent.method = command.method;
  sent.path = command.path;
  sent.headers = command.headers;
  sent.body = command.body;
  const auto text = publish_request(sent, host, values);
  if (!text) {
    answer.failure = "a header of it would hold a line break";
    return answer;
  }
  const auto exchange = http_exchange(addresses, *text, begin + command_answer_within, interrupted,
                                      command.admin ? TlsPeer{} : body_->streams.tls);
  answer.status = exchange.status;
  answer.answered = exchange.status != 0 ? exchange.answered : now();
  answer.took = answer.answered - begin;
  answer.failure = exchange.status == 0 ? exchange.reason : std::string();
  return answer;
}

std::string Target::stop() {
  return spawned() ? body_->spawned->stop() : "not started by the harness";
}

}  // namespace streamgauge::net

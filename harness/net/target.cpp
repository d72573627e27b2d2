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

std::string signal_name(int number) {
  const char* const name = ::sigabbrev_np(number);
  return name != nullptr ? fmt::format("SIG{}", name) : fmt::format("signal {}", number);
}

}  // namespace

Result<Target> Target::open(const TargetSpec& spec, const TargetOptions& options) {
  Target target;
  target.body_ = std::make_unique<Body>();
  auto& body = *target.body_;
  body.spec = spec;
  body.options = options;
  body.streams.tokens = spec.tokens;
  if (spec.spawn) {
    if (auto opened = body.open({}); !opened) return opened.error();
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
  if (auto opened = body.open(body_->values.at("epoch")); !opened) return opened.error();
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
  return body_->process.has_value();
}

std::optional<fact::Sample> Target::sample() const {
  if (!body_->process || body_->killed || body_->stopped) return std::nullopt;
  return sample_process_tree(body_->process->pid());
}

ThreadTimes Target::processor_times() const {
  if (!body_->process || body_->killed || body_->stopped) return {};
  return thread_times(body_->process->pid(), true);
}

std::optional<std::string> Target::died() {
  if (body_->ordered) return std::nullopt;
  if (!body_->process) {
    const auto connected = try_connect(body_->streams.addresses, alive_within);
    if (connected) return std::nullopt;
    return fmt::format("{} no longer accepts connections: {}", body_->spec.url,
                       connected.error().message);
  }
  const auto how = body_->process->ended();
  if (!how) return std::nullopt;
  return fmt::format("{}; {}", *how, with_output(*body_->process, 1));
}

void Target::freeze() {
  if (body_->process) body_->process->signal_group(SIGSTOP);
}

void Target::thaw() {
  if (body_->process) body_->process->signal_group(SIGCONT);
}

void Target::kill() {
  if (!body_->process || body_->killed || body_->stopped) return;
  body_->killed = body_->ordered = true;
  body_->process->kill_tree();
  body_->held.emplace_back(body_->ports.first);
  body_->held.emplace_back(body_->ports.second);
}

Result<void> Target::restart() {
  if (!body_->killed || body_->stopped) {
    return target_error(fmt::format("target '{}' was not killed before", body_->spec.name));
  }
  return body_->start_again();
}

std::optional<std::string> Target::stop_order() const {
  if (!body_->process || body_->killed || body_->stopped) return std::nullopt;
  return signal_name(body_->spec.spawn->stop_signal);
}

void Target::order_stop() {
  if (!stop_order()) return;
  body_->ordered = true;
  body_->process->signal(body_->spec.spawn->stop_signal);
}

std::optional<int> Target::exited() {
  return body_->process ? body_->process->exit_code() : std::nullopt;
}

std::optional<ReadyQuestion> Target::ready_question() const {
  if (!body_->process) return std::nullopt;
  return ReadyQuestion{body_->streams.addresses, body_->streams.host,
                       expand(body_->spec.spawn->ready_path, body_->values), body_->streams.tls};
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
    const auto port = body_->ports.second;
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
  if (!body_->process) return "not started by the harness";
  if (!body_->stopped) {
    const auto& spawn = *body_->spec.spawn;
    body_->stopped = body_->process->stop(spawn.stop_signal, spawn.stop_within);
    body_->folder.reset();
    body_->held.clear();
  }
  return *body_->stopped;
}

}  // namespace streamgauge::net

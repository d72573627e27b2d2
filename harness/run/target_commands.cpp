#include "harness/run/target_commands.hpp"

#include <iterator>
#include <utility>

#include "harness/net/request.hpp"

namespace streamgauge::run {

TargetCommands::~TargetCommands() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    wake_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void TargetCommands::give(std::vector<Order> orders) {
  const std::lock_guard lock(mutex_);
  pending_ += orders.size();
  waiting_.insert(waiting_.end(), std::move_iterator(orders.begin()),
                  std::move_iterator(orders.end()));
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  wake_.notify_all();
}

std::vector<TargetCommands::Answered> TargetCommands::take() {
  const std::lock_guard lock(mutex_);
  pending_ -= answered_.size();
  return std::exchange(answered_, {});
}

bool TargetCommands::idle() const {
  const std::lock_guard lock(mutex_);
  return pending_ == 0;
}

void TargetCommands::run() {
  while (true) {
    Order order;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
      if (stopping_) return;
      order = std::move(waiting_.front());
      waiting_.pop_front();
    }
    net::PublishValues values;
    values.channel = order.channel;
    values.id = order.id;
    values.user = order.user;
    values.token = order.token;
    auto answer = order.to->command(std::string(order.name), values, &stopping_);
    const std::lock_guard lock(mutex_);
    answered_.push_back({order.name, order.group, std::move(answer)});
  }
}

std::vector<TargetCommands::Order> command_orders(const action::Command& command,
                                                  const Scenario& scenario,
                                                  const TokenTexts& tokens, const net::Target& to) {
  TargetCommands::Order order;
  order.to = &to;
  order.name = command.name;
  if (!command.group) {
    order.channel = scenario.channels[command.channel];
    order.token = tokens.valid;
    return {order};
  }
  std::uint32_t first = 0;
  for (std::uint16_t g = 0; g < *command.group; ++g) first += scenario.groups[g].streams;
  const ClientGroup& group = scenario.groups[*command.group];
  order.group = *command.group;
  order.channel = group.channel;
  std::vector<TargetCommands::Order> orders;
  for (std::uint32_t member = 0; member < group.streams; ++member) {
    auto who = net::identity_of(group, first + member, member, tokens);
    order.id = std::move(who.id);
    order.user = std::move(who.user);
    order.token = std::move(who.token).value_or("");
    orders.push_back(order);
  }
  return orders;
}

}  // namespace streamgauge::run

// What the scenario tells the target beside publications: revoke, close, finish, drain. One after
// the other on a thread of its own, because each may take seconds to be answered.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "harness/net/target.hpp"

namespace streamgauge::run {

class TargetCommands {
 public:
  struct Order {
    const net::Target* to = nullptr;  // outlives this
    std::string_view name;            // likewise
    std::uint16_t group = 0xffff;
    std::string channel, id, user, token;
  };
  struct Answered {
    std::string_view name;
    std::uint16_t group = 0xffff;
    net::CommandAnswer answer;
  };

  TargetCommands() = default;
  ~TargetCommands();  // the one under way is given up, later ones are not sent
  TargetCommands(const TargetCommands&) = delete;

  void give(std::vector<Order> orders);
  /// Those answered since the last call, and those that were not answered in time.
  [[nodiscard]] std::vector<Answered> take();
  /// All that were given are answered and taken.
  [[nodiscard]] bool idle() const;

 private:
  void run();

  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Order> waiting_;
  std::vector<Answered> answered_;
  std::size_t pending_ = 0;  // given and not taken
  std::thread thread_;
};

/// One for each client of `group` with its texts, or one for `channel` when there is no group.
[[nodiscard]] std::vector<TargetCommands::Order> command_orders(const action::Command& command,
                                                                const Scenario& scenario,
                                                                const TokenTexts& tokens,
                                                                const net::Target& to);

}  // namespace streamgauge::run

// The proxy's thread: accepts, finds what is ready, keeps the deadlines, and takes orders between.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "harness/core/base/timing_wheel.hpp"
#include "harness/net/proxy/chaos_proxy.hpp"
#include "harness/net/proxy/link.hpp"
#include "harness/net/readiness.hpp"

namespace streamgauge::net {

class ChaosProxy::Loop {
 public:
  explicit Loop(ProxyOptions options);
  ~Loop();

  /// Before the thread starts.
  [[nodiscard]] Result<void> listen();
  void start();
  void stop();  // from any other thread
  [[nodiscard]] std::uint16_t port() const { return port_; }

  /// Runs `order` on the thread and waits for it; at once when no thread runs.
  void run(const std::function<void()>& order);

  // On the thread.
  Result<std::string> add(fault::FaultSpec spec, std::string id);
  Result<void> change(const std::string& id, fault::FaultSpec spec);
  Result<void> remove(const std::string& id);
  void cut_all(bool reset);
  [[nodiscard]] ProxyStats stats() const;
  [[nodiscard]] std::vector<std::string> ids() const;

 private:
  struct Entry {
    PlacedFault fault;
    std::uint32_t number = 0;
    Instant since{};
    std::shared_ptr<fault::Shared> shared;
    double turn = 0;  // the next connection that brings it to 1 is chosen
  };
  struct Slot {
    std::unique_ptr<ProxyLink> link;
    std::uint32_t generation = 0;
    Instant armed = Instant::max();
  };
  struct Deadline {
    std::uint32_t slot, generation;
  };

  void work();
  void take_ready(int wait_ms);
  void keep_deadlines();
  void take_orders();
  void accept_waiting();
  void adopt(int descriptor);
  void after(std::uint32_t slot);
  void bury();
  void share(Entry& entry);
  void place(Entry& entry, std::uint32_t slot, ProxyLink& link, Instant now);
  void for_each_link(const std::function<void(std::uint32_t, ProxyLink&)>& visit);
  [[nodiscard]] Entry* find(const std::string& id);
  /// Opens or closes the listener, as the fault `refuse` asks.
  void mind_listener(Instant now);
  [[nodiscard]] int open_listener(std::uint16_t port, bool listening);
  [[nodiscard]] int wait_ms(Instant now) const;

  ProxyOptions options_;
  std::uint16_t port_ = 0;
  int holder_ = -1;    // bound, never listening: keeps the port while connections are refused
  int listener_ = -1;  // -1: connections are refused
  std::uint32_t listener_generation_ = 0;
  Instant accept_again_ = Instant::max();
  Readiness readiness_;
  TimingWheel<Deadline> wheel_;
  LinkShared shared_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;
  std::vector<std::uint32_t> over_;
  std::vector<std::uint32_t> again_;
  std::deque<Entry> entries_;
  std::uint32_t next_number_ = 1;
  std::uint64_t total_ = 0;
  std::uint64_t open_ = 0;
  std::uint64_t accept_failures_ = 0;

  std::mutex mutex_;  // orders_ and stopping_
  std::vector<std::function<void()>> orders_;
  bool stopping_ = false;
  bool running_ = false;
  std::thread thread_;
};

}  // namespace streamgauge::net

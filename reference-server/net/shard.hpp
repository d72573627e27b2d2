// One thread, one io_context, one hub: a stream lives and dies on the shard that accepted it.
//
// Other threads talk to a shard through its inbox only. Commands are taken in the order in which
// they were posted (Asio alone does not promise that between a thread's own posts and others').
#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <unordered_map>
#include <vector>

#include "reference-server/core/hub.hpp"
#include "reference-server/net/generations.hpp"
#include "reference-server/net/options.hpp"

namespace streamgauge::server {

namespace net = boost::asio;
using tcp = net::ip::tcp;

struct Context;
class Stream;

enum class Role : std::uint8_t { service, admin };

struct Command {
  enum class Kind : std::uint8_t {
    publish,
    adopt,
    close_stream,
    close_channel,
    revoke_token,
    mute,
    forget,
    drain,
    stop
  };
  Kind kind;
  CloseReason reason = CloseReason::peer_closed;
  Role role = Role::service;
  int descriptor = -1;
  std::uint64_t number = 0;
  ChannelRef channel;
  EventPtr event;
  std::string token;
  Instant until{};

  static Command publish(ChannelRef channel, EventPtr event);
  static Command adopt(int descriptor, Role role);
  static Command close_stream(std::uint64_t stream, CloseReason reason);
  static Command close_channel(ChannelRef channel, CloseReason reason);
  static Command revoke_token(std::string token);
  static Command mute(std::uint64_t stream);  // by Flaw::late_close_unregisters only
  static Command forget(std::uint64_t channel_number);
  static Command drain(Instant until);
  static Command stop();
};

/// When a connection has to have moved on; swept, so that no connection needs a timer. Unlinks
/// itself when destroyed.
struct Deadline : AutoUnlink {
  static constexpr Instant never = Instant::max();
  explicit Deadline(tcp::socket& of) : socket(&of) {}
  Instant at = never;
  tcp::socket* socket;
  bool expired = false;
};

class Shard {
 public:
  Shard(Context& context, std::uint32_t index);
  ~Shard();
  Shard(const Shard&) = delete;

  /// The shard's thread; returns after stop, when nothing is left to do.
  void run();

  /// From any thread. `wake`: false when the caller is the shard's own thread and drains itself.
  void post(Command command, bool wake = true);
  /// Events that wait in the inbox; above some bound publishers are answered later.
  [[nodiscard]] std::size_t backlog() const { return backlog_.load(std::memory_order_relaxed); }

  // On the shard's thread:
  void drain_inbox();
  void add(boost::intrusive_ptr<Stream> stream);
  void remove(Stream& stream);
  /// By Flaw::evicted_slot_kept only: it stays for as long as the shard.
  void keep(Stream& stream);
  /// The stream answers a request: its tokens come by this shard's clock.
  void generate(Stream& stream, Generation work);
  void watch(Deadline& deadline);
  [[nodiscard]] std::uint64_t next_stream() { return ++last_stream_; }
  /// Sets the timer anew when something is due earlier than it was set for.
  void arm();
  [[nodiscard]] std::span<char> scratch() { return scratch_; }

  [[nodiscard]] net::io_context& io() { return io_; }
  [[nodiscard]] Hub& hub() { return hub_; }
  [[nodiscard]] Counters& counters() { return counters_; }
  [[nodiscard]] Context& context() { return context_; }
  [[nodiscard]] std::uint32_t index() const { return index_; }
  [[nodiscard]] bool stopping() const { return stopping_; }

 private:
  void execute(Command& command);
  void adopt(int descriptor, Role role);
  template <class Matches>
  [[nodiscard]] std::vector<boost::intrusive_ptr<Stream>> streams_that(Matches matches) const;
  void close(Stream& stream, CloseReason reason);
  [[nodiscard]] EventPtr retry_event(Duration promised, double share);
  void begin_drain(Instant until);
  void close_due(Instant at);
  void report_drained();
  void stop();
  void on_timer();
  void sweep_deadlines(Instant at);

  using Deadlines = boost::intrusive::list<Deadline, boost::intrusive::constant_time_size<false>>;

  Context& context_;
  const std::uint32_t index_;
  Counters counters_;
  Hub hub_;
  Deadlines deadlines_;  // outlives the coroutines that hang in io_
  std::vector<char> scratch_;
  std::unordered_map<std::uint64_t, boost::intrusive_ptr<Stream>> streams_;
  std::vector<boost::intrusive_ptr<Stream>> kept_;  // by keep()
  std::uint64_t last_stream_ = 0;
  Generations generations_;
  std::mt19937_64 random_;

  std::mutex inbox_mutex_;
  std::vector<Command> inbox_;
  std::vector<Command> taken_;
  bool wake_posted_ = false;
  bool executing_ = false;
  std::atomic<std::size_t> backlog_{0};

  net::io_context io_{1};
  net::executor_work_guard<net::io_context::executor_type> work_;
  net::steady_timer timer_;
  Instant armed_for_ = Deadline::never;
  Instant next_sweep_{};
  Instant next_deadlines_{};
  struct Closing {
    Instant at;
    std::uint64_t stream;
  };
  std::vector<Closing> closings_;  // of a drain, the next one last
  Instant drain_until_ = Deadline::never;
  bool draining_ = false;
  bool stopping_ = false;
};

}  // namespace streamgauge::server

// A thread of the swarm: its io_context, its clients, its wheel, its sink. See swarm.hpp.
#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "harness/core/base/random.hpp"
#include "harness/core/base/timing_wheel.hpp"
#include "harness/core/history/record.hpp"
#include "harness/net/client.hpp"
#include "harness/net/lag_probe.hpp"
#include "harness/net/peer_state.hpp"
#include "harness/net/readiness.hpp"
#include "harness/net/swarm.hpp"

namespace streamgauge::net {

/// Written by one thread, read by any: a plain add is enough, no locked instruction per event.
class Counter {
 public:
  void add(std::uint64_t n = 1) { value_.store(get() + n, std::memory_order_relaxed); }
  void subtract(std::uint64_t n = 1) { value_.store(get() - n, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

struct SwarmCounters {
  Counter open, settled, given_up, connect_failures, refused, events, comments, bytes, late_starts;
};

/// Turns what the parser finds into records of the client that is being read.
class Forwarder final : public sse::Sink {
 public:
  Forwarder(RecordSink& sink, SwarmCounters& counters) : sink_(sink), counters_(counters) {}
  void read_for(StreamId stream, Instant at) {
    record_.stream = stream;
    record_.at = at;
  }
  /// The last "retry" since it was asked; the policy wants to know.
  [[nodiscard]] std::optional<std::uint64_t> take_retry() { return std::exchange(retry_, {}); }

  void on_event(const sse::EventView& event) override;
  void on_comment(std::string_view text) override;
  void on_retry(std::uint64_t milliseconds) override;
  void on_notice(sse::Notice notice, std::string_view detail) override;

 private:
  RecordSink& sink_;
  SwarmCounters& counters_;
  Record record_;
  std::optional<std::uint64_t> retry_;
};

class SwarmThread {
 public:
  /// `first_ids`: of each group; outlives the thread.
  SwarmThread(const SwarmConfig& config, std::size_t index, std::uint64_t streams_in_all,
              const std::vector<StreamId>& first_ids);
  ~SwarmThread();
  SwarmThread(const SwarmThread&) = delete;

  /// Before start(). `intended`: when the client's first attempt is to begin; none: it joins later.
  void add_client(StreamId id, std::uint16_t group, std::optional<Instant> intended);
  void start(Instant at);
  /// Closes everything; wait_for_end() returns once that is done.
  void request_stop();
  void wait_for_end();
  /// Runs `order` on this thread, before or after start() has been called.
  void post(std::function<void(SwarmThread&)> order);

  [[nodiscard]] const SwarmCounters& counters() const { return counters_; }

  // Orders, on this thread.
  void stop_reading(std::uint16_t group, std::optional<Duration> resume_after);
  void resume_reading(std::uint16_t group);
  void close_streams(const action::CloseStreams& order, Duration spread);
  void join(std::uint16_t group, Duration spread);
  void stall_path(std::uint16_t group, Duration length);
  void set_visible(std::uint16_t group, bool visible);
  void change_token(std::uint16_t group, Credential credential);
  void switch_endpoint(std::shared_ptr<const StreamEndpoint> endpoint);
  [[nodiscard]] RecordSink& sink() { return sink_; }

  // For clients, on this thread.
  static constexpr std::size_t read_buffer_bytes = 64u << 10;
  static constexpr std::size_t connects_in_flight_max = 512;
  [[nodiscard]] const SwarmConfig& config() const { return config_; }
  [[nodiscard]] const ClientGroup& group(const Client& client) const {
    return config_.scenario->groups[client.group()];
  }
  /// The client's number in its group.
  [[nodiscard]] std::uint32_t member(const Client& client) const {
    return client.id() - first_ids_[client.group()];
  }
  /// Where new connections go, and where one went that remembers the number.
  [[nodiscard]] std::uint16_t newest_endpoint() const {
    return static_cast<std::uint16_t>(endpoints_.size() - 1);
  }
  [[nodiscard]] const StreamEndpoint& endpoint(std::uint16_t number) const {
    return *endpoints_[number];
  }
  [[nodiscard]] const std::shared_ptr<const StreamEndpoint>& shared_endpoint(
      std::uint16_t number) const {
    return endpoints_[number];
  }
  /// What the group's clients show now.
  [[nodiscard]] Credential credential(std::uint16_t group) const { return credentials_[group]; }
  /// Finds the host of a place that a redirect has named: answers it, or nullptr and tells the
  /// client later by on_found().
  [[nodiscard]] std::shared_ptr<const StreamEndpoint> find(const HttpUrl& url,
                                                           const Client& client);
  static constexpr std::size_t places_kept_max = 64;
  /// Until then new connections of the group are silent.
  [[nodiscard]] Instant stalled_until(std::uint16_t group) const { return stalled_until_[group]; }
  [[nodiscard]] std::uint64_t streams_in_all() const { return streams_in_all_; }
  [[nodiscard]] Random& random() { return random_; }
  [[nodiscard]] SwarmCounters& own_counters() { return counters_; }
  [[nodiscard]] Forwarder& forwarder() { return forwarder_; }
  [[nodiscard]] char* read_buffer() { return read_buffer_.get(); }
  /// For the bytes of the thread's streams; null: they are not kept.
  [[nodiscard]] WireLog* wire() { return wire_; }
  /// For decoded bodies; made when the first one comes.
  [[nodiscard]] std::span<char> inflate_buffer();
  void report(Instant at, StreamId stream, const Fact& fact);
  void set_deadline(Client& client, std::uint32_t generation, Instant at);
  void request_connect(Client& client);
  void connect_finished();
  void watch(Client& client);
  /// A vanished client's connection, while the client has another one already: stays open and deaf
  /// until the end of the run. When the target closes its side, that is told as PeerGone. Of too
  /// many the first ones are reset.
  void keep_aside(StreamId stream, StreamSocket&& socket);
  static constexpr std::size_t kept_aside_max = 16'384;
  /// Tells the client when its current socket is ready. An errno value, 0 when it worked.
  [[nodiscard]] int watch_socket(Client& client);
  /// The client has more to read: it gets its next turn after the others.
  void read_on(Client& client);

 private:
  struct Deadline {
    enum class Kind : std::uint8_t { client, close, resume_group };
    std::uint32_t subject;     // index of the client, or the group
    std::uint32_t generation;  // of the client's deadline, or of the group's order
    Kind kind;
    AbortKind how = AbortKind::fin;
    bool return_at_once = false;
  };

  void add_deadline(Instant at, const Deadline& deadline);
  void arm_wheel(Instant at);
  void turn_wheel();
  void fire(const Deadline& deadline, Instant now);
  void arm_ready();
  void take_ready();
  void serve_socket(const Readiness::Ready& ready);
  void arm_beat();
  void beat();
  void look_for_peers(Instant now);
  void look_at_watched(Instant now);
  void look_at_kept(Instant now);
  void pump_connects();
  void shut_down();
  [[nodiscard]] std::uint32_t index_of(const Client& client) const;
  [[nodiscard]] std::uint64_t tag_of(const Client& client) const;
  [[nodiscard]] std::shared_ptr<const StreamEndpoint> keep_place(const HttpUrl& url,
                                                                 Addresses addresses);

  const SwarmConfig& config_;
  std::size_t index_;
  std::uint64_t streams_in_all_;
  RecordSink& sink_;
  WireLog* wire_;
  SwarmCounters counters_;
  Forwarder forwarder_;
  Random random_;
  std::unique_ptr<char[]> read_buffer_;
  std::unique_ptr<char[]> inflate_buffer_;
  const std::vector<StreamId>& first_ids_;
  std::vector<std::shared_ptr<const StreamEndpoint>> endpoints_;  // the last one is in use
  std::vector<Instant> stalled_until_;                            // of each group
  std::vector<Credential> credentials_;                           // likewise
  std::shared_ptr<const TlsContext> tls_for_places_;
  std::map<std::string, std::shared_ptr<const StreamEndpoint>> places_;  // found before, by origin

  Readiness readiness_;
  boost::asio::io_context io_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  boost::asio::posix::stream_descriptor ready_;         // a view of readiness_, which keeps it
  std::vector<std::uint64_t> to_read_on_, reading_on_;  // tags
  boost::asio::ip::tcp::resolver resolver_;
  boost::asio::steady_timer wheel_timer_;
  boost::asio::steady_timer beat_timer_;
  std::deque<Client> clients_;  // by index: id = index * threads + thread's index
  std::vector<std::optional<Instant>> first_intended_;
  TimingWheel<Deadline> wheel_;
  std::optional<Instant> wheel_armed_for_;
  bool turning_ = false;
  LagProbe lag_;
  std::optional<Instant> marked_at_;  // a mark is among what is ready
  unsigned beats_ = 0;
  PeerStateProbe peers_;
  std::vector<Client*> watched_;
  std::size_t asked_next_ = 0;  // whose turn it is to be asked about
  struct KeptAside {
    StreamSocket socket;
    StreamId stream;
    bool peer_gone = false;
  };
  std::deque<KeptAside> kept_aside_;
  std::size_t kept_next_ = 0;
  std::deque<Client*> waiting_for_connect_;
  std::size_t connects_in_flight_ = 0;
  bool pumping_ = false;
  bool over_ = false;
  std::vector<std::uint32_t> group_orders_;  // generation of the last reading order of each group
  std::thread thread_;
};

}  // namespace streamgauge::net

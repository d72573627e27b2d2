// One connection through the proxy: its two sockets, and what waits between them. Executes what its
// fault::Passage decides; makes no decision of its own but how a socket is closed.
#pragma once

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "harness/core/fault/passage.hpp"
#include "harness/core/latency/histogram.hpp"
#include "harness/net/proxy/byte_queue.hpp"
#include "harness/net/stream_socket.hpp"

namespace streamgauge::net {

/// What the links of one proxy share; used on its thread only.
struct LinkShared {
  std::vector<boost::asio::ip::tcp::endpoint> upstream;
  /// Watches a descriptor for the link `slot`; an errno value.
  std::function<int(int descriptor, std::uint32_t slot, fault::Side side)> watch;
  /// To be called again with go_on(), behind what else is ready.
  std::function<void(std::uint32_t slot)> again;
  Instant woken{};  // when the loop found what it is working on
  std::vector<char> buffer = std::vector<char>(64u << 10);
  std::array<std::string, 2> staged;         // by side: pieces of one call, to be written together
  std::function<void(std::uint32_t)> fired;  // by the fault's number
  std::array<std::uint64_t, 2> bytes_written{};
  std::uint64_t bytes_waiting = 0;
  std::uint64_t bytes_waiting_max = 0;
  std::uint64_t upstream_failures = 0;
  latency::Histogram added;
};

class ProxyLink final : public fault::Sink {
 public:
  /// `slot`: its name for LinkShared. The client's socket is connected and does not block.
  ProxyLink(LinkShared& shared, std::uint32_t slot, StreamSocket client);
  ~ProxyLink() override;

  /// Its faults come first: then the socket is watched. False when it cannot be.
  [[nodiscard]] bool start(Instant now);
  [[nodiscard]] fault::Passage& passage() { return passage_; }

  void on_ready(fault::Side side, bool hung_up, Instant now);
  void on_time(Instant now);
  void go_on(Instant now);
  /// After faults were added or taken away.
  void on_change(Instant now) { settle(now); }
  /// By order, not by a fault.
  void cut_off(bool reset, Instant now);

  /// When on_time() has something to do.
  [[nodiscard]] Instant due() const { return std::min(passage_.due(), deadline_); }
  [[nodiscard]] bool over() const { return over_; }

  // fault::Sink
  void write(fault::Side to, std::string_view bytes) override;
  void cut(fault::Side to) override;
  void finish(fault::Side to) override;
  void close() override;
  void reset(fault::Side side) override;
  void vanish(fault::Side side) override;
  void reappear(fault::Side side) override;
  void absorb(fault::Side to, std::uint64_t bytes) override;
  void keep(fault::Side side) override;
  void fired(std::uint32_t fault) override { shared_.fired(fault); }

 private:
  enum class State : std::uint8_t { none, connecting, open, gone };
  struct End {
    StreamSocket socket;
    ByteQueue waiting;  // to be written to it
    std::uint64_t waiting_max = 256u << 10;
    State state = State::none;
    bool readable = false;   // there may be something to read
    bool hung_up = false;    // and an end behind it
    bool ended = false;      // it has sent its FIN
    bool finishing = false;  // it is to be sent a FIN
    bool finished = false;   // has been
    bool mute = false;       // for it, the proxy has vanished
  };
  [[nodiscard]] End& end(fault::Side side) { return ends_[static_cast<std::size_t>(side)]; }
  [[nodiscard]] std::string& staged(fault::Side side) {
    return shared_.staged[static_cast<std::size_t>(side)];
  }

  void connect_next(Instant now);
  void on_connected(Instant now);
  void pump(fault::Direction direction, Instant now);
  void flush(fault::Side side);
  void send_waiting(fault::Side side);
  void queue(fault::Side side, std::string_view bytes);
  [[nodiscard]] std::size_t send_now(fault::Side side, std::string_view bytes);
  void drop_waiting(fault::Side side);
  void lost(fault::Side side, Instant now);
  void settle(Instant now);
  void judge_end(Instant now);

  LinkShared& shared_;
  const std::uint32_t slot_;
  fault::Passage passage_;
  std::array<End, 2> ends_;
  std::size_t next_address_ = 0;
  Instant deadline_ = Instant::max();  // for a peer that does not end what is over
  std::array<bool, 2> failed_{};       // writing found that the side is gone: not yet told
  bool from_bytes_ = false;            // what is written came in in this wake-up
  bool closing_ = false;               // ends in order; nothing is taken any more
  bool client_left_ = false;           // and the upstream is kept all the same
  bool over_ = false;
};

}  // namespace streamgauge::net

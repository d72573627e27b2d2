// A connection that carries a stream: executes what the hub decides about its subscriber.
//
// Idle it holds no buffer: it waits for readability only to notice that the peer has gone. It is
// kept alive by the shard's list and by each operation in flight, and all of it runs on one thread.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <memory>
#include <optional>

#include "harness/core/http/websocket.hpp"
#include "reference-server/core/directory.hpp"
#include "reference-server/core/held_output.hpp"
#include "reference-server/net/shard.hpp"
#include "reference-server/net/tls.hpp"

namespace streamgauge::server {

class Stream final : public Outlet,
                     public boost::intrusive_ref_counter<Stream, boost::thread_unsafe_counter> {
 public:
  /// The identity has been entered in the directory under this shard and `number`. From
  /// Shard::add() on the stream can be told to end, also before it has started.
  Stream(Shard& shard, std::uint64_t number, ChannelRef channel, StreamIdentity identity);
  ~Stream();

  /// Before start(): by flaws of buffering only.
  void hold(Hold how);
  /// `tls`: nullptr in the clear.
  void start(tcp::socket socket, std::unique_ptr<TlsPeer> tls, StreamStart start);
  /// Instead of start(): nothing comes of it.
  void give_up();
  /// One event of an answer.
  void say(const EventPtr& event);
  /// Whether the peer has yet to take what it was sent.
  [[nodiscard]] bool behind() const { return !subscriber_.queue.empty(); }
  void mute();
  /// Ends it in order (see Hub::finish).
  void finish(CloseReason reason, EventPtr last, bool flush);
  /// By Flaw::shutdown_truncates only (see Hub::cut).
  void cut(const EventPtr& last);
  /// Ends it now, with a reset.
  void abort(CloseReason reason);

  [[nodiscard]] std::uint64_t number() const { return number_; }
  [[nodiscard]] const ChannelRef& channel() const { return channel_; }
  [[nodiscard]] const StreamIdentity& identity() const { return identity_; }
  [[nodiscard]] bool open() const { return subscriber_.channel != nullptr; }

  std::ptrdiff_t write(std::span<const std::string_view> pieces) override;
  std::uint64_t unacknowledged() override;
  void await_writable() override;
  void closed(CloseReason reason) override;

 private:
  /// How it was told to end before it had started.
  struct EarlyEnd {
    CloseReason reason;
    EventPtr last;
    bool flush;
  };

  void set_options();
  void take_frames(std::string_view bytes);
  void await_readable();
  void on_readable();
  void on_half_close();
  void gone();
  void part(CloseReason reason);
  std::ptrdiff_t send(std::span<const std::string_view> pieces);

  // stream_tls.cpp
  std::ptrdiff_t send_secured(std::span<const std::string_view> pieces);
  bool send_encrypted();
  void send_encrypted_later();
  [[nodiscard]] bool hear(std::string_view encrypted);
  void end_secured();

  // stream_held.cpp
  struct Held {
    Held(Hold how, net::io_context& io) : output(how), timer(io) {}
    HeldOutput output;
    net::steady_timer timer;
    bool waiting = false;
  };
  std::ptrdiff_t write_held(std::span<const std::string_view> pieces);
  bool send_ready();
  void await_release();
  void end_held();
  std::ptrdiff_t send_in_steps(std::span<const std::string_view> pieces);

  Shard& shard_;
  tcp::socket socket_;
  const std::uint64_t number_;
  ChannelRef channel_;
  StreamIdentity identity_;
  Subscriber subscriber_;
  Deadline lingering_;
  bool started_ = false;
  bool aborted_ = false;
  bool reset_ignored_ = false;  // a write met the peer's reset; what is read after it looks orderly
  std::optional<EarlyEnd> early_end_;
  std::unique_ptr<Held> held_;    // nullptr: nothing is held back
  std::unique_ptr<TlsPeer> tls_;  // nullptr: in the clear
  bool sends_later_ = false;      // what is encrypted waits until the socket takes it
  std::unique_ptr<http::WebSocketReader> frames_;  // of the peer; nullptr: it is no WebSocket
};

}  // namespace streamgauge::server

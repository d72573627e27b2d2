// A connection that carries a stream: executes what the hub decides about its subscriber.
//
// Idle it holds no buffer: it waits for readability only to notice that the peer has gone. It is
// kept alive by the shard's list and by each operation in flight, and all of it runs on one thread.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>

#include "reference-server/core/directory.hpp"
#include "reference-server/net/shard.hpp"

namespace streamgauge::server {

class Stream final : public Outlet,
                     public boost::intrusive_ref_counter<Stream, boost::thread_unsafe_counter> {
 public:
  /// The identity has been entered in the directory under this shard and `number`.
  Stream(Shard& shard, tcp::socket socket, std::uint64_t number, ChannelRef channel,
         StreamIdentity identity);
  ~Stream();

  void start(StreamStart start);
  /// Ends it in order (see Hub::finish).
  void finish(CloseReason reason, EventPtr last, bool flush);
  /// Ends it now, with a reset.
  void abort(CloseReason reason);

  [[nodiscard]] std::uint64_t number() const { return number_; }

  std::ptrdiff_t write(std::span<const std::string_view> pieces) override;
  std::uint64_t unacknowledged() override;
  void await_writable() override;
  void closed(CloseReason reason) override;

 private:
  void await_readable();
  void on_readable();
  void gone();
  void part(CloseReason reason);

  Shard& shard_;
  tcp::socket socket_;
  const std::uint64_t number_;
  ChannelRef channel_;
  StreamIdentity identity_;
  Subscriber subscriber_;
  Deadline lingering_;
};

}  // namespace streamgauge::server

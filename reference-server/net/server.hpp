// The reference server as a whole: shards on threads, two listeners, start, drain and stop.
//
//   auto server = Server::start(options);   // listens when this returns
//   (*server)->drain();                     // from any thread, also a second time
//   (*server)->wait();                      // until it has stopped
//
// Drain: readiness goes first and no new stream is taken; after drain_delay every stream gets what
// waits for it, a retry hint, and the terminal chunk; who does not take it within the grace is
// reset; then the listeners close and the threads end.
#pragma once

#include <memory>

#include "harness/core/base/error.hpp"
#include "reference-server/core/settings.hpp"
#include "reference-server/net/options.hpp"

namespace streamgauge::server {

class Server {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Server>> start(ServerOptions options);
  /// Stops at once if it still runs.
  ~Server();
  Server(const Server&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] std::uint16_t admin_port() const;

  /// Of the embedding program, from any thread. Errors: as Sequencer::publish.
  [[nodiscard]] Result<void> publish(const std::string& channel, const Publication& publication);

  void drain();
  /// Ends all connections now.
  void stop();
  /// Joins the threads.
  void wait();
  [[nodiscard]] bool stopped() const;

 private:
  struct Body;
  explicit Server(std::unique_ptr<Body> body);
  std::unique_ptr<Body> body_;
};

}  // namespace streamgauge::server

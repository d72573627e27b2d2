// The adversarial server of client cases: plays scripts (harness/core/client_case/script.hpp) to
// whoever connects, byte for byte and moment for moment, and notes what the client does.
//
// Loopback only. Each case has a stage with ports of its own, so that many run side by side. One
// thread executes all of them; what it sees goes into the stage's log and, with the bytes, onto its
// wire.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "harness/core/base/error.hpp"
#include "harness/core/client_case/script.hpp"
#include "harness/net/observation_log.hpp"

namespace streamgauge::net {

/// A script being played. Destroying it ends the connections and frees the ports.
class Stage {
 public:
  ~Stage();
  Stage(const Stage&) = delete;

  /// "http://127.0.0.1:41234/stream"
  [[nodiscard]] const std::string& url() const;
  /// From here on connections are served; those that came before have waited.
  void open();
  /// What went over its connections so far, a line a write or read, with times since `open`. At
  /// most the first 256 KiB; long writes are told by their size and first bytes.
  [[nodiscard]] std::string wire() const;

  struct Body;

 private:
  friend class ScriptServer;
  explicit Stage(std::shared_ptr<Body> body);
  std::shared_ptr<Body> body_;
};

class ScriptServer {
 public:
  ScriptServer();
  ~ScriptServer();  // every stage must be gone
  ScriptServer(const ScriptServer&) = delete;

  /// `script` is copied. Errors: no port, no descriptors.
  [[nodiscard]] Result<std::unique_ptr<Stage>> stage(const client_case::Script& script,
                                                     std::shared_ptr<ObservationLog> log);
  /// The worst lateness of this thread between the two.
  [[nodiscard]] Duration lag_between(Instant from, Instant to) const;

 private:
  struct Body;
  std::unique_ptr<Body> body_;
};

}  // namespace streamgauge::net

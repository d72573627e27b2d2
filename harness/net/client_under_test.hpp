// Clients as the suite sees them: something that can be started on a stream's address, and that
// reports what it hears. Three kinds: one of our own, a program, a test service.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "harness/core/base/error.hpp"
#include "harness/core/client_case/case.hpp"
#include "harness/core/scenario/scenario.hpp"
#include "harness/net/observation_log.hpp"

namespace streamgauge::net {

/// One client on one stream. Destroying it ends the client, whatever it does.
class ClientSession {
 public:
  virtual ~ClientSession() = default;
  /// Told to disconnect and come again; told to close and stay closed. Only where it can.
  virtual void restart() {}
  virtual void close() {}
  /// Of its processes, where they are ours to look at.
  [[nodiscard]] virtual std::optional<std::uint64_t> memory_bytes() { return std::nullopt; }
  /// What it said beside its reports, for the evidence.
  [[nodiscard]] virtual std::string said() { return {}; }
};

class ClientUnderTest {
 public:
  virtual ~ClientUnderTest() = default;
  [[nodiscard]] virtual std::string name() const = 0;
  [[nodiscard]] virtual client_case::Capabilities can() const = 0;
  /// After how long it comes again when it was not told; a guess where it cannot be known.
  [[nodiscard]] virtual Duration reconnection_time() const = 0;
  /// How many may run side by side without one disturbing the other.
  [[nodiscard]] virtual unsigned at_once_max() const = 0;
  /// From here on it reports to `log`, from whichever thread.
  [[nodiscard]] virtual Result<std::unique_ptr<ClientSession>> start(
      const std::string& url, const client_case::StreamOrder& order,
      std::shared_ptr<ObservationLog> log) = 0;
};

/// A simulated client of that policy: the very code that makes load.
[[nodiscard]] std::unique_ptr<ClientUnderTest> built_in_client(std::string name,
                                                               const PolicySpec& policy);

struct ExecOptions {
  std::string command;  // for sh; "{url}" stands for the stream's address
  client_case::Capabilities can;
  Duration reconnection_time = std::chrono::seconds{5};
};
/// A program that prints a JSON line for each thing it hears: core/client_case/README.md.
[[nodiscard]] std::unique_ptr<ClientUnderTest> exec_client(ExecOptions options);

/// A client behind the public contract-test protocol, at `url`. Errors: not a URL, nobody there, an
/// answer that the protocol does not know.
[[nodiscard]] Result<std::unique_ptr<ClientUnderTest>> service_client(const std::string& url,
                                                                      Duration reconnection_time);

}  // namespace streamgauge::net

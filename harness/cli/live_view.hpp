// A run as it goes on, in a browser (`--live`) and for Prometheus (`--metrics`): the project's own
// server serves the page, the points so far, an event stream of new ones, and /metrics.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "harness/cli/live_history.hpp"
#include "harness/core/result/run_result.hpp"
#include "reference-server/net/server.hpp"

namespace streamgauge::cli {

/// "127.0.0.1:9464", "[::1]:0", ":9464" and "9464" (both 127.0.0.1).
struct ListenAddress {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
  friend bool operator==(const ListenAddress&, const ListenAddress&) = default;
};
/// The error names `option` and what would do.
[[nodiscard]] Result<ListenAddress> parse_listen(std::string_view option, std::string_view text);

class LiveView {
 public:
  /// `live`, `metrics`: addresses as typed; empty: not wanted. Null when neither is. Says on stderr
  /// where it listens. Errors: usage, or an address that cannot be listened on.
  [[nodiscard]] static Result<std::unique_ptr<LiveView>> open(const std::string& live,
                                                              const std::string& metrics);
  ~LiveView();
  LiveView(const LiveView&) = delete;

  /// From any thread, one at a time.
  void show(const run::PlanProgress& progress);
  /// Tells the pages how it ended.
  void over(const RunResult& result, const std::string& report_folder);

 private:
  LiveView() = default;
  [[nodiscard]] Result<std::string> listen(std::string_view option, const std::string& address);
  void tell(const std::string& type, std::string data);

  std::mutex mutex_;
  LiveHistory history_;
  std::vector<std::unique_ptr<server::Server>> servers_;  // last: its pages use the others
};

}  // namespace streamgauge::cli

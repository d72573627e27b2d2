// How a server is started.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/contract/contract.hpp"
#include "reference-server/core/flaws.hpp"
#include "reference-server/core/settings.hpp"

namespace streamgauge::server {

/// A resource of the program that embeds the server: what GET answers at `path`, in place of the
/// server's own if it has one there.
struct Page {
  std::string path;
  std::string content_type;
  std::function<std::string()> body;  // asked on some thread of the server
};

struct ServerOptions {
  Contract contract = default_contract();
  Flaws flaws;
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  // 0: any free one
  std::uint16_t admin_port = 0;
  unsigned threads = 1;
  int send_buffer_bytes = 256 << 10;  // of the kernel, per stream: bounds what it may hide
  std::string tls_cert, tls_key;      // PEM files: the service speaks TLS; both or none
  std::string allow_origin;           // Access-Control-Allow-Origin of /events; empty: not sent
  std::vector<std::string> tokens;    // that open streams by the contract's `auth`; none: all may
  /// Of event ids; two instances of one epoch that are published the same hand out the same ids.
  /// nullopt: the time of the start.
  std::optional<std::uint64_t> epoch;
  /// Between readiness going away and the first stream closed. nullopt: a fifth of the grace, or
  /// nothing when no stream is open.
  std::optional<Duration> drain_delay;
  Duration head_within = std::chrono::seconds{10};
  Duration body_within = std::chrono::seconds{30};
  Duration idle_within = std::chrono::seconds{75};  // a kept-alive connection without a request
  std::uint32_t head_bytes_max = 16 << 10;
  std::uint64_t body_bytes_max = 16_MiB;
  std::size_t channels_max = 65536;
  std::vector<Page> pages;
  bool takes_publications = true;  // by HTTP; without it only the embedding program publishes
  /// Called once, on some thread of the server, when it is about to stop.
  std::function<void()> on_stop;
};

}  // namespace streamgauge::server

// Where streams are opened, and what a request for one says: resolved once, before the run.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/scenario/target_spec.hpp"
#include "harness/net/tls.hpp"

namespace streamgauge::net {

/// Texts hold {channel}, {id}, {user} and {token}, which each client fills in: see request.hpp.
struct StreamEndpoint {
  std::vector<boost::asio::ip::tcp::endpoint> addresses;  // tried in order
  std::string host;                                       // Host header: "127.0.0.1:8080"
  std::string path;                                       // "/events?channel={channel}&id={id}"
  HeaderList headers;                                     // additional request headers
  TokenTexts tokens = {};                                 // what {token} becomes
  std::optional<CommandSpec> generate = {};               // for groups that ask for one answer
  /// Where clients go whose own address fails (PolicySpec::fallback_after); none: to the same one,
  /// by a path that is never silent.
  std::shared_ptr<const StreamEndpoint> fallback = {};
  /// Beside this one, for a client's first connection: see policy::try_mirror().
  std::vector<std::shared_ptr<const StreamEndpoint>> mirrors = {};
  std::string poll_path = {};       // of long-polls, as `path`; empty: there are none
  std::string websocket_path = {};  // likewise
  TlsPeer tls = {};
};

}  // namespace streamgauge::net

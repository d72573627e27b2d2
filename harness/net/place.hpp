// Where a redirect leads a client, and what it may take along. Pure.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "harness/net/http_probe.hpp"
#include "harness/net/stream_endpoint.hpp"

namespace streamgauge::net {

/// An address beside the client's own that the server has named.
struct Place {
  HttpUrl url;
  std::string target;    // path and query, as they stand in the request line
  bool as_get = false;   // without the body of the first request
  bool foreign = false;  // another origin than the client's own: no credentials are shown there
  /// Once its host has been found; its addresses are none before.
  std::shared_ptr<const StreamEndpoint> endpoint;
};

/// "http://127.0.0.1:8080/events?channel=a", with what the request line said.
[[nodiscard]] std::string url_text(bool tls, std::string_view authority, std::string_view target);

/// The URL that `location` means, seen from `base` (RFC 3986, 5); nullopt when it is empty or no
/// place that can be asked by HTTP. A fragment is dropped.
[[nodiscard]] std::optional<HttpUrl> located(std::string_view base, std::string_view location);

}  // namespace streamgauge::net

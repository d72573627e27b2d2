// HTTP/1.1 on one connection: requests one after the other (also pipelined), until it becomes a
// stream, is closed, or its deadline passes.
#pragma once

#include "reference-server/net/shard.hpp"

namespace streamgauge::server {

/// Starts to serve; returns at once. On the shard's thread.
void serve_connection(tcp::socket socket, Shard& shard, Role role);

}  // namespace streamgauge::server

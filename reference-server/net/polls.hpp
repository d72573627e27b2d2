// Long-polls: one request, one answer, when there is something to say or its time is over.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "reference-server/net/routes.hpp"
#include "reference-server/net/shard.hpp"

namespace streamgauge::server {

/// The answer is a finished event stream: messages, and behind them a block with nothing but the id
/// from which the next poll is to go on. A poll without an id is answered at once, with that block
/// alone: nothing that is published from then on is lost between two polls. One with an id is held
/// until its channel has something for it, at most one heartbeat period (25 s when the contract
/// states none), or until the server stops; while it is held it counts as a stream. nullopt: the
/// peer has gone.
[[nodiscard]] net::awaitable<std::optional<Answer>> answer_poll(OpenPoll open, tcp::socket& socket,
                                                                Shard& shard);

}  // namespace streamgauge::server

#include "harness/net/script_connection.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "harness/net/clock.hpp"
#include "harness/net/request_reader.hpp"

// GCC 12 sees a mismatch where Asio's coroutine frames inline their own new and delete.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace streamgauge::net {

namespace asio = boost::asio;
namespace seen = client_case::seen;
namespace step = client_case::step;
using client_case::Script;
using client_case::Step;

namespace {

constexpr auto as_played = asio::as_tuple(asio::use_awaitable);
// A client that is slow to take a FIN must not be hit by the RST of a close with unread bytes.
constexpr Duration linger_for = std::chrono::seconds{2};

seen::Requested described(const HttpMessage& request) {
  seen::Requested what;
  what.method = std::string(request.method_string());
  what.target = std::string(request.target());
  for (const auto& field : request) {
    what.fields.emplace_back(std::string(field.name_string()), std::string(field.value()));
  }
  what.body = request.body();
  return what;
}

asio::awaitable<void> watch_for_leaving(std::shared_ptr<ScriptConnection> connection,
                                        std::shared_ptr<void> keeper) {
  co_await connection->watch();
  (void)keeper;
}

}  // namespace

ScriptConnection::ScriptConnection(asio::ip::tcp::socket socket, std::uint32_t number,
                                   bool elsewhere, ObservationLog& log, WireLog& wire,
                                   const Script& script, std::uint32_t& requests)
    : socket_(std::move(socket)),
      timer_(socket_.get_executor()),
      log_(log),
      wire_(wire),
      script_(script),
      requests_(requests),
      number_(number),
      elsewhere_(elsewhere) {}

void ScriptConnection::end() {
  ended_ = true;
  boost::system::error_code ignored;
  timer_.cancel();
  socket_.close(ignored);
}

void ScriptConnection::leave() {
  if (gone_ || ended_) return;
  gone_ = true;
  wire_.note(now(), number_, "closed by the client");
  if (!finished_ && request_ > 0) log_.add(seen::Left{request_, sent_});
  timer_.cancel();
}

asio::awaitable<void> ScriptConnection::watch() {
  char dropped[4096];
  while (!gone_ && !ended_) {
    const auto [error, size] = co_await socket_.async_read_some(asio::buffer(dropped), as_played);
    if (error) break;
  }
  leave();
}

asio::awaitable<bool> ScriptConnection::read_request() {
  std::string rest;
  const auto request = co_await net::read_request(socket_, rest, {});
  if (!request) {
    wire_.note(now(), number_, "no whole request");
    gone_ = true;
    co_return false;
  }
  auto what = described(*request);
  std::string shown = what.method + " " + what.target + "\n";
  for (const auto& [name, value] : what.fields) shown += name + ": " + value + "\n";
  wire_.bytes(now(), number_, false, shown + what.body);
  // What a browser asks for beside the stream is none of the case's.
  if (what.target.starts_with("/favicon")) co_return false;
  what.number = request_ = ++requests_;
  what.elsewhere = elsewhere_;
  log_.add(std::move(what));
  co_return true;
}

asio::awaitable<bool> ScriptConnection::wait(Duration length) {
  timer_.expires_after(length);
  co_await timer_.async_wait(as_played);
  co_return !gone_ && !ended_;
}

asio::awaitable<bool> ScriptConnection::write(std::string_view bytes) {
  if (bytes.empty()) co_return !gone_ && !ended_;
  const auto [error, size] =
      co_await asio::async_write(socket_, asio::buffer(bytes.data(), bytes.size()), as_played);
  sent_ += size;
  if (error) leave();
  co_return !gone_ && !ended_;
}

asio::awaitable<void> ScriptConnection::finish(bool abort) {
  finished_ = true;
  wire_.note(now(), number_, abort ? "reset" : "FIN");
  boost::system::error_code ignored;
  if (abort) socket_.set_option(asio::socket_base::linger{true, 0}, ignored);
  log_.add(seen::Ended{request_});
  if (abort) {
    end();
    co_return;
  }
  socket_.shutdown(asio::socket_base::shutdown_send, ignored);
  co_await wait(linger_for);
  end();
}

asio::awaitable<void> ScriptConnection::play_reply() {
  const std::size_t index = std::min<std::size_t>(request_, script_.replies.size()) - 1;
  for (const Step& step : script_.replies[index].steps) {
    if (gone_ || ended_) co_return;
    if (const auto* what = std::get_if<step::Write>(&step)) {
      wire_.bytes(now(), number_, true, what->bytes);
      const bool written = co_await write(what->bytes);
      if (!written) co_return;
    } else if (const auto* pause = std::get_if<step::Wait>(&step)) {
      const bool waited = co_await wait(pause->length);
      if (!waited) co_return;
    } else if (const auto* flood = std::get_if<step::Flood>(&step)) {
      wire_.note(now(), number_, "floods");
      const std::uint64_t until = sent_ + flood->bytes_max;
      while (sent_ < until) {
        const bool written = co_await write(flood->piece);
        if (!written) co_return;
      }
    } else {
      co_await finish(std::holds_alternative<step::Abort>(step));
      co_return;
    }
  }
  log_.add(seen::Held{request_});
}

asio::awaitable<void> play(std::shared_ptr<ScriptConnection> connection,
                           std::shared_ptr<void> keeper) {
  const bool asked = co_await connection->read_request();
  if (!asked) {
    connection->end();
    co_return;
  }
  // Not before: until the request is whole, reading is the parser's.
  asio::co_spawn(connection->executor(), watch_for_leaving(connection, keeper), asio::detached);
  co_await connection->play_reply();
}

}  // namespace streamgauge::net

#include "harness/net/callback_sender.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <utility>

#include "harness/core/client_case/report_line.hpp"
#include "harness/net/clock.hpp"

// GCC 12 sees a mismatch where Asio's coroutine frames inline their own new and delete.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace streamgauge::net {

namespace {

constexpr Duration taken_within = std::chrono::seconds{10};

}  // namespace

CallbackSender::CallbackSender(boost::asio::io_context& context, HttpUrl url, Addresses addresses)
    : context_(context), url_(std::move(url)), connection_(context, std::move(addresses)) {}

void CallbackSender::send(client_case::Seen what) {
  boost::asio::post(context_, [self = shared_from_this(), what = std::move(what)] {
    if (self->stopped_) return;
    std::string body = client_case::write_report(what);
    self->waiting_bytes_ += body.size();
    if (self->waiting_bytes_ > waiting_bytes_max) return self->stop();
    self->waiting_.push_back(std::move(body));
    if (std::exchange(self->sending_, true)) return;
    boost::asio::co_spawn(self->context_, self->run(self), boost::asio::detached);
  });
}

void CallbackSender::stop() {
  boost::asio::post(context_, [self = shared_from_this()] {
    self->stopped_ = true;
    self->waiting_.clear();
    self->connection_.cancel();
  });
}

boost::asio::awaitable<void> CallbackSender::run(std::shared_ptr<CallbackSender> keeper) {
  while (!stopped_ && !waiting_.empty()) {
    HttpRequest request;
    request.method = "POST";
    request.host = url_.authority;
    request.path = url_.path == "/" ? "" : url_.path;
    request.path += "/" + std::to_string(next_++) + url_.query;
    request.headers.emplace_back("Content-Type", "application/json");
    request.body = std::move(waiting_.front());
    waiting_bytes_ -= request.body.size();
    waiting_.pop_front();
    // A harness that does not take one may still take the next: the number tells the difference.
    std::string text = request_text(request, true);
    const Instant deadline = now() + taken_within;
    const HttpExchange taken =
        co_await connection_.exchange(std::move(text), deadline, WantBody::no);
    if (taken.failure == HttpExchange::Failure::refused) stop();
  }
  sending_ = false;
  (void)keeper;
}

}  // namespace streamgauge::net

#include "harness/run/client_trial.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/core/check/finding.hpp"
#include "harness/net/clock.hpp"

namespace streamgauge::run {

namespace seen = client_case::seen;
using client_case::Case;
using client_case::Observation;
using client_case::Order;
using client_case::Trial;

namespace {

constexpr Duration look_at_log_every = std::chrono::milliseconds{50};

/// A trial under way.
class Play {
 public:
  Play(const Case& item, net::ClientUnderTest& client, std::shared_ptr<net::ObservationLog> log,
       const std::atomic<bool>* interrupted)
      : item_(item), client_(client), log_(std::move(log)), interrupted_(interrupted) {
    trial_.can = client.can();
  }

  /// Runs to its end; the session is still there when it returns.
  void run(net::ClientSession& session, Instant began) {
    trial_.began = began;
    // A client that waits seconds between its connections gets them all the same, and the window
    // to come back in once more.
    const Duration own = client_.reconnection_time();
    const Duration delays = scaled(own * std::max(1u, item_.until.requests), 1.3);
    const Duration last = item_.until.comes_back ? window({}) : Duration{};
    const Instant deadline = began + item_.until.within + delays + last;
    const auto memory_before = session.memory_bytes();
    while (net::now() < deadline && !over(session)) {
      if (item_.measures_memory && memory_before) watch_memory(session, *memory_before);
    }
    trial_.ended = net::now();
  }

  Trial finish(Duration lag) {
    log_->close();
    trial_.log = log_->entries();
    trial_.lag = lag;
    return std::move(trial_);
  }

 private:
  bool over(net::ClientSession& session) {
    if (interrupted_ != nullptr && interrupted_->load()) return true;
    log_->wait([this](const std::vector<Observation>& log) { return look(log); },
               net::now() + look_at_log_every);
    if (item_.on_now != Order::none && now_heard_ && !std::exchange(ordered_, true)) {
      log_->add(seen::Ordered{item_.on_now == Order::close});
      item_.on_now == Order::close ? session.close() : session.restart();
    }
    trial_.complete = until_ && net::now() >= *until_;
    return trial_.complete || gone_for_good();
  }

  /// True when there is something to be done.
  bool look(const std::vector<Observation>& log) {
    for (; looked_ < log.size(); ++looked_) {
      const auto* event = std::get_if<seen::Event>(&log[looked_].what);
      now_heard_ |= event != nullptr && event->data == "sg-now";
      gone_ |= std::holds_alternative<seen::Gone>(log[looked_].what);
    }
    if (const auto at = client_case::together(item_.until, log)) {
      Duration more = item_.until.then;
      if (item_.until.comes_back) more = std::max(more, window(log));
      until_ = *at + more;
    }
    const bool due = until_ && net::now() >= *until_;
    return due || (now_heard_ && item_.on_now != Order::none && !ordered_);
  }

  [[nodiscard]] Duration window(const std::vector<Observation>& log) const {
    Trial so_far;
    so_far.log = log;
    return client_case::comeback_window(so_far, client_.reconnection_time());
  }

  /// A program that has ended will hear nothing more; a moment for what is on its way.
  bool gone_for_good() {
    if (!gone_) return false;
    if (!gone_since_) gone_since_ = net::now();
    // Whoever has ended cannot come back, either: the evidence for that is together.
    if (until_) {
      trial_.complete = true;
      return true;
    }
    return net::now() - *gone_since_ > std::chrono::milliseconds{200};
  }

  void watch_memory(net::ClientSession& session, std::uint64_t before) {
    const auto now = session.memory_bytes();
    if (!now) return;
    const std::uint64_t grown = *now > before ? *now - before : 0;
    trial_.memory_grown_bytes = std::max(trial_.memory_grown_bytes.value_or(0), grown);
  }

  const Case& item_;
  net::ClientUnderTest& client_;
  std::shared_ptr<net::ObservationLog> log_;
  const std::atomic<bool>* interrupted_;
  Trial trial_;
  std::size_t looked_ = 0;
  bool now_heard_ = false, ordered_ = false, gone_ = false;
  std::optional<Instant> until_, gone_since_;
};

std::string told(const Case& item, const Trial& trial, const std::string& wire,
                 const std::string& said) {
  std::string text = fmt::format("{}\n{}\n\nwhat was seen\n", item.id, item.requirement);
  std::size_t shown = 0;
  for (const Observation& entry : trial.log) {
    if (++shown > 2000) break;
    text += fmt::format("{:+.4f} s  {}\n", to_seconds(entry.at - trial.began),
                        client_case::to_string(entry.what));
  }
  text += "\nthe wire (# number of the connection, > sent by the script, < by the client)\n" + wire;
  if (!said.empty()) text += "\nwhat the client said beside its reports\n" + said;
  return text;
}

PlayedCase failed_to_play(const Error& error) {
  return {finding(Verdict::error, "", "", error.message), {}};
}

}  // namespace

PlayedCase play_case(const Case& item, net::ClientUnderTest& client, net::ScriptServer& server,
                     const std::atomic<bool>* interrupted) {
  if (const auto need = client_case::missing(item, client.can())) {
    return {finding(Verdict::skip, "", "",
                    fmt::format("the client cannot: {}", client_case::to_string(*need))),
            {}};
  }
  auto log = std::make_shared<net::ObservationLog>();
  const auto stage = server.stage(item.script, log);
  if (!stage) return failed_to_play(stage.error());
  Play play(item, client, log, interrupted);
  const Instant began = net::now();
  const std::string url =
      (*stage)->url() + (item.order.query.empty() ? "" : "?" + item.order.query);
  auto session = client.start(url, item.order, log);
  if (!session) return failed_to_play(session.error());
  (*stage)->open();
  play.run(**session, began);
  const std::string said = (*session)->said();
  const Trial trial = play.finish(server.lag_between(began, net::now()));
  session->reset();
  PlayedCase played;
  played.finding = client_case::judge(item, trial);
  played.lag = trial.lag;
  if (played.finding.verdict != Verdict::pass) {
    played.wire = told(item, trial, (*stage)->wire(), said);
  }
  return played;
}

}  // namespace streamgauge::run

// The part of a client that knows where it goes and what it is: redirects, the page that it stands
// for, its parser and its constants.
#include <fmt/format.h>

#include "harness/net/client.hpp"
#include "harness/net/clock.hpp"
#include "harness/net/request.hpp"
#include "harness/net/swarm_thread.hpp"

namespace streamgauge::net {
namespace {

constexpr std::size_t shown_url_max = 200;

}  // namespace

Client::Rare& Client::rare() {
  if (!rare_) rare_ = std::make_unique<Rare>();
  return *rare_;
}

const PolicySpec& Client::spec() const {
  return thread_.config().scenario->groups[group_].policy;
}

std::optional<Duration> Client::liveness() const {
  if (heard_ && has(Defect::liveness_by_preamble)) return std::nullopt;
  return spec().liveness;
}

// --- where it goes -----------------------------------------------------------------------------

const Place* Client::place() const {
  return rare_ && rare_->here ? &*rare_->here : nullptr;
}

const StreamEndpoint& Client::reached() const {
  const Place* const here = place();
  return here != nullptr && here->endpoint ? *here->endpoint : endpoint();
}

void Client::on_found(std::shared_ptr<const StreamEndpoint> found, std::string_view failure) {
  if (state_ != State::connecting || place() == nullptr) return;
  const Instant at = net::now();
  if (!found || found->addresses.empty()) {
    return connect_failed(at,
                          fmt::format("host '{}' cannot be resolved: {}", place()->url.host,
                                      failure.empty() ? "it has no address" : failure),
                          false);
  }
  rare_->here->endpoint = std::move(found);
  try_address(at);
}

std::optional<HttpUrl> Client::location_of(const ResponseHead& head) const {
  const Place* const here = place();
  const ClientGroup& group = thread_.group(*this);
  const StreamEndpoint& own = endpoint();
  if (here != nullptr) {
    return located(url_text(here->url.tls, here->url.authority, here->target), head.location);
  }
  const auto identity = identity_of(group, id_, thread_.member(*this), own.tokens);
  return located(url_text(static_cast<bool>(own.tls), own.host,
                          stream_target(own, group, identity, transport_)),
                 head.location);
}

policy::input::Answered Client::answered_by(const ResponseHead& head) const {
  policy::input::Answered answered{head.status, head.event_stream, head.retry_after};
  if (head.status < 300 || head.status >= 400) return answered;
  answered.redirects = rare_ ? rare_->redirects : 0;
  answered.located = location_of(head).has_value();
  return answered;
}

bool Client::follow(const ResponseHead& head, Instant at) {
  if (head.status < 300 || head.status >= 400) return false;
  const auto decision = policy::redirected(spec(), answered_by(head));
  const auto* const follows = std::get_if<policy::decision::Follow>(&decision);
  if (follows == nullptr) return false;
  Place to;
  to.url = *location_of(head);
  to.target = to.url.path + to.url.query;
  const StreamEndpoint& own = endpoint();
  const bool same = to.url.authority == own.host && to.url.tls == static_cast<bool>(own.tls);
  to.foreign = !same;
  to.as_get = (place() != nullptr && place()->as_get) || drops_body(head.status, *follows);
  if (same && &own == thread_.shared_endpoint(endpoint_).get()) {
    to.endpoint = thread_.shared_endpoint(endpoint_);
  }
  close(at, Ending::redirected,
        fmt::format("status {} to {}", head.status,
                    url_text(to.url.tls, to.url.authority, to.target).substr(0, shown_url_max)));
  Rare& more = rare();
  ++more.redirects;
  if (follows->keep) more.kept = to;
  more.here = std::move(to);
  following_ = true;
  intended_ = at;
  state_ = State::queued;
  thread_.request_connect(*this);
  return true;
}

/// 303 makes a GET of everything, 301 and 302 of a POST only (WHATWG Fetch, 4.4).
bool Client::drops_body(int status, const policy::decision::Follow& follows) const {
  if (!follows.as_get) return false;
  const GroupRequest& says = thread_.group(*this).says;
  const bool posts = says.method == "POST" || (says.method.empty() && !says.body.empty());
  return status == 303 || posts;
}

// --- what it is told ---------------------------------------------------------------------------

void Client::tell(Instant now, const policy::Input& input, std::string_view why) {
  if (!joined_ || state_ == State::vanished) return;
  const auto decision = policy::decide(policy_, spec(), input, now, thread_.random());
  if (std::holds_alternative<policy::decision::Nothing>(decision)) return;
  if (state_ == State::connecting) call_off_connecting(now, why);
  if (connected()) close(now, Ending::local, why);
  state_ = State::resting;
  carry_out(now, decision);
}

void Client::call_off_connecting(Instant now, std::string_view why) {
  tls_.reset();
  socket_.close();
  ++connection_;
  ++generation_;
  state_ = State::resting;
  report(now, fact::ConnectFailed{why, false});
  settle();
  thread_.connect_finished();
}

// --- how it parses -----------------------------------------------------------------------------

sse::ParserStatus Client::feed_parser(std::string_view bytes, sse::Sink& sink) {
  return rare_ && rare_->parser ? rare_->parser->feed(bytes, sink) : parser_.feed(bytes, sink);
}

bool Client::between_blocks() const {
  return rare_ && rare_->parser ? rare_->parser->at_block_boundary() : parser_.at_block_boundary();
}

void Client::end_parser(sse::Sink& sink) {
  if (rare_ && rare_->parser) {
    rare_->parser->finish(sink);
  } else {
    parser_.finish(sink);
  }
}

void Client::reset_parser() {
  if (rare_ && rare_->parser) {
    rare_->parser->reset();
  } else {
    parser_.reset();
  }
}

std::string_view Client::last_event_id() const {
  return rare_ && rare_->parser ? rare_->parser->last_event_id() : parser_.last_event_id();
}

bool Client::may_resume() const {
  return !last_event_id().empty() && !has(Defect::loses_id);
}

}  // namespace streamgauge::net

#include "harness/cli/live_view.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <charconv>
#include <cstdio>

#include "harness/net/clock.hpp"
#include "reports/live_page.hpp"
#include "reports/openmetrics.hpp"
#include "reports/text.hpp"
#include "reports/wording.hpp"

namespace streamgauge::cli {

namespace {

constexpr const char* channel = "live";

/// Heartbeats, a bounded queue and a drain in order: what the project asks of others.
server::ServerOptions options_for(const ListenAddress& address) {
  server::ServerOptions options;
  options.address = address.host;
  options.port = address.port;
  options.takes_publications = false;
  options.drain_delay = Duration{};
  if (options.contract.drain) options.contract.drain->grace = std::chrono::seconds{1};
  return options;
}

}  // namespace

Result<ListenAddress> parse_listen(std::string_view option, std::string_view text) {
  ListenAddress address;
  std::string_view port = text;
  if (const std::size_t colon = text.rfind(':'); colon != std::string_view::npos) {
    std::string_view host = text.substr(0, colon);
    port = text.substr(colon + 1);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    if (!host.empty()) address.host = host;
  }
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  if (error != std::errc{} || end != port.data() + port.size()) {
    return usage_error(fmt::format(
        "{}: '{}' is no address to listen on; accepted: 127.0.0.1:9464, [::1]:9464, :9464 or 9464 "
        "(port 0: any free one)",
        option, text));
  }
  return address;
}

Result<std::unique_ptr<LiveView>> LiveView::open(const std::string& live,
                                                 const std::string& metrics) {
  if (live.empty() && metrics.empty()) return std::unique_ptr<LiveView>{};
  std::unique_ptr<LiveView> view(new LiveView);
  if (!live.empty()) {
    const auto url = view->listen("--live", live);
    if (!url) return url.error();
    fmt::print(stderr, "streamgauge: live view at {}/\n", *url);
  }
  if (!metrics.empty()) {
    const auto url = view->listen("--metrics", metrics);
    if (!url) return url.error();
    fmt::print(stderr, "streamgauge: metrics at {}/metrics\n", *url);
  }
  return view;
}

LiveView::~LiveView() {
  for (const auto& server : servers_) server->drain();
  for (const auto& server : servers_) server->wait();
}

Result<std::string> LiveView::listen(std::string_view option, const std::string& text) {
  const auto address = parse_listen(option, text);
  if (!address) return address.error();
  server::ServerOptions options = options_for(*address);
  options.pages = {{"/", "text/html; charset=utf-8", [] { return reports::live_page(); }},
                   {"/points", "application/json",
                    [this] {
                      const std::lock_guard lock(mutex_);
                      return history_.history_json();
                    }},
                   {"/metrics", std::string(reports::openmetrics_type), [this] {
                      const std::lock_guard lock(mutex_);
                      return history_.metrics();
                    }}};
  auto server = server::Server::start(std::move(options));
  if (!server)
    return Error{server.error().exit_code, fmt::format("{}: {}", option, server.error().message)};
  const bool v6 = address->host.find(':') != std::string::npos;
  const std::string host = v6 ? fmt::format("[{}]", address->host) : address->host;
  const std::string url = fmt::format("http://{}:{}", host, (*server)->port());
  servers_.push_back(std::move(*server));
  return url;
}

void LiveView::tell(const std::string& type, std::string data) {
  server::Publication publication;
  publication.type = type;
  publication.data = std::move(data);
  for (const auto& server : servers_) {
    // A page that misses a point loses nothing but that point.
    static_cast<void>(server->publish(channel, publication));
  }
}

void LiveView::show(const run::PlanProgress& progress) {
  std::string point;
  {
    const std::lock_guard lock(mutex_);
    if (!history_.take(progress, net::now())) return;
    point = point_json(*history_.latest());
  }
  tell("point", std::move(point));
}

void LiveView::over(const RunResult& result, const std::string& report_folder) {
  namespace json = boost::json;
  tell("over", json::serialize(
                   json::object{{"verdict", verdict_text(result)},
                                {"exit_code", static_cast<int>(exit_code(result))},
                                {"words", reports::printable(reports::closing_sentence(result))},
                                {"report", reports::valid_utf8(report_folder + "/report.html")}}));
}

}  // namespace streamgauge::cli

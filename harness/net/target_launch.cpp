#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "harness/net/target_body.hpp"

namespace streamgauge::net {
namespace {

using namespace std::chrono_literals;
using Values = std::map<std::string, std::string>;

constexpr Duration resolve_within = 2s;
constexpr std::string_view contract_file = "streamgauge-contract.yaml";

HeaderList expand_values(const HeaderList& headers, const Values& values) {
  HeaderList result;
  for (const auto& [name, value] : headers) result.emplace_back(name, expand(value, values));
  return result;
}

}  // namespace

/// Fills in the endpoint. A path in the URL stands before the template's paths; with the default
/// events path it is the events path itself ("gate http://host/events").
Result<void> Target::Body::locate(const std::string& url_text, const Values& known) {
  const auto parsed = parse_http_url(url_text);
  if (!parsed) return parsed.error();
  url = *parsed;
  auto addresses = resolve(url.host, url.port, resolve_within);
  if (!addresses) {
    return target_error(fmt::format("target '{}': {}", spec.name, addresses.error().message));
  }
  streams.addresses = std::move(*addresses);
  streams.host = url.authority;
  if (url.tls) {
    TlsTerms terms = spec.tls;
    terms.ca_file = expand(terms.ca_file, known);
    auto context = TlsContext::client(terms);
    if (!context) {
      return Error{context.error().exit_code,
                   fmt::format("target '{}': {}", spec.name, context.error().message)};
    }
    streams.tls = {std::move(*context), url.host};
  }
  streams.headers = expand_values(spec.events_headers, known);
  auto base = url.path;
  while (base.ends_with('/')) base.pop_back();
  const auto events_path = expand(spec.events_path, known);
  const bool url_is_events = events_path.empty() || events_path == "/";
  streams.path = url_is_events ? url.path + url.query : base + events_path;
  if (url_is_events) base.clear();
  if (!spec.poll_path.empty()) streams.poll_path = base + expand(spec.poll_path, known);
  if (!spec.websocket_path.empty()) {
    streams.websocket_path = base + expand(spec.websocket_path, known);
  }
  const auto fill_in = [&](auto& request) {
    request.path = base + expand(request.path, known);
    request.headers = expand_values(request.headers, known);
    request.body = expand(request.body, known);
  };
  publish = spec.publish;
  if (publish) fill_in(*publish);
  streams.generate = spec.generate;
  if (streams.generate) fill_in(*streams.generate);
  commands = spec.commands;
  for (auto& [name, command] : commands) fill_in(command);
  return locate_mirrors(known);
}

/// What is asked there is what is asked at the target's own address.
Result<void> Target::Body::locate_mirrors(const Values& known) {
  std::vector<std::shared_ptr<const StreamEndpoint>> all;
  for (const std::string& text : spec.mirrors) {
    const auto parsed = parse_http_url(expand(text, known));
    if (!parsed) return parsed.error();
    if (parsed->tls && !streams.tls) {
      return usage_error(
          fmt::format("target '{}': the mirror {} is https, and its url is not", spec.name, text));
    }
    auto addresses = resolve(parsed->host, parsed->port, resolve_within);
    if (!addresses) {
      return target_error(fmt::format("target '{}': {}", spec.name, addresses.error().message));
    }
    StreamEndpoint mirror = streams;
    mirror.mirrors.clear();
    mirror.addresses = std::move(*addresses);
    mirror.host = parsed->authority;
    mirror.tls = parsed->tls ? TlsPeer{streams.tls.context, parsed->host} : TlsPeer{};
    all.push_back(std::make_shared<const StreamEndpoint>(std::move(mirror)));
  }
  streams.mirrors = std::move(all);
  return {};
}

Result<void> Target::Body::spawn(std::string_view epoch) {
  SpawnOptions wanted;
  wanted.what = fmt::format("target '{}'", spec.name);
  wanted.build_dir = options.build_dir;
  wanted.search = options.search;
  wanted.flaws = options.flaws;
  wanted.interrupted = options.interrupted;
  wanted.files = {{std::string(contract_file), options.contract_yaml}};
  wanted.file_values = {{"contract_file", std::string(contract_file)}};
  wanted.values = {{"time_scale", fmt::format("{}", options.time_scale)},
                   {"token", spec.tokens.valid},
                   {"revocable_token", spec.tokens.revocable}};
  wanted.where = [this](const Values& values) -> Result<ReadyQuestion> {
    // Tokens and users are each client's own: they stay placeholders in what clients and publishers
    // send. (To a program, {user} is the account that it runs under.)
    auto known = values;
    for (const char* own : {"token", "revocable_token", "user", "group"}) known.erase(own);
    const auto url_text = spec.url.empty() ? std::string("http://127.0.0.1:{port}") : spec.url;
    if (auto located = locate(expand(url_text, known), known); !located) return located.error();
    return ReadyQuestion{streams.addresses, streams.host, expand(spec.spawn->ready_path, values),
                         streams.tls};
  };
  auto opened = Spawned::open(*spec.spawn, std::move(wanted), epoch);
  if (!opened) return opened.error();
  spawned = std::move(*opened);
  return {};
}

}  // namespace streamgauge::net

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "harness/core/base/units.hpp"
#include "harness/net/clock.hpp"
#include "harness/net/target_body.hpp"

namespace streamgauge::net {
namespace {

using namespace std::chrono_literals;
using Values = std::map<std::string, std::string>;

constexpr Duration resolve_within = 2s;
constexpr Duration ready_answer_within = 500ms;
constexpr Duration port_taken_within = 1s;

HeaderList expand_values(const HeaderList& headers, const Values& values) {
  HeaderList result;
  for (const auto& [name, value] : headers) result.emplace_back(name, expand(value, values));
  return result;
}

std::string output_end(const Process& process, std::size_t lines_max) {
  const auto tail = process.output_tail();
  std::vector<std::string_view> lines;
  std::string_view rest = tail;
  while (!rest.empty() && lines.size() < lines_max) {
    const auto cut = rest.find_last_of('\n');
    auto line = cut == std::string_view::npos ? rest : rest.substr(cut + 1);
    rest = cut == std::string_view::npos ? std::string_view{} : rest.substr(0, cut);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty()) lines.push_back(line.substr(0, 300));
  }
  std::string text;
  for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
    if (!text.empty()) text += " | ";
    text += *line;
  }
  return text;
}

Error missing_program(const TargetSpec& spec, const std::string& program) {
  auto sentence =
      fmt::format("target '{}' needs the program '{}', which is not installed", spec.name, program);
  if (!spec.spawn->packages.empty()) {
    sentence += fmt::format(
        "; on Debian: apt-get install {}, or run ./streamgauge which unpacks it privately",
        fmt::join(spec.spawn->packages, " "));
  }
  return target_error(std::move(sentence));
}

/// Two different ones, both free a moment ago.
Result<std::pair<std::uint16_t, std::uint16_t>> choose_ports() {
  const auto first = free_port();
  if (!first) return first.error();
  while (true) {
    const auto second = free_port();
    if (!second) return second.error();
    if (*second != *first) return std::pair{*first, *second};
  }
}

std::vector<std::string> expand_args(const std::vector<std::string>& args, const Values& values,
                                     const std::vector<std::string>& flaws) {
  std::vector<std::string> result;
  for (const auto& arg : args) {
    if (arg != "{flaw_args}") {
      result.push_back(expand(arg, values));
      continue;
    }
    for (const auto& flaw : flaws) result.insert(result.end(), {"--flaw", flaw});
  }
  return result;
}

bool says_port_taken(const std::string& output) {
  return output.find("ddress already in use") != std::string::npos ||
         output.find("ddress in use") != std::string::npos ||
         output.find("EADDRINUSE") != std::string::npos;
}

/// Differs between two starts of a target; digits, as a decimal or a hexadecimal number.
std::string new_epoch() {
  return std::to_string(to_ns(now()) / 1000);
}

}  // namespace

std::string with_output(const Process& process, std::size_t lines_max) {
  const auto output = output_end(process, lines_max);
  return output.empty() ? "it printed nothing" : fmt::format("its output ends: {}", output);
}

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

/// Folder, ports and files, and what the placeholders stand for.
Result<void> Target::Body::prepare(std::string_view epoch) {
  auto created = RunFolder::create();
  if (!created) return created.error();
  folder = std::move(*created);
  const auto chosen = choose_ports();
  if (!chosen) return chosen.error();
  ports = *chosen;
  values = {{"port", std::to_string(ports.first)},
            {"admin_port", std::to_string(ports.second)},
            {"dir", folder->path()},
            {"build", options.build_dir},
            {"prefix", found.prefix},
            {"contract_file", folder->path() + "/streamgauge-contract.yaml"},
            {"time_scale", fmt::format("{}", options.time_scale)},
            {"token", spec.tokens.valid},
            {"revocable_token", spec.tokens.revocable},
            {"epoch", std::string(epoch)}};
  if (auto written = folder->write("streamgauge-contract.yaml", options.contract_yaml); !written) {
    return written.error();
  }
  return write_files(false);
}

Result<void> Target::Body::write_files(bool only_with_epoch) {
  for (const auto& [name, text] : spec.spawn->files) {
    if (only_with_epoch && text.find("{epoch}") == std::string::npos) continue;
    if (auto written = folder->write(name, expand(text, values)); !written) {
      return Error{written.error().exit_code,
                   fmt::format("target '{}': {}", spec.name, written.error().message)};
    }
  }
  return {};
}

Result<void> Target::Body::start_process() {
  ProcessSpec wanted;
  wanted.program = found.path;
  wanted.args = expand_args(spec.spawn->args, values, options.flaws);
  for (const auto& [name, text] : spec.spawn->environment) {
    wanted.environment[name] = expand(text, values);
  }
  wanted.search = options.search;
  auto started = Process::start(wanted);
  if (!started) {
    return target_error(fmt::format("target '{}': {}", spec.name, started.error().message));
  }
  process = std::move(*started);
  killed = ordered = false;
  folder->note(*process);
  return {};
}

Result<void> Target::Body::launch(std::string_view epoch, bool& port_taken) {
  process.reset();
  if (auto prepared = prepare(epoch); !prepared) return prepared;
  // Tokens are each client's own: they stay placeholders in what clients and publishers send.
  auto known = values;
  known.erase("token");
  known.erase("revocable_token");
  const auto url_text = spec.url.empty() ? std::string("http://127.0.0.1:{port}") : spec.url;
  if (auto located = locate(expand(url_text, known), known); !located) return located;
  if (auto started = start_process(); !started) return started;
  return wait_until_ready(port_taken);
}

bool Target::Body::interrupted() const {
  return options.interrupted != nullptr && *options.interrupted;
}

Result<void> Target::Body::wait_until_ready(bool& port_taken) {
  const auto begin = now();
  const auto deadline = begin + spec.spawn->ready_within;
  HttpRequest request;
  request.host = streams.host;
  request.path = expand(spec.spawn->ready_path, values);
  request.head_only = true;
  std::string last;
  while (true) {
    const auto answer = http_request(streams.addresses, request, ready_answer_within, streams.tls);
    if (const auto how = process->ended()) {
      port_taken = now() - begin < port_taken_within && says_port_taken(process->output_tail());
      return target_error(fmt::format("target '{}' ended before it was ready ({}); {}", spec.name,
                                      *how, with_output(*process, 4)));
    }
    // 503 is how a server says "not yet".
    if (answer && answer->status != 503) return {};
    last = answer ? "answered 503" : answer.error().message;
    if (now() >= deadline) break;
    if (interrupted()) {
      return target_error(fmt::format("target '{}' was not waited for: interrupted", spec.name));
    }
    std::this_thread::sleep_for(5ms);
  }
  return target_error(fmt::format("target '{}' was not ready within {} (GET http://{}{}: {}); {}",
                                  spec.name, format_duration(spec.spawn->ready_within),
                                  streams.host, request.path, last, with_output(*process, 4)));
}

/// An empty `epoch`: one of its own.
Result<void> Target::Body::open(std::string_view epoch) {
  remove_stale_folders(temporary_parent());
  const auto program = expand(spec.spawn->program, {{"build", options.build_dir}});
  auto program_found = find_program(program, options.search);
  if (!program_found) return missing_program(spec, program);
  found = std::move(*program_found);
  const std::string chosen = epoch.empty() ? new_epoch() : std::string(epoch);
  bool port_taken = false;
  auto launched = launch(chosen, port_taken);
  if (!launched && port_taken) launched = launch(chosen, port_taken);
  return launched;
}

/// On its former ports. Who held them a moment ago (a child of the killed one that the kernel is
/// still taking apart) lets go soon; a port that stays taken is an error after `ready_within`.
Result<void> Target::Body::start_again() {
  values["epoch"] = new_epoch();
  if (auto written = write_files(true); !written) return written;
  const auto deadline = now() + spec.spawn->ready_within;
  while (true) {
    held.clear();
    stopped.reset();
    if (auto started = start_process(); !started) return started;
    bool port_taken = false;
    auto ready = wait_until_ready(port_taken);
    if (ready || !port_taken || now() >= deadline || interrupted()) return ready;
    std::this_thread::sleep_for(50ms);
  }
}

}  // namespace streamgauge::net

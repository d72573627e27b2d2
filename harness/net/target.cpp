#include "harness/net/target.hpp"

#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "harness/core/base/units.hpp"
#include "harness/net/clock.hpp"
#include "harness/net/http_probe.hpp"
#include "harness/net/program.hpp"
#include "harness/net/run_folder.hpp"

namespace streamgauge::net {
namespace {

using namespace std::chrono_literals;
using Values = std::map<std::string, std::string>;

constexpr Duration resolve_within = 2s;
constexpr Duration connect_within = 2900ms;
constexpr Duration alive_within = 900ms;
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

std::string with_output(const Process& process, std::size_t lines_max) {
  const auto output = output_end(process, lines_max);
  return output.empty() ? "it printed nothing" : fmt::format("its output ends: {}", output);
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

}  // namespace

struct Target::Body {
  TargetSpec spec;
  HttpUrl url;
  StreamEndpoint streams;
  std::optional<PublishTemplate> publish;
  std::optional<RunFolder> folder;  // outlives the process that runs from it
  std::optional<Process> process;
  std::optional<std::string> stopped;

  Result<void> locate(const std::string& url_text, const Values& values);
  Result<Values> prepare(const TargetOptions& options, const FoundProgram& found);
  Result<void> launch(const TargetOptions& options, const FoundProgram& found, bool& port_taken);
  Result<void> wait_until_ready(const std::string& path, bool& port_taken);
};

/// Fills in the endpoint. A path in the URL stands before the template's paths; with the default
/// events path it is the events path itself ("gate http://host/events").
Result<void> Target::Body::locate(const std::string& url_text, const Values& values) {
  const auto parsed = parse_http_url(url_text);
  if (!parsed) return parsed.error();
  url = *parsed;
  auto addresses = resolve(url.host, url.port, resolve_within);
  if (!addresses) {
    return target_error(fmt::format("target '{}': {}", spec.name, addresses.error().message));
  }
  streams.addresses = std::move(*addresses);
  streams.host = url.authority;
  streams.headers = expand_values(spec.events_headers, values);
  auto base = url.path;
  while (base.ends_with('/')) base.pop_back();
  const auto events_path = expand(spec.events_path, values);
  const bool url_is_events = events_path.empty() || events_path == "/";
  streams.path = url_is_events ? url.path + url.query : base + events_path;
  publish = spec.publish;
  if (publish) {
    publish->path = (url_is_events ? "" : base) + expand(publish->path, values);
    publish->headers = expand_values(publish->headers, values);
    publish->body = expand(publish->body, values);
  }
  return {};
}

/// Folder, ports and files, and what the placeholders stand for.
Result<Values> Target::Body::prepare(const TargetOptions& options, const FoundProgram& found) {
  auto created = RunFolder::create();
  if (!created) return created.error();
  folder = std::move(*created);
  const auto ports = choose_ports();
  if (!ports) return ports.error();
  const Values values{{"port", std::to_string(ports->first)},
                      {"admin_port", std::to_string(ports->second)},
                      {"dir", folder->path()},
                      {"build", options.build_dir},
                      {"prefix", found.prefix},
                      {"contract_file", folder->path() + "/streamgauge-contract.yaml"},
                      {"time_scale", fmt::format("{}", options.time_scale)}};
  if (auto written = folder->write("streamgauge-contract.yaml", options.contract_yaml); !written) {
    return written.error();
  }
  for (const auto& [name, text] : spec.spawn->files) {
    if (auto written = folder->write(name, expand(text, values)); !written) {
      return Error{written.error().exit_code,
                   fmt::format("target '{}': {}", spec.name, written.error().message)};
    }
  }
  return values;
}

Result<void> Target::Body::launch(const TargetOptions& options, const FoundProgram& found,
                                  bool& port_taken) {
  const auto& spawn = *spec.spawn;
  process.reset();
  const auto values = prepare(options, found);
  if (!values) return values.error();
  const auto url_text = spec.url.empty() ? std::string("http://127.0.0.1:{port}") : spec.url;
  if (auto located = locate(expand(url_text, *values), *values); !located) return located.error();

  ProcessSpec wanted;
  wanted.program = found.path;
  wanted.args = expand_args(spawn.args, *values, options.flaws);
  for (const auto& [name, text] : spawn.environment) {
    wanted.environment[name] = expand(text, *values);
  }
  wanted.search = options.search;
  auto started = Process::start(wanted);
  if (!started) {
    return target_error(fmt::format("target '{}': {}", spec.name, started.error().message));
  }
  process = std::move(*started);
  folder->note(*process);
  return wait_until_ready(expand(spawn.ready_path, *values), port_taken);
}

Result<void> Target::Body::wait_until_ready(const std::string& path, bool& port_taken) {
  const auto begin = now();
  const auto deadline = begin + spec.spawn->ready_within;
  HttpRequest request;
  request.host = streams.host;
  request.path = path;
  request.head_only = true;
  std::string last;
  while (true) {
    const auto answer = http_request(streams.addresses, request, ready_answer_within);
    if (const auto how = process->ended()) {
      port_taken = now() - begin < port_taken_within && says_port_taken(process->output_tail());
      return target_error(fmt::format("target '{}' ended before it was ready ({}); {}", spec.name,
                                      *how, with_output(*process, 4)));
    }
    // 503 is how a server says "not yet".
    if (answer && answer->status != 503) return {};
    last = answer ? "answered 503" : answer.error().message;
    if (now() >= deadline) break;
    std::this_thread::sleep_for(5ms);
  }
  return target_error(fmt::format("target '{}' was not ready within {} (GET http://{}{}: {}); {}",
                                  spec.name, format_duration(spec.spawn->ready_within),
                                  streams.host, path, last, with_output(*process, 4)));
}

Result<Target> Target::open(const TargetSpec& spec, const TargetOptions& options) {
  Target target;
  target.body_ = std::make_unique<Body>();
  auto& body = *target.body_;
  body.spec = spec;
  if (!spec.spawn) {
    if (auto located = body.locate(spec.url, {}); !located) return located.error();
    if (auto connected = try_connect(body.streams.addresses, connect_within); !connected) {
      return target_error(fmt::format("target '{}' cannot be reached at {}: {}", spec.name,
                                      spec.url, connected.error().message));
    }
    return target;
  }
  remove_stale_folders(temporary_parent());
  const auto program = expand(spec.spawn->program, {{"build", options.build_dir}});
  const auto found = find_program(program, options.search);
  if (!found) return missing_program(spec, program);
  bool port_taken = false;
  auto launched = body.launch(options, *found, port_taken);
  if (!launched && port_taken) launched = body.launch(options, *found, port_taken);
  if (!launched) return launched.error();
  return target;
}

Target::Target() = default;
Target::Target(Target&&) noexcept = default;
Target& Target::operator=(Target&& other) noexcept {
  if (this != &other && body_) stop();
  body_ = std::move(other.body_);
  return *this;
}
Target::~Target() {
  if (body_) stop();
}

const StreamEndpoint& Target::streams() const {
  return body_->streams;
}
std::optional<PublishTemplate> Target::publish() const {
  return body_->publish;
}
bool Target::spawned() const {
  return body_->process.has_value();
}

std::optional<fact::Sample> Target::sample() const {
  if (!body_->process || body_->stopped) return std::nullopt;
  return sample_process_tree(body_->process->pid());
}

ThreadTimes Target::processor_times() const {
  if (!body_->process || body_->stopped) return {};
  return thread_times(body_->process->pid(), true);
}

std::optional<std::string> Target::died() {
  if (!body_->process) {
    const auto connected = try_connect(body_->streams.addresses, alive_within);
    if (connected) return std::nullopt;
    return fmt::format("{} no longer accepts connections: {}", body_->spec.url,
                       connected.error().message);
  }
  const auto how = body_->process->ended();
  if (!how) return std::nullopt;
  return fmt::format("{}; {}", *how, with_output(*body_->process, 1));
}

void Target::freeze() {
  if (body_->process) body_->process->signal_group(SIGSTOP);
}

void Target::thaw() {
  if (body_->process) body_->process->signal_group(SIGCONT);
}

std::string Target::stop() {
  if (!body_->process) return "not started by the harness";
  if (!body_->stopped) {
    const auto& spawn = *body_->spec.spawn;
    body_->stopped = body_->process->stop(spawn.stop_signal, spawn.stop_within);
    body_->folder.reset();
  }
  return *body_->stopped;
}

}  // namespace streamgauge::net

#include "harness/net/spawned.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "harness/core/base/units.hpp"
#include "harness/net/clock.hpp"

namespace streamgauge::net {
namespace {

using namespace std::chrono_literals;

constexpr Duration ready_answer_within = 500ms;
constexpr Duration port_taken_within = 1s;

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

Error missing_program(const std::string& what, const SpawnSpec& spec, const std::string& program) {
  auto sentence = fmt::format("{} needs the program '{}', which is not installed", what, program);
  if (!spec.packages.empty()) {
    sentence += fmt::format(
        "; on Debian: apt-get install {}, or run ./streamgauge which unpacks it privately",
        fmt::join(spec.packages, " "));
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

std::vector<std::string> expand_args(const std::vector<std::string>& args,
                                     const Spawned::Values& values,
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

/// Differs between two starts; digits, as a decimal or a hexadecimal number.
std::string new_epoch() {
  return std::to_string(to_ns(now()) / 1000);
}

}  // namespace

std::string signal_name(int number) {
  const char* const name = ::sigabbrev_np(number);
  return name != nullptr ? fmt::format("SIG{}", name) : fmt::format("signal {}", number);
}

std::string with_output(const Process& process, std::size_t lines_max) {
  const auto output = output_end(process, lines_max);
  return output.empty() ? "it printed nothing" : fmt::format("its output ends: {}", output);
}

Result<std::unique_ptr<Spawned>> Spawned::open(const SpawnSpec& spec, SpawnOptions options,
                                               std::string_view epoch) {
  std::unique_ptr<Spawned> spawned(new Spawned(spec, std::move(options)));
  if (auto opened = spawned->open(epoch); !opened) return opened.error();
  return spawned;
}

Spawned::~Spawned() {
  stop();
}

Result<void> Spawned::open(std::string_view epoch) {
  remove_stale_folders(temporary_parent());
  const auto program = expand(spec_.program, {{"build", options_.build_dir}});
  auto found = find_program(program, options_.search);
  if (!found) return missing_program(options_.what, spec_, program);
  found_ = std::move(*found);
  if (auto chosen = choose_user(); !chosen) return chosen;
  const std::string chosen = epoch.empty() ? new_epoch() : std::string(epoch);
  bool port_taken = false;
  auto launched = launch(chosen, port_taken);
  if (!launched && port_taken) launched = launch(chosen, port_taken);
  return launched;
}

/// Only root can give a process to another user; for everybody else the key says nothing.
Result<void> Spawned::choose_user() {
  if (spec_.user.empty() || ::geteuid() != 0) return {};
  user_ = user_named(spec_.user);
  if (user_) return {};
  return target_error(fmt::format("{} is to be started as the user '{}', who does not exist here",
                                  options_.what, spec_.user));
}

/// Folder, ports and files, and what the placeholders stand for.
Result<void> Spawned::prepare(std::string_view epoch) {
  auto created = RunFolder::create();
  if (!created) return created.error();
  folder_ = std::move(*created);
  const auto chosen = choose_ports();
  if (!chosen) return chosen.error();
  ports_ = *chosen;
  values_ = options_.values;
  values_["port"] = std::to_string(ports_.first);
  values_["admin_port"] = std::to_string(ports_.second);
  values_["dir"] = folder_->path();
  for (const auto& [placeholder, name] : options_.file_values) {
    values_[placeholder] = folder_->path() + "/" + name;
  }
  values_["build"] = options_.build_dir;
  values_["prefix"] = found_.prefix;
  values_["epoch"] = std::string(epoch);
  const auto names = names_of(user_.value_or(UserIds{::geteuid(), ::getegid()}));
  values_["user"] = names.user;
  values_["group"] = names.group;
  for (const auto& [name, text] : options_.files) {
    if (auto written = folder_->write(name, text); !written) return written.error();
  }
  if (auto written = write_files(false); !written) return written;
  return user_ ? folder_->give_to(*user_) : Result<void>{};
}

Result<void> Spawned::write_files(bool only_with_epoch) {
  for (const auto& [name, text] : spec_.files) {
    if (only_with_epoch && text.find("{epoch}") == std::string::npos) continue;
    if (auto written = folder_->write(name, expand(text, values_)); !written) {
      return Error{written.error().exit_code,
                   fmt::format("{}: {}", options_.what, written.error().message)};
    }
  }
  return {};
}

Result<void> Spawned::start_process() {
  ProcessSpec wanted;
  wanted.program = found_.path;
  wanted.args = expand_args(spec_.args, values_, options_.flaws);
  for (const auto& [name, text] : spec_.environment) {
    wanted.environment[name] = expand(text, values_);
  }
  wanted.search = options_.search;
  wanted.user = user_;
  auto started = Process::start(wanted);
  if (!started) {
    return target_error(fmt::format("{}: {}", options_.what, started.error().message));
  }
  process_ = std::move(*started);
  killed_ = ordered_ = false;
  folder_->note(*process_);
  return {};
}

Result<void> Spawned::launch(std::string_view epoch, bool& port_taken) {
  process_.reset();
  if (auto prepared = prepare(epoch); !prepared) return prepared;
  auto where = options_.where(values_);
  if (!where) return where.error();
  question_ = std::move(*where);
  if (auto started = start_process(); !started) return started;
  return wait_until_ready(port_taken);
}

bool Spawned::interrupted() const {
  return options_.interrupted != nullptr && *options_.interrupted;
}

Result<void> Spawned::wait_until_ready(bool& port_taken) {
  const auto begin = now();
  const auto deadline = begin + spec_.ready_within;
  HttpRequest request;
  request.host = question_.host;
  request.path = question_.path;
  request.head_only = true;
  std::string last;
  while (true) {
    const auto answer =
        http_request(question_.addresses, request, ready_answer_within, question_.tls);
    if (const auto how = process_->ended()) {
      port_taken = now() - begin < port_taken_within && says_port_taken(process_->output_tail());
      return target_error(fmt::format("{} ended before it was ready ({}); {}", options_.what, *how,
                                      with_output(*process_, 4)));
    }
    // 503 is how a server says "not yet".
    if (answer && answer->status != 503) return {};
    last = answer ? "answered 503" : answer.error().message;
    if (now() >= deadline) break;
    if (interrupted()) {
      return target_error(fmt::format("{} was not waited for: interrupted", options_.what));
    }
    std::this_thread::sleep_for(5ms);
  }
  return target_error(fmt::format("{} was not ready within {} (GET http://{}{}: {}); {}",
                                  options_.what, format_duration(spec_.ready_within),
                                  question_.host, request.path, last, with_output(*process_, 4)));
}

/// On its former ports. Who held them a moment ago (a child of the killed one that the kernel is
/// still taking apart) lets go soon; a port that stays taken is an error after `ready_within`.
Result<void> Spawned::start_again() {
  values_["epoch"] = new_epoch();
  if (auto written = write_files(true); !written) return written;
  const auto deadline = now() + spec_.ready_within;
  while (true) {
    held_.clear();
    stopped_.reset();
    if (auto started = start_process(); !started) return started;
    bool port_taken = false;
    auto ready = wait_until_ready(port_taken);
    if (ready || !port_taken || now() >= deadline || interrupted()) return ready;
    std::this_thread::sleep_for(50ms);
  }
}

std::optional<std::string> Spawned::died() {
  if (ordered_ || !process_) return std::nullopt;
  const auto how = process_->ended();
  if (!how) return std::nullopt;
  return fmt::format("{}; {}", *how, with_output(*process_, 1));
}

std::optional<int> Spawned::exited() {
  return process_ ? process_->exit_code() : std::nullopt;
}

void Spawned::signal_group(int number) {
  if (process_) process_->signal_group(number);
}

void Spawned::signal(int number) {
  if (at_large()) process_->signal(number);
}

void Spawned::order_stop() {
  if (!at_large()) return;
  ordered_ = true;
  process_->signal(spec_.stop_signal);
}

void Spawned::kill() {
  if (!at_large()) return;
  killed_ = ordered_ = true;
  process_->kill_tree();
  held_.emplace_back(ports_.first);
  held_.emplace_back(ports_.second);
}

void Spawned::halt() {
  if (!at_large()) return;
  order_stop();
  const auto deadline = now() + spec_.stop_within;
  while (!process_->ended() && now() < deadline) std::this_thread::sleep_for(2ms);
  kill();
}

std::string Spawned::stop() {
  if (!process_) {
    folder_.reset();
    return "never started";
  }
  if (!stopped_) {
    stopped_ = process_->stop(spec_.stop_signal, spec_.stop_within);
    folder_.reset();
    held_.clear();
  }
  return *stopped_;
}

}  // namespace streamgauge::net

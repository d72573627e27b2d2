// Programs under test: started by sh in a process group of their own, killed with it, and reaped.
//
// The program's standard output is a pipe of ours that sh opens by its name under /proc; whatever
// else it says goes to Process, which keeps the end of it.
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <boost/json.hpp>
#include <csignal>
#include <string_view>
#include <thread>

#include "harness/core/check/finding.hpp"
#include "harness/core/client_case/report_line.hpp"
#include "harness/net/client_under_test.hpp"
#include "harness/net/process.hpp"

namespace streamgauge::net {

namespace seen = client_case::seen;
using client_case::Capabilities;
using client_case::read_report;
using client_case::StreamOrder;

namespace {

// An event of 5 MB that is escaped as \u0000 throughout.
constexpr std::size_t line_bytes_max = 48u << 20;

std::string milliseconds(Duration d) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(d).count());
}

std::string json_array(const std::vector<std::string>& items) {
  return boost::json::serialize(boost::json::value_from(items));
}

/// What the program is told, beside the address in its command.
std::map<std::string, std::string> environment(const std::string& url, const StreamOrder& order) {
  boost::json::object headers;
  for (const auto& [name, value] : order.headers) headers[name] = value;
  std::map<std::string, std::string> told{
      {"SG_URL", url},
      {"SG_EVENT_TYPES", json_array(order.types)},
      {"SG_HEADERS", boost::json::serialize(headers)},
      {"SG_METHOD", order.method.empty() ? "GET" : order.method},
      {"SG_BODY", order.body},
      {"SG_LAST_EVENT_ID", order.last_event_id}};
  if (order.read_timeout) told["SG_READ_TIMEOUT_MS"] = milliseconds(*order.read_timeout);
  return told;
}

class ExecSession final : public ClientSession {
 public:
  static Result<std::unique_ptr<ClientSession>> start(const std::string& command,
                                                      std::map<std::string, std::string> told,
                                                      std::shared_ptr<ObservationLog> log) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return target_error("no descriptors for a pipe");
    std::unique_ptr<ExecSession> session(new ExecSession(ends[0], std::move(log)));
    ProcessSpec spec;
    spec.program = "sh";
    // The group's leader is sh: what the command leaves behind dies with the group.
    spec.args = {"-c", fmt::format("exec >/proc/{}/fd/{}\n{}", ::getpid(), ends[1], command)};
    spec.environment = std::move(told);
    auto process = Process::start(spec);
    if (!process) {
      ::close(ends[1]);
      return process.error();
    }
    session->process_.emplace(std::move(*process));
    session->write_end_ = ends[1];
    session->reader_ = std::thread([raw = session.get()] { raw->read(); });
    return std::unique_ptr<ClientSession>(std::move(session));
  }

  ~ExecSession() override {
    stopping_ = true;
    if (reader_.joinable()) reader_.join();  // it asks the process how it is: before its end
    if (process_) process_->kill_tree();
    if (write_end_ >= 0) ::close(write_end_);
    ::close(read_end_);
  }

  std::optional<std::uint64_t> memory_bytes() override {
    const auto sample = sample_process_tree(process_->pid());
    if (!sample) return std::nullopt;
    return sample->rss_bytes;
  }
  std::string said() override { return process_ ? process_->output_tail() : std::string{}; }

 private:
  ExecSession(int read_end, std::shared_ptr<ObservationLog> log)
      : read_end_(read_end), log_(std::move(log)) {}

  /// Until the program has ended or is ended; our own writing end keeps the pipe from ending first.
  void read() {
    std::array<char, 65536> piece;
    while (!stopping_) {
      pollfd wait{read_end_, POLLIN, 0};
      const int ready = ::poll(&wait, 1, 20);
      if (ready > 0) {
        const ssize_t size = ::read(read_end_, piece.data(), piece.size());
        if (size <= 0 || !take({piece.data(), static_cast<std::size_t>(size)})) return;
      } else if (const auto how = process_->ended()) {
        const std::string tail = printable(process_->output_tail(), 200);
        return log_->add(seen::Gone{*how + (tail.empty() ? "" : ": " + tail)});
      }
    }
  }

  bool take(std::string_view bytes) {
    for (auto end = bytes.find('\n'); end != std::string_view::npos; end = bytes.find('\n')) {
      line_ += bytes.substr(0, end);
      bytes.remove_prefix(end + 1);
      if (!line_.empty() && line_.back() == '\r') line_.pop_back();
      if (!line_.empty() && !report(line_)) return false;
      line_.clear();
    }
    line_ += bytes;
    if (line_.size() <= line_bytes_max) return true;
    log_->add(seen::Gone{"it printed a line longer than 48 MiB"});
    return false;
  }

  bool report(std::string_view line) {
    auto what = read_report(line);
    if (what) {
      log_->add(std::move(*what));
      return true;
    }
    log_->add(seen::Gone{"it printed what is no report: " + what.error().message});
    return false;
  }

  int read_end_;
  int write_end_ = -1;
  std::shared_ptr<ObservationLog> log_;
  std::optional<Process> process_;
  std::atomic<bool> stopping_{false};
  std::string line_;
  std::thread reader_;
};

class ExecClient final : public ClientUnderTest {
 public:
  explicit ExecClient(ExecOptions options) : options_(std::move(options)) {
    constexpr std::string_view name = "{url}";
    // By way of the environment: an address holds characters that mean something to sh.
    constexpr std::string_view value = "\"$SG_URL\"";
    command_ = options_.command;
    for (auto at = command_.find(name); at != std::string::npos; at = command_.find(name, at)) {
      command_.replace(at, name.size(), value);
      at += value.size();
    }
  }
  std::string name() const override { return options_.command; }
  Capabilities can() const override { return options_.can; }
  Duration reconnection_time() const override { return options_.reconnection_time; }
  unsigned at_once_max() const override { return 8; }
  Result<std::unique_ptr<ClientSession>> start(const std::string& url, const StreamOrder& order,
                                               std::shared_ptr<ObservationLog> log) override {
    return ExecSession::start(command_, environment(url, order), std::move(log));
  }

 private:
  ExecOptions options_;
  std::string command_;
};

}  // namespace

std::unique_ptr<ClientUnderTest> exec_client(ExecOptions options) {
  return std::make_unique<ExecClient>(std::move(options));
}

}  // namespace streamgauge::net

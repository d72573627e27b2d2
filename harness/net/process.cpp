#include "harness/net/process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <future>
#include <mutex>
#include <thread>
#include <utility>

#include "harness/net/proc.hpp"
#include "harness/net/process_exec.hpp"
#include "harness/net/program.hpp"

namespace streamgauge::net {
namespace {

constexpr std::size_t output_bytes_kept = 64u << 10;

/// A descriptor that is closed with its owner.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() { close(); }
  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

struct Pipe {
  Descriptor read;
  Descriptor write;
};

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return target_error(fmt::format("cannot create a pipe: {}", std::strerror(errno)));
  }
  return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
}

std::string describe_end(const siginfo_t& info) {
  if (info.si_code == CLD_EXITED) return fmt::format("exit code {}", info.si_status);
  return fmt::format("signal {} ({}){}", info.si_status, ::strsignal(info.si_status),
                     info.si_code == CLD_DUMPED ? ", core dumped" : "");
}

}  // namespace

/// The child stays a zombie until stop(): so its number, and that of its group, cannot pass to
/// strangers while we may still send signals to them.
struct Process::Body {
  ~Body() { stop(SIGKILL, Duration{}); }

  Result<void> start(const ExecPlan& plan);
  void serve(const ExecPlan& plan, int input, int output, int report, std::promise<pid_t> forked);
  void take_output();
  std::optional<std::string> ended();
  void keep_end(const siginfo_t& info);
  std::string stop(int number, Duration within);
  void kill_tree();

  pid_t pid = -1;
  bool reaped = false;
  std::optional<std::string> how;
  std::optional<int> code;  // unknown when somebody else has reaped it

  Descriptor output;  // non-blocking
  Descriptor wake;    // eventfd: ends the thread
  std::thread keeper;
  std::mutex tail_mutex;
  std::string tail;
};

Result<void> Process::Body::start(const ExecPlan& plan) {
  auto out = make_pipe();
  if (!out) return out.error();
  auto report = make_pipe();
  if (!report) return report.error();
  Descriptor null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  wake = Descriptor(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (null.get() < 0 || wake.get() < 0) {
    return target_error(fmt::format("cannot start '{}': {}", plan.path, std::strerror(errno)));
  }
  output = std::move(out->read);
  ::fcntl(output.get(), F_SETFL, O_NONBLOCK);

  // PR_SET_PDEATHSIG fires when the *thread* that forked ends. The keeper forks, because it lives
  // exactly as long as this object does, whichever thread calls start().
  std::promise<pid_t> forked;
  auto child = forked.get_future();
  keeper = std::thread([&, this, promise = std::move(forked)]() mutable {
    serve(plan, null.get(), out->write.get(), report->write.get(), std::move(promise));
  });
  pid = child.get();
  if (pid < 0) {
    return target_error(fmt::format("cannot start '{}': {}", plan.path, std::strerror(-pid)));
  }
  out->write.close();
  report->write.close();
  StartFailure failure{};
  ssize_t got = 0;
  do {
    got = ::read(report->read.get(), &failure, sizeof failure);
  } while (got < 0 && errno == EINTR);
  if (got == static_cast<ssize_t>(sizeof failure)) return target_error(describe(failure, plan));
  return {};
}

void Process::Body::serve(const ExecPlan& plan, int input, int write_end, int report,
                          std::promise<pid_t> forked) {
  const pid_t child = fork_into(plan, input, write_end, report);
  const int read_end = output.get();
  const int wake_end = wake.get();
  forked.set_value(child < 0 ? -errno : child);  // nothing of the caller's is touched after this
  std::array<pollfd, 2> waits{pollfd{read_end, POLLIN, 0}, pollfd{wake_end, POLLIN, 0}};
  while (true) {
    if (::poll(waits.data(), waits.size(), -1) < 0 && errno != EINTR) return;
    if (waits[1].revents != 0) return;
    if ((waits[0].revents & POLLIN) != 0) {
      take_output();
    } else if ((waits[0].revents & (POLLHUP | POLLERR)) != 0) {
      waits[0].fd = -1;  // nobody can write any more; stay for PDEATHSIG's sake
    }
  }
}

/// Reads what is there now; bounded, as a child may write faster than anyone reads.
void Process::Body::take_output() {
  const std::lock_guard lock(tail_mutex);
  std::array<char, 16384> piece;
  for (int reads = 0; reads < 16; ++reads) {
    const auto got = ::read(output.get(), piece.data(), piece.size());
    if (got <= 0) break;
    tail.append(piece.data(), static_cast<std::size_t>(got));
    if (tail.size() > 2 * output_bytes_kept) tail.erase(0, tail.size() - output_bytes_kept);
  }
}

std::optional<std::string> Process::Body::ended() {
  if (how || pid <= 0) return how;
  siginfo_t info{};
  if (::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) != 0) {
    how = fmt::format("unknown ({})", std::strerror(errno));
    reaped = true;  // somebody else's doing: the number is not ours any more
  } else if (info.si_pid == pid) {
    keep_end(info);
  }
  return how;
}

void Process::Body::keep_end(const siginfo_t& info) {
  how = describe_end(info);
  code = info.si_code == CLD_EXITED ? info.si_status : -info.si_status;
}

std::string Process::Body::stop(int number, Duration within) {
  if (pid > 0 && !reaped) {
    const auto deadline = std::chrono::steady_clock::now() + within;
    if (!ended()) {
      ::kill(pid, number);
      ::kill(-pid, SIGCONT);  // a frozen process cannot obey
    }
    while (!ended() && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    if (!reaped) {
      ::kill(-pid, SIGKILL);  // the straggler, and whatever an ended one left behind
      siginfo_t info{};
      while (::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED) != 0 && errno == EINTR) {
      }
      if (!how) keep_end(info);
      reaped = true;
    }
  }
  if (keeper.joinable()) {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(wake.get(), &one, sizeof one);
    keeper.join();
  }
  if (output.get() >= 0) take_output();
  return how.value_or("never started");
}

void Process::Body::kill_tree() {
  if (pid <= 0 || reaped) return;
  const auto family = process_family(pid);
  std::vector<std::pair<pid_t, std::uint64_t>> others;  // and when they began: numbers come again
  for (const pid_t member : family) {
    if (const auto stat = proc::stat(member); stat && member != pid) {
      others.emplace_back(member, stat->start_ticks);
    }
  }
  ::kill(-pid, SIGKILL);
  const auto lives = [](const auto& member) {
    const auto stat = proc::stat(member.first);
    return stat && !stat->gone() && stat->start_ticks == member.second;
  };
  for (const auto& member : others) {
    if (lives(member)) ::kill(member.first, SIGKILL);
  }
  stop(SIGKILL, Duration{});
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{1};
  while (std::any_of(others.begin(), others.end(), lives) &&
         std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

Result<Process> Process::start(const ProcessSpec& spec) {
  const auto found = find_program(spec.program, spec.search);
  if (!found) {
    return target_error(fmt::format("cannot start '{}': no such program{}", spec.program,
                                    spec.program.find('/') == std::string::npos ? " on PATH" : ""));
  }
  Process process;
  process.body_ = std::make_unique<Body>();
  if (auto started = process.body_->start(make_plan(spec, *found)); !started) {
    return started.error();
  }
  return process;
}

Process::Process() = default;
Process::Process(Process&&) noexcept = default;
Process& Process::operator=(Process&&) noexcept = default;
Process::~Process() = default;

pid_t Process::pid() const {
  return body_->pid;
}
std::optional<std::string> Process::ended() {
  return body_->ended();
}

std::optional<int> Process::exit_code() {
  return body_->ended() ? body_->code : std::nullopt;
}

void Process::signal(int number) {
  if (!body_->reaped) ::kill(body_->pid, number);
}

void Process::signal_group(int number) {
  if (!body_->reaped) ::kill(-body_->pid, number);
}

std::string Process::stop(int number, Duration within) {
  return body_->stop(number, within);
}

void Process::kill_tree() {
  body_->kill_tree();
}

std::string Process::output_tail() const {
  body_->take_output();  // what an ended child wrote last may still be in the pipe
  const std::lock_guard lock(body_->tail_mutex);
  const auto& tail = body_->tail;
  return tail.size() <= output_bytes_kept ? tail : tail.substr(tail.size() - output_bytes_kept);
}

std::uint64_t Process::output_pipe() const {
  struct ::stat info {};
  return ::fstat(body_->output.get(), &info) == 0 ? info.st_ino : 0;
}

}  // namespace streamgauge::net

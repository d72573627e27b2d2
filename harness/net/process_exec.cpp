#include "harness/net/process_exec.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <string_view>

namespace streamgauge::net {
namespace {

std::vector<std::string> merged_environment(const std::map<std::string, std::string>& added) {
  std::vector<std::string> environment;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const auto name = std::string(text.substr(0, text.find('=')));
    if (!added.contains(name)) environment.emplace_back(text);
  }
  for (const auto& [name, value] : added) environment.push_back(name + "=" + value);
  return environment;
}

// From here to exec only async-signal-safe calls: the parent has threads, and a lock that one of
// them held at the fork stays locked for ever in the child.
[[noreturn]] void fail_in_child(int report, StartFailure::Step step) {
  const StartFailure failure{step, errno};
  [[maybe_unused]] const auto written = ::write(report, &failure, sizeof failure);
  ::_exit(127);
}

void close_on_exec_from(unsigned first) {
  if (::syscall(SYS_close_range, first, ~0u, CLOSE_RANGE_CLOEXEC) == 0) return;
  struct rlimit limit {};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur > 65536) limit.rlim_cur = 65536;
  for (unsigned fd = first; fd < limit.rlim_cur; ++fd) {
    ::fcntl(static_cast<int>(fd), F_SETFD, FD_CLOEXEC);
  }
}

void default_signals() {
  struct sigaction action {};
  action.sa_handler = SIG_DFL;
  for (int number = 1; number <= SIGRTMAX; ++number) ::sigaction(number, &action, nullptr);
  sigset_t none;
  ::sigemptyset(&none);
  ::pthread_sigmask(SIG_SETMASK, &none, nullptr);
}

[[noreturn]] void become(const ExecPlan& plan, pid_t parent, int input, int output, int report) {
  ::setpgid(0, 0);
  // First of all: whoever becomes another user loses the signal of the next line.
  // The output is handed over, too: programs open "/dev/stderr".
  if (plan.user &&
      (::fchown(output, plan.user->user, plan.user->group) != 0 || ::setgroups(0, nullptr) != 0 ||
       ::setgid(plan.user->group) != 0 || ::setuid(plan.user->user) != 0)) {
    fail_in_child(report, StartFailure::Step::user);
  }
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  // The parent may have died before the line above, and then no signal will come.
  if (::getppid() != parent) fail_in_child(report, StartFailure::Step::parent_gone);
  ::dup2(input, STDIN_FILENO);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  close_on_exec_from(3);
  default_signals();
  if (!plan.directory.empty() && ::chdir(plan.directory.c_str()) != 0) {
    fail_in_child(report, StartFailure::Step::directory);
  }
  ::execve(plan.path.c_str(), plan.argv.data(), plan.envp.data());
  fail_in_child(report, StartFailure::Step::exec);
}

}  // namespace

ExecPlan make_plan(const ProcessSpec& spec, const FoundProgram& found) {
  ExecPlan plan;
  std::error_code ignored;
  const auto absolute = std::filesystem::absolute(found.path, ignored);
  plan.path = ignored ? found.path : absolute.string();
  plan.directory = spec.directory;
  plan.user = spec.user;
  plan.arguments.push_back(spec.program);
  plan.arguments.insert(plan.arguments.end(), spec.args.begin(), spec.args.end());
  auto added = spec.environment;
  if (!found.prefix.empty()) {
    const char* inherited = std::getenv("LD_LIBRARY_PATH");
    auto& libraries = added["LD_LIBRARY_PATH"];
    if (libraries.empty() && inherited != nullptr) libraries = inherited;
    libraries = library_path(found.prefix, libraries);
  }
  plan.environment = merged_environment(added);
  plan.finish();
  return plan;
}

std::string describe(const StartFailure& failure, const ExecPlan& plan) {
  switch (failure.step) {
    case StartFailure::Step::parent_gone:
      return fmt::format("'{}' was not started: the harness is ending", plan.path);
    case StartFailure::Step::user:
      return fmt::format("cannot start '{}' as user {}: {}", plan.path, plan.user->user,
                         std::strerror(failure.error));
    case StartFailure::Step::directory:
      return fmt::format("cannot start '{}' in folder '{}': {}", plan.path, plan.directory,
                         std::strerror(failure.error));
    case StartFailure::Step::exec:
      break;
  }
  return fmt::format("cannot start '{}'{}: {} (errno {})", plan.path,
                     plan.user ? fmt::format(" as the user '{}'", names_of(*plan.user).user) : "",
                     std::strerror(failure.error), failure.error);
}

pid_t fork_into(const ExecPlan& plan, int input, int output, int report) {
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child == 0) become(plan, parent, input, output, report);
  const int error = errno;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = error;
  return child;
}

}  // namespace streamgauge::net

#include "harness/net/processor_use.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <system_error>

#include "harness/net/proc.hpp"

namespace streamgauge::net {
namespace {

/// Takes the next number off `text`; 0 when there is none.
std::int64_t take_number(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_of("0123456789"), text.size()));
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return error == std::errc{} ? value : 0;
}

std::string without_line_end(std::string text) {
  if (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

void add_threads(pid_t process, ThreadTimes& times) {
  const std::string tasks = "/proc/" + std::to_string(process) + "/task";
  std::error_code error;
  for (auto it = std::filesystem::directory_iterator(tasks, error);
       !error && it != std::filesystem::directory_iterator{}; it.increment(error)) {
    const auto schedstat = proc::read_file(it->path().string() + "/schedstat");
    const auto name = proc::read_file(it->path().string() + "/comm");
    if (!schedstat || !name) continue;
    const std::string number = it->path().filename().string();
    pid_t thread = 0;
    std::from_chars(number.data(), number.data() + number.size(), thread);
    times[thread] = {without_line_end(*name), parse_schedstat(*schedstat)};
  }
}

}  // namespace

ProcessorTime parse_schedstat(std::string_view text) {
  const Duration ran{take_number(text)};
  return {ran, Duration{take_number(text)}};
}

// "cpu user nice system idle iowait irq softirq steal guest guest_nice"; guests are in user, too.
Duration parse_busy_time(std::string_view stat, long ticks_per_s) {
  if (!stat.starts_with("cpu ") || ticks_per_s <= 0) return {};
  std::string_view line = stat.substr(0, stat.find('\n'));
  std::array<std::int64_t, 8> ticks{};
  for (auto& one : ticks) one = take_number(line);
  const auto [user, nice, system, idle, iowait, irq, softirq, steal] = ticks;
  const std::int64_t busy = user + nice + system + irq + softirq + steal;
  return Duration{busy * (1'000'000'000 / ticks_per_s)};
}

ThreadTimes thread_times(pid_t root, bool with_descendants) {
  ThreadTimes times;
  if (!with_descendants) {
    add_threads(root, times);
    return times;
  }
  for (const pid_t process : process_family(root)) add_threads(process, times);
  return times;
}

ThreadTimes between(const ThreadTimes& earlier, const ThreadTimes& later) {
  ThreadTimes used = later;
  for (auto& [thread, its] : used) {
    const auto before = earlier.find(thread);
    if (before != earlier.end()) its.time = its.time - before->second.time;
  }
  return used;
}

ProcessorTime sum(const ThreadTimes& times) {
  ProcessorTime sum;
  for (const auto& [thread, its] : times) sum += its.time;
  return sum;
}

Duration machine_busy_time() {
  const auto stat = proc::read_file("/proc/stat");
  return stat ? parse_busy_time(*stat, ::sysconf(_SC_CLK_TCK)) : Duration{};
}

}  // namespace streamgauge::net

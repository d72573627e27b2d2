// Reading /proc (proc(5)): the few fields that sampling and cleaning up after a dead harness need.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace streamgauge::net::proc {

struct Stat {
  char state = '?';
  pid_t parent = 0;
  pid_t group = 0;
  std::uint64_t cpu_ticks = 0;  // user and system, in clock ticks
  std::uint32_t threads = 0;
  std::uint64_t start_ticks = 0;  // since boot; with the number, it names a process for good

  [[nodiscard]] bool gone() const { return state == 'Z' || state == 'X'; }
};

/// nullopt: no such process.
[[nodiscard]] std::optional<Stat> stat(pid_t pid);
[[nodiscard]] std::vector<pid_t> all_pids();
/// Whole text of a small file; nullopt when it cannot be read.
[[nodiscard]] std::optional<std::string> read_file(const std::string& path);

}  // namespace streamgauge::net::proc

namespace streamgauge::net {

/// The process and its descendants.
[[nodiscard]] std::vector<pid_t> process_family(pid_t root);

}  // namespace streamgauge::net

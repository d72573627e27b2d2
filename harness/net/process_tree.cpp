// What a process and its descendants use, from /proc (proc(5)).
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/net/proc.hpp"
#include "harness/net/process.hpp"

namespace streamgauge::net {
namespace {

template <class Each>
bool each_entry(const std::string& folder, Each each) {
  DIR* const directory = ::opendir(folder.c_str());
  if (directory == nullptr) return false;
  while (const dirent* entry = ::readdir(directory)) {
    if (entry->d_name[0] != '.') each(std::string_view(entry->d_name));
  }
  ::closedir(directory);
  return true;
}

std::optional<pid_t> as_pid(std::string_view text) {
  pid_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// False when the kernel does not offer the lists (CONFIG_PROC_CHILDREN).
bool append_children(pid_t pid, std::vector<pid_t>& out) {
  bool offered = false;
  const auto tasks = "/proc/" + std::to_string(pid) + "/task";
  each_entry(tasks, [&](std::string_view task) {
    const auto list = proc::read_file(tasks + "/" + std::string(task) + "/children");
    if (!list) return;
    offered = true;
    std::string_view rest = *list;
    while (!rest.empty()) {
      const auto space = rest.find(' ');
      if (const auto child = as_pid(rest.substr(0, space))) out.push_back(*child);
      if (space == std::string_view::npos) break;
      rest.remove_prefix(space + 1);
    }
  });
  return offered;
}

/// The slow way: everybody's parent, once over all of /proc.
std::vector<pid_t> descendants_by_parent(pid_t root) {
  std::vector<std::pair<pid_t, pid_t>> parents;
  for (const pid_t pid : proc::all_pids()) {
    if (const auto stat = proc::stat(pid)) parents.emplace_back(pid, stat->parent);
  }
  std::vector<pid_t> found{root};
  for (std::size_t i = 0; i < found.size(); ++i) {
    for (const auto& [pid, parent] : parents) {
      if (parent == found[i]) found.push_back(pid);
    }
  }
  return found;
}

std::uint32_t count_descriptors(pid_t pid) {
  const auto folder = "/proc/" + std::to_string(pid) + "/fd";
  struct ::stat info {};
  // Since Linux 6.2 the folder's size is their number; before that it is 0 and they are listed.
  if (::stat(folder.c_str(), &info) == 0 && info.st_size > 0) {
    return static_cast<std::uint32_t>(info.st_size);
  }
  std::uint32_t count = 0;
  each_entry(folder, [&](std::string_view) { ++count; });
  return count;
}

std::uint64_t resident_bytes(pid_t pid) {
  static const auto page_bytes = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  const auto statm = proc::read_file("/proc/" + std::to_string(pid) + "/statm");
  if (!statm) return 0;
  const auto space = statm->find(' ');
  if (space == std::string::npos) return 0;
  std::uint64_t pages = 0;
  std::from_chars(statm->data() + space + 1, statm->data() + statm->size(), pages);
  return pages * page_bytes;
}

}  // namespace

namespace proc {

std::optional<std::string> read_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return std::nullopt;
  std::string text;
  std::array<char, 4096> piece;
  ssize_t got = 0;
  while ((got = ::read(fd, piece.data(), piece.size())) > 0) {
    text.append(piece.data(), static_cast<std::size_t>(got));
  }
  ::close(fd);
  if (got < 0) return std::nullopt;
  return text;
}

std::optional<Stat> stat(pid_t pid) {
  const auto text = read_file("/proc/" + std::to_string(pid) + "/stat");
  if (!text) return std::nullopt;
  // The name may hold blanks and parentheses; fields are counted from behind its last ")".
  const auto name_end = text->rfind(')');
  if (name_end == std::string::npos || name_end + 2 >= text->size()) return std::nullopt;
  std::array<std::string_view, 20> fields;  // [0] is field 3, the state
  std::string_view rest = std::string_view(*text).substr(name_end + 2);
  for (auto& field : fields) {
    const auto space = rest.find(' ');
    field = rest.substr(0, space);
    if (space == std::string_view::npos) return std::nullopt;
    rest.remove_prefix(space + 1);
  }
  const auto number = [&](int field) {
    const auto view = fields[static_cast<std::size_t>(field - 3)];
    std::uint64_t value = 0;
    std::from_chars(view.data(), view.data() + view.size(), value);
    return value;
  };
  return Stat{fields[0].empty() ? '?' : fields[0][0], static_cast<pid_t>(number(4)),
              static_cast<pid_t>(number(5)),          number(14) + number(15),
              static_cast<std::uint32_t>(number(20)), number(22)};
}

std::vector<pid_t> all_pids() {
  std::vector<pid_t> pids;
  each_entry("/proc", [&](std::string_view name) {
    if (const auto pid = as_pid(name)) pids.push_back(*pid);
  });
  return pids;
}

}  // namespace proc

std::vector<pid_t> process_family(pid_t root) {
  std::vector<pid_t> found{root};
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (!append_children(found[i], found) && i == 0) return descendants_by_parent(root);
  }
  return found;
}

std::optional<fact::Sample> sample_process_tree(pid_t root) {
  static const auto ticks_per_s = static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
  fact::Sample sum{};
  for (const pid_t pid : process_family(root)) {
    const auto stat = proc::stat(pid);
    if (!stat || stat->gone()) {
      if (pid == root) return std::nullopt;
      continue;
    }
    sum.rss_bytes += resident_bytes(pid);
    sum.cpu_ns += stat->cpu_ticks * (1'000'000'000 / ticks_per_s);
    sum.threads += stat->threads;
    sum.descriptors += count_descriptors(pid);
    ++sum.processes;
  }
  return sum;
}

}  // namespace streamgauge::net

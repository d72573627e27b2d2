#include "harness/net/hop.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

#include "harness/net/chaos_hop.hpp"
#include "harness/net/proc.hpp"
#include "harness/net/program_hop.hpp"

namespace streamgauge::net {

namespace fs = std::filesystem;

Result<void> Hop::add_fault(const std::string& fault) {
  return usage_error(fmt::format(
      "the fault '{}' needs a hop of the chaos proxy in the path (--path chaos, say)", fault));
}

Result<std::unique_ptr<Hop>> open_hop(const ProxySpec& spec, const Addresses& upstream,
                                      const HopOptions& options) {
  if (spec.spawn) return ProgramHop::open(spec, upstream, options);
  return ChaosHop::open(spec, upstream, options);
}

std::uint64_t disk_bytes(const std::string& folder, pid_t root) {
  std::set<std::pair<dev_t, ino_t>> seen;
  std::uint64_t sum = 0;
  const auto add = [&](const std::string& path, bool only_unnamed) {
    struct ::stat info {};
    if (::stat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return;
    if (only_unnamed && info.st_nlink > 0) return;
    if (!seen.emplace(info.st_dev, info.st_ino).second) return;
    sum += static_cast<std::uint64_t>(info.st_blocks) * 512;
  };
  std::error_code failed;
  for (fs::recursive_directory_iterator
           entry(folder, fs::directory_options::skip_permission_denied, failed),
       end;
       !failed && entry != end; entry.increment(failed)) {
    add(entry->path().string(), false);
  }
  // A spool file is often opened and its name removed at once: only its descriptor tells of it.
  for (const pid_t pid : process_family(root)) {
    std::error_code gone;
    for (fs::directory_iterator entry(fmt::format("/proc/{}/fd", pid), gone), end;
         !gone && entry != end; entry.increment(gone)) {
      add(entry->path().string(), true);
    }
  }
  return sum;
}

}  // namespace streamgauge::net

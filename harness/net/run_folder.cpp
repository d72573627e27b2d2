#include "harness/net/run_folder.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <optional>
#include <sstream>
#include <system_error>
#include <utility>
#include <vector>

#include "harness/net/proc.hpp"

namespace streamgauge::net {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view folder_prefix = "streamgauge-";
constexpr std::string_view note_name = ".owner";

std::string pid_namespace() {
  std::error_code ignored;
  return fs::read_symlink("/proc/self/ns/pid", ignored).string();
}

std::string boot() {
  auto id = proc::read_file("/proc/sys/kernel/random/boot_id").value_or("unknown\n");
  if (!id.empty()) id.pop_back();
  return id;
}

/// A process by number and start time: numbers are given again, the pair is not.
struct Named {
  pid_t pid = 0;
  std::uint64_t start_ticks = 0;

  [[nodiscard]] bool alive() const {
    const auto stat = proc::stat(pid);
    return stat && !stat->gone() && stat->start_ticks == start_ticks;
  }
};

/// Lines of a note: "boot ID", "pidns LINK", "owner PID START", "group PID START PIPE".
struct Note {
  std::string boot_id, pidns;
  Named owner;
  Named leader;
  std::uint64_t pipe = 0;
};

std::optional<Note> read_note(const fs::path& folder) {
  const auto text = proc::read_file((folder / note_name).string());
  if (!text) return std::nullopt;
  Note note;
  std::istringstream in(*text);
  for (std::string key; in >> key;) {
    if (key == "boot") in >> note.boot_id;
    if (key == "pidns") in >> note.pidns;
    if (key == "owner") in >> note.owner.pid >> note.owner.start_ticks;
    if (key == "group") in >> note.leader.pid >> note.leader.start_ticks >> note.pipe;
  }
  if (note.owner.pid <= 0) return std::nullopt;
  return note;
}

bool holds_pipe(pid_t pid, std::uint64_t inode) {
  const auto wanted = fmt::format("pipe:[{}]", inode);
  std::error_code failed;
  for (fs::directory_iterator entry(fmt::format("/proc/{}/fd", pid), failed), end;
       !failed && entry != end; entry.increment(failed)) {
    std::error_code gone;
    if (fs::read_symlink(entry->path(), gone).string() == wanted) return true;
  }
  return false;
}

void kill_group_of(const Note& note) {
  if (note.leader.pid <= 1) return;
  if (note.leader.alive()) {
    ::kill(-note.leader.pid, SIGKILL);
    return;
  }
  if (note.pipe == 0) return;
  for (const pid_t pid : proc::all_pids()) {
    const auto stat = proc::stat(pid);
    if (stat && stat->group == note.leader.pid && !stat->gone() && holds_pipe(pid, note.pipe)) {
      ::kill(pid, SIGKILL);
    }
  }
}

bool private_folder(const fs::path& path) {
  struct ::stat info {};
  return ::lstat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode) && info.st_uid == ::geteuid();
}

bool stays_inside(const fs::path& name) {
  if (name.empty() || name.is_absolute()) return false;
  for (const auto& part : name) {
    if (part == "..") return false;
  }
  return true;
}

Result<void> write_file(const fs::path& path, std::string_view text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(text.data(), static_cast<std::streamsize>(text.size()));
  file.close();
  if (!file) {
    return target_error(fmt::format("cannot write '{}': {}", path.string(), std::strerror(errno)));
  }
  return {};
}

}  // namespace

fs::path temporary_parent() {
  const char* const chosen = std::getenv("TMPDIR");
  return chosen != nullptr && *chosen != '\0' ? chosen : "/tmp";
}

Result<RunFolder> RunFolder::create() {
  auto pattern = (temporary_parent() / (std::string(folder_prefix) + "XXXXXX")).string();
  if (::mkdtemp(pattern.data()) == nullptr) {
    return target_error(
        fmt::format("cannot create a temporary folder '{}': {}", pattern, std::strerror(errno)));
  }
  RunFolder folder(std::move(pattern));
  const auto self = proc::stat(::getpid());
  if (auto written =
          write_file(fs::path(folder.path_) / note_name,
                     fmt::format("boot {}\npidns {}\nowner {} {}\n", boot(), pid_namespace(),
                                 ::getpid(), self ? self->start_ticks : 0));
      !written) {
    return written.error();
  }
  return folder;
}

RunFolder::RunFolder(RunFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}

RunFolder& RunFolder::operator=(RunFolder&& other) noexcept {
  std::swap(path_, other.path_);
  return *this;
}

RunFolder::~RunFolder() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove_all(path_, ignored);
}

Result<void> RunFolder::write(const std::string& name, std::string_view text) const {
  if (!stays_inside(name)) {
    return usage_error(fmt::format(
        "file '{}' of the target is not inside its folder; expected a relative path", name));
  }
  const auto path = fs::path(path_) / name;
  const auto folder = name.ends_with('/') ? path : path.parent_path();
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (failed) {
    return target_error(fmt::format("cannot create '{}': {}", folder.string(), failed.message()));
  }
  if (name.ends_with('/')) return {};
  return write_file(path, text);
}

Result<void> RunFolder::give_to(UserIds user) const {
  const auto hand_over = [&](const fs::path& path, uid_t owner, mode_t mode) {
    return ::lchown(path.c_str(), owner, user.group) == 0 && ::chmod(path.c_str(), mode) == 0;
  };
  // Owned by us: by that is the folder known after a harness that was killed.
  bool done = hand_over(path_, ::geteuid(), 0770);
  std::error_code failed;
  for (fs::recursive_directory_iterator entry(path_, failed), end; done && !failed && entry != end;
       entry.increment(failed)) {
    if (entry->path().filename() == note_name) continue;
    done = hand_over(entry->path(), user.user, entry->is_directory() ? 0770 : 0660);
  }
  if (done && !failed) return {};
  return target_error(fmt::format("cannot give the folder '{}' to user {}: {}", path_, user.user,
                                  std::strerror(errno)));
}

void RunFolder::note(const Process& process) const {
  const auto stat = proc::stat(process.pid());
  std::ofstream file(fs::path(path_) / note_name, std::ios::app);
  file << fmt::format("group {} {} {}\n", process.pid(), stat ? stat->start_ticks : 0,
                      process.output_pipe());
}

void remove_stale_folders(const fs::path& parent) {
  std::vector<fs::path> stale;
  std::error_code failed;
  for (fs::directory_iterator entry(parent, failed), end; !failed && entry != end;
       entry.increment(failed)) {
    const auto& path = entry->path();
    if (!path.filename().string().starts_with(folder_prefix) || !private_folder(path)) continue;
    const auto note = read_note(path);
    if (!note) continue;  // not ours, or being created at this moment
    if (note->boot_id == boot()) {
      if (note->pidns != pid_namespace() || note->owner.alive()) continue;
      kill_group_of(*note);
    }
    stale.push_back(path);
  }
  for (const auto& path : stale) {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
}

}  // namespace streamgauge::net

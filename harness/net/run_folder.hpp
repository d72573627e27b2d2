// The private temporary folder of a spawned target, removed with its owner.
//
// A harness that is killed cannot clean up: the kernel kills the target's first process
// (PR_SET_PDEATHSIG), not that one's children, and the folder stays. So each folder holds a note
// of who owns it and which process group runs from it, and the next start tidies up after the dead.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "harness/core/base/error.hpp"
#include "harness/net/process.hpp"

namespace streamgauge::net {

class RunFolder {
 public:
  /// "streamgauge-XXXXXX" under TMPDIR (or /tmp), for the user alone.
  [[nodiscard]] static Result<RunFolder> create();
  RunFolder(RunFolder&& other) noexcept;
  RunFolder& operator=(RunFolder&& other) noexcept;
  ~RunFolder();

  [[nodiscard]] const std::string& path() const { return path_; }
  /// `name` is relative and stays inside; folders are created. One that ends in "/" is a folder.
  [[nodiscard]] Result<void> write(const std::string& name, std::string_view text) const;
  /// The folder and all that is in it become that user's group's to read and write; it stays ours.
  [[nodiscard]] Result<void> give_to(UserIds user) const;
  /// Notes the group that `process` leads.
  void note(const Process& process) const;

 private:
  explicit RunFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

/// Ends what dead harnesses of this user, on this kernel and in this PID namespace, have left in
/// `parent`, and removes their folders. A process is killed only if it is certainly theirs: the
/// group's leader by its number and start time, a member without leader by the pipe that it holds.
void remove_stale_folders(const std::filesystem::path& parent);

/// TMPDIR, or /tmp.
[[nodiscard]] std::filesystem::path temporary_parent();

}  // namespace streamgauge::net

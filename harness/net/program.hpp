// Finding the program of a spawned target: in private folders first, then on PATH.
//
// The launcher unpacks distribution packages into a private prefix P where installing is not
// possible. A program found in P/usr/sbin (or any other bin folder of P) needs P's libraries, and
// target files need P itself to name modules: "{prefix}/usr/lib/nginx/modules/...".
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace streamgauge::net {

struct FoundProgram {
  std::string path;
  std::string
      prefix;  // "/opt/programs" for "/opt/programs/usr/sbin/nginx"; empty: the system's own
};

/// `program` with a slash is a path and taken as it is. Otherwise `search`, PATH, and last the sbin
/// folders, which a user's PATH on Debian lacks. nullopt: no executable file of that name.
[[nodiscard]] std::optional<FoundProgram> find_program(const std::string& program,
                                                       const std::vector<std::string>& search);

/// Folders under `prefix` that hold shared libraries, joined for LD_LIBRARY_PATH: its multiarch
/// folders (found by listing: "usr/lib/x86_64-linux-gnu") before usr/lib; then `inherited`.
[[nodiscard]] std::string library_path(const std::string& prefix, const std::string& inherited);

}  // namespace streamgauge::net

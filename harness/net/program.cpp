#include "harness/net/program.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <system_error>

namespace streamgauge::net {
namespace fs = std::filesystem;
namespace {

bool executable(const std::string& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored) && ::access(path.c_str(), X_OK) == 0;
}

std::vector<std::string> split_path(std::string_view text) {
  std::vector<std::string> folders;
  while (!text.empty()) {
    const auto colon = text.find(':');
    if (colon != 0) folders.emplace_back(text.substr(0, colon));
    if (colon == std::string_view::npos) break;
    text.remove_prefix(colon + 1);
  }
  return folders;
}

std::string without_trailing_slashes(std::string text) {
  while (text.size() > 1 && text.back() == '/') text.pop_back();
  return text;
}

/// What stands before the bin folder; "/" is the system itself and no private prefix.
std::string prefix_of(const std::string& folder) {
  for (const std::string_view ending : {"/usr/sbin", "/usr/bin", "/sbin", "/bin"}) {
    if (folder.ends_with(ending)) return folder.substr(0, folder.size() - ending.size());
  }
  return {};
}

}  // namespace

std::optional<FoundProgram> find_program(const std::string& program,
                                         const std::vector<std::string>& search) {
  if (program.empty()) return std::nullopt;
  for (const auto& entry : search) {
    const auto folder = without_trailing_slashes(entry);
    const auto prefix = prefix_of(folder);
    if (program.find('/') != std::string::npos) {
      // A path into the private prefix needs its libraries just the same.
      if (!prefix.empty() && program.starts_with(prefix + "/") && executable(program)) {
        return FoundProgram{program, prefix};
      }
    } else if (auto path = folder + "/" + program; executable(path)) {
      return FoundProgram{std::move(path), prefix};
    }
  }
  if (program.find('/') != std::string::npos) {
    if (executable(program)) return FoundProgram{program, {}};
    return std::nullopt;
  }
  const char* path_variable = std::getenv("PATH");
  auto folders = split_path(path_variable != nullptr ? path_variable : "/usr/bin:/bin");
  for (const char* sbin : {"/usr/local/sbin", "/usr/sbin", "/sbin"}) folders.emplace_back(sbin);
  for (const auto& folder : folders) {
    if (auto path = folder + "/" + program; executable(path)) {
      return FoundProgram{std::move(path), {}};
    }
  }
  return std::nullopt;
}

std::string library_path(const std::string& prefix, const std::string& inherited) {
  std::vector<std::string> folders;
  for (const std::string& base : {prefix + "/usr/lib", prefix + "/lib"}) {
    std::vector<std::string> multiarch;
    std::error_code failed;
    for (fs::directory_iterator entry(base, failed), end; !failed && entry != end;
         entry.increment(failed)) {
      const auto name = entry->path().filename().string();
      if (name.find("-linux-gnu") != std::string::npos) multiarch.push_back(entry->path().string());
    }
    std::sort(multiarch.begin(), multiarch.end());
    folders.insert(folders.end(), multiarch.begin(), multiarch.end());
    if (std::error_code ignored; fs::is_directory(base, ignored)) folders.push_back(base);
  }
  if (!inherited.empty()) folders.push_back(inherited);
  std::string joined;
  for (const auto& folder : folders) {
    if (!joined.empty()) joined += ':';
    joined += folder;
  }
  return joined;
}

}  // namespace streamgauge::net

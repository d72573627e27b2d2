#include "harness/run/home.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "harness/core/base/nearest.hpp"
#include "harness/core/contract/load.hpp"
#include "harness/core/scenario/load.hpp"

namespace streamgauge::run {

namespace fs = std::filesystem;

namespace {

constexpr std::uintmax_t file_bytes_max = 4u << 20;

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

bool is_path(const std::string& name) {
  return name.find('/') != std::string::npos || name.ends_with(".yaml") || name.ends_with(".yml");
}

bool is_url(const std::string& name) {
  return name.find("://") != std::string::npos;
}

/// The path that `name` stands for; `kind` ("contract") and `folder` word the error.
Result<std::string> locate(const Home& home, std::string_view kind, std::string_view folder,
                           const std::string& name) {
  if (is_path(name)) return name;
  const fs::path path = fs::path(home.root) / "scenarios" / folder / (name + ".yaml");
  if (fs::exists(path)) return path.lexically_normal().string();
  const auto known = names_in(home, folder);
  const auto near = nearest(name, known);
  return usage_error(
      near.empty()
          ? fmt::format("no {} named '{}'; there are: {}", kind, name, fmt::join(known, ", "))
          : fmt::format("no {} named '{}'; did you mean {}? (there are: {})", kind, name,
                        fmt::join(near, " or "), fmt::join(known, ", ")));
}

/// Paths in messages are shown relative to the checkout when they lie in it.
std::string shown(const Home& home, const std::string& path) {
  std::error_code ignored;
  const auto relative = fs::proximate(path, home.root, ignored).string();
  return ignored || relative.starts_with("..") ? path : relative;
}

Result<NamedFile> file_named(const Home& home, std::string_view kind, std::string_view folder,
                             const std::string& name) {
  const auto path = locate(home, kind, folder, name);
  if (!path) return path.error();
  auto text = read_file(*path);
  if (!text) return text.error();
  return NamedFile{shown(home, *path), std::move(*text)};
}

TargetSpec url_target(const std::string& url) {
  TargetSpec target;
  target.name = url;
  target.description = "a server at a URL";
  const auto authority = url.find("://") + 3;
  const auto path = url.find_first_of("/?", authority);
  target.url = url.substr(0, path);
  target.events_path = path == std::string::npos ? "/" : url.substr(path);
  if (target.events_path.starts_with('?')) target.events_path.insert(0, "/");
  return target;
}

}  // namespace

Home Home::find() {
  Home home;
  std::error_code ignored;
  const fs::path self = fs::read_symlink("/proc/self/exe", ignored);
  home.build_dir = self.parent_path().string();
  home.root = environment("STREAMGAUGE_HOME");
  if (home.root.empty()) {
    for (fs::path at = self.parent_path(); !at.empty(); at = at.parent_path()) {
      if (fs::is_directory(at / "scenarios" / "contracts", ignored)) {
        home.root = at.string();
        break;
      }
      if (at == at.root_path()) break;
    }
  }
  if (home.root.empty()) home.root = ".";
  std::string programs = environment("STREAMGAUGE_PROGRAMS");
  if (programs.empty()) programs = home.root + "/.cache/programs";
  for (const char* folder : {"/usr/sbin", "/usr/bin"}) home.programs.push_back(programs + folder);
  return home;
}

Result<std::string> read_file(const std::string& path) {
  std::error_code failed;
  if (fs::is_directory(path, failed)) {
    return usage_error(fmt::format("{}: is a folder, a file is needed", path));
  }
  const auto size = fs::file_size(path, failed);
  if (failed) return usage_error(fmt::format("{}: {}", path, failed.message()));
  if (size > file_bytes_max) {
    return usage_error(
        fmt::format("{}: {} bytes, at most {} are read", path, size, file_bytes_max));
  }
  std::ifstream in(path, std::ios::binary);
  std::string text(static_cast<std::size_t>(size), '\0');
  in.read(text.data(), static_cast<std::streamsize>(size));
  if (!in) return usage_error(fmt::format("{}: cannot be read: {}", path, std::strerror(errno)));
  return text;
}

std::vector<std::string> names_in(const Home& home, std::string_view folder) {
  std::vector<std::string> names;
  std::error_code failed;
  for (const auto& entry :
       fs::directory_iterator(fs::path(home.root) / "scenarios" / folder, failed)) {
    if (entry.path().extension() == ".yaml") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

Result<NamedFile> scenario_file(const Home& home, const std::string& name) {
  return file_named(home, "scenario", "", name);
}

Result<Scenario> scenario_named(const Home& home, const std::string& name) {
  const auto file = scenario_file(home, name);
  if (!file) return file.error();
  return load_scenario(file->text, file->name);
}

Result<ProxySpec> proxy_named(const Home& home, const std::string& name, std::string* text) {
  auto file = file_named(home, "proxy", "proxies", name);
  if (!file) return file.error();
  auto proxy = load_proxy(file->text, file->name);
  if (proxy && text) *text = std::move(file->text);
  return proxy;
}

Result<Contract> contract_named(const Home& home, const std::string& name) {
  const auto file = file_named(home, "contract", "contracts", name);
  if (!file) return file.error();
  return load_contract(file->text, file->name);
}

Result<TargetSpec> target_named(const Home& home, const std::string& name, std::string* text) {
  if (is_url(name)) return url_target(name);
  auto file = file_named(home, "target", "targets", name);
  if (!file) return file.error();
  auto target = load_target(file->text, file->name);
  if (target && text) *text = std::move(file->text);
  return target;
}

}  // namespace streamgauge::run

#include "harness/cli/tell_github.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>

#include "reports/github.hpp"

namespace streamgauge::cli {

void tell_github(const RunResult& result, std::FILE* log) {
  const char* actions = std::getenv("GITHUB_ACTIONS");
  if (actions == nullptr || std::string_view(actions) != "true") return;
  fmt::print(log, "{}", reports::write_github_annotations(result));
  const char* path = std::getenv("GITHUB_STEP_SUMMARY");
  if (path == nullptr || *path == '\0') return;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path, "abe"), &std::fclose);
  const std::string text = reports::write_github_summary(result);
  if (!file || std::fwrite(text.data(), 1, text.size(), file.get()) != text.size()) {
    fmt::print(stderr, "streamgauge: cannot write the step summary {}: {}\n", path,
               std::strerror(errno));
  }
}

}  // namespace streamgauge::cli

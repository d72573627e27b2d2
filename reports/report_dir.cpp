#include "reports/report_dir.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <cerrno>
#include <cstdio>
#include <iterator>
#include <memory>
#include <system_error>

#include "reports/console.hpp"
#include "reports/hdr_files.hpp"
#include "reports/html_report.hpp"
#include "reports/junit.hpp"
#include "reports/openmetrics.hpp"
#include "reports/result_json.hpp"
#include "reports/sarif.hpp"
#include "reports/tap.hpp"
#include "reports/text.hpp"
#include "reports/timeseries_csv.hpp"
#include "reports/wire_text.hpp"

namespace streamgauge::reports {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view result_file = "result.json";

Error cannot(std::string_view what, const fs::path& path, const std::error_code& why) {
  // Exit code 3: the machine refused; the run itself was asked for in the right way.
  return target_error(fmt::format("cannot {} {}: {}.", what, path.string(), why.message()));
}

std::error_code last_error() {
  return {errno, std::generic_category()};
}

fs::path partial_name(const fs::path& path) {
  return path.parent_path() / fmt::format(".{}.{}.partial", path.filename().string(), ::getpid());
}

Result<void> write_file(const fs::path& path, std::string_view content) {
  std::error_code exists;  // the folder does, or fopen says why not
  fs::create_directories(path.parent_path(), exists);
  const fs::path partial = partial_name(path);
  std::FILE* file = std::fopen(partial.c_str(), "wbe");
  if (file == nullptr) return cannot("write", path, last_error());
  bool ok = std::fwrite(content.data(), 1, content.size(), file) == content.size();
  std::error_code why = ok ? std::error_code{} : last_error();
  if (std::fclose(file) != 0 && ok) {  // a full disk often shows here first
    ok = false;
    why = last_error();
  }
  if (ok) {
    fs::rename(partial, path, why);
    ok = !why;
  }
  if (ok) return {};
  std::error_code ignored;
  fs::remove(partial, ignored);
  return cannot("write", path, why);
}

std::string content_of(const fs::path& path) {
  std::string content;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rbe"),
                                                             &std::fclose);
  if (!file) return content;
  char buffer[16384];
  for (std::size_t n = 0; (n = std::fread(buffer, 1, sizeof buffer, file.get())) > 0;) {
    content.append(buffer, n);
  }
  return content;
}

/// A name that a report may have: a file of its folder, or of the folder wire/ in it.
bool is_report_file_name(std::string_view name) {
  if (name.starts_with(wire_folder)) name.remove_prefix(wire_folder.size());
  return name == safe_file_name(name);
}

/// Names that an earlier report in `folder` says are its own; none if it is not one of ours.
std::vector<std::string> listed_by_earlier(const fs::path& folder) {
  namespace json = boost::json;
  std::vector<std::string> names;
  boost::system::error_code broken;
  const json::value earlier = json::parse(content_of(folder / result_file), broken);
  const json::object* object = broken ? nullptr : earlier.if_object();
  if (object == nullptr) return names;
  const json::value* schema = object->if_contains("schema");
  const json::value* files = object->if_contains("files");
  if (schema == nullptr || *schema != json::value(result_schema)) return names;
  if (files == nullptr || !files->is_array()) return names;
  for (const json::value& file : files->get_array()) {
    const json::string* name = file.if_string();
    if (name == nullptr) continue;
    // The list is a file's word: it must not reach out of the folder.
    std::string plain(name->begin(), name->end());
    if (is_report_file_name(plain)) names.push_back(std::move(plain));
  }
  return names;
}

}  // namespace

std::vector<ReportFile> report_files(const RunResult& run, std::string_view folder) {
  std::vector<ReportFile> files = write_hdr_files(run);
  files.push_back({"timeseries.csv", write_timeseries_csv(run)});
  files.push_back({"junit.xml", write_junit(run)});
  files.push_back({"results.tap", write_tap(run)});
  files.push_back({"results.sarif", write_sarif(run)});
  files.push_back({"metrics.txt", write_openmetrics(run)});
  ConsoleOptions console;
  console.report_folder = folder;
  files.push_back({"console.txt", write_console(run, console)});
  for (ReportFile& file : write_wire_files(run)) files.push_back(std::move(file));
  std::vector<std::string> names;
  for (const ReportFile& file : files) names.push_back(file.name);
  files.push_back({"report.html", write_html(run, names)});
  names.push_back(files.back().name);
  names.insert(names.end(), run.histories.begin(), run.histories.end());
  files.push_back({std::string{result_file}, write_result_json(run, names)});
  return files;
}

Result<void> write_report(const RunResult& run, const fs::path& folder) {
  std::error_code why;
  fs::create_directories(folder, why);
  if (why) return cannot("make the report folder", folder, why);
  const std::vector<ReportFile> files = report_files(run, folder.string());
  const std::vector<std::string> earlier = listed_by_earlier(folder);
  // While files are exchanged, no result.json may vouch for a mixture of two runs.
  fs::remove(folder / result_file, why);
  if (why) return cannot("replace", folder / result_file, why);
  for (const std::string& name : earlier) {
    const bool written_again = std::any_of(files.begin(), files.end(),
                                           [&](const ReportFile& f) { return f.name == name; }) ||
                               std::count(run.histories.begin(), run.histories.end(), name) > 0;
    if (!written_again) fs::remove(folder / name, why);  // a leftover is no reason to fail
  }
  fs::remove(folder / wire_folder, why);  // if nothing is left in it
  for (const ReportFile& file : files) {
    if (auto written = write_file(folder / file.name, file.content); !written) return written;
  }
  return {};
}

Result<void> write_beside(const fs::path& folder, std::string_view name,
                          const std::string& content) {
  const fs::path path = folder / name;
  std::error_code why;
  fs::create_directories(path.parent_path(), why);
  if (why) return cannot("make the folder", path.parent_path(), why);
  return write_file(path, content);
}

fs::path default_report_folder(const fs::path& root, std::string_view name, Instant started) {
  std::string time = rfc3339(started).substr(0, 19) + "Z";
  std::replace(time.begin(), time.end(), ':', '-');  // file names for every system
  const fs::path first = root / safe_file_name(name) / time;
  fs::path folder = first;
  std::error_code ignored;
  for (int n = 2; fs::exists(fs::symlink_status(folder, ignored)); ++n) {
    folder = fmt::format("{}-{}", first.string(), n);
  }
  return folder;
}

Result<void> point_latest(const fs::path& link, const fs::path& folder) {
  std::error_code why;
  const fs::file_status status = fs::symlink_status(link, why);
  if (fs::exists(status) && !fs::is_symlink(status)) {
    return usage_error(fmt::format(
        "cannot point {} to the newest report: it is not a symbolic link; move it away.",
        link.string()));
  }
  const fs::path home = fs::absolute(link, why).lexically_normal().parent_path();
  fs::path aim = fs::absolute(folder, why).lexically_normal();
  if (const fs::path beneath = aim.lexically_relative(home);
      !beneath.empty() && *beneath.begin() != "..") {
    aim = beneath;
  }
  const fs::path partial = partial_name(link);
  fs::remove(partial, why);
  fs::create_directory_symlink(aim, partial, why);
  if (why) return cannot("make the link", link, why);
  fs::rename(partial, link, why);
  if (!why) return {};
  std::error_code ignored;
  fs::remove(partial, ignored);
  return cannot("make the link", link, why);
}

}  // namespace streamgauge::reports

// The folder that a run leaves behind: every format, each file whole or absent.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/base/error.hpp"
#include "harness/core/result/run_result.hpp"
#include "reports/file.hpp"

namespace streamgauge::reports {

/// All files of a report: result.json, report.html, junit.xml, results.tap, results.sarif,
/// metrics.txt, console.txt, timeseries.csv, *.hlog, *.hgrm, and the bytes of failing streams in
/// wire/.
/// `folder` is only for console.txt to name.
[[nodiscard]] std::vector<ReportFile> report_files(const RunResult& run,
                                                   std::string_view folder = {});

/// Makes `folder` with its parents and writes the report. Each file appears under its name only
/// once it is complete; result.json comes last, so whoever sees it sees all. In a folder that holds
/// an earlier report, the files that that one listed and this one has not are removed; others (a
/// history, the wire) stay.
[[nodiscard]] Result<void> write_report(const RunResult& run, const std::filesystem::path& folder);

/// One more file of a report: `name` within the folder, which may name a folder of its own
/// ("wire/case.txt"). Whole or absent, too.
[[nodiscard]] Result<void> write_beside(const std::filesystem::path& folder, std::string_view name,
                                        const std::string& content);

/// `root`/<name>/2026-11-20T16-07-33Z, with -2, -3 … when that is there already.
[[nodiscard]] std::filesystem::path default_report_folder(const std::filesystem::path& root,
                                                          std::string_view name, Instant started);

/// Makes the symbolic link `link` (usually out/latest) point to `folder`, in one step; relative
/// where `folder` lies beneath the link's own folder, so that the tree can be moved. A `link` that
/// is a real file or folder is left alone and is an error.
[[nodiscard]] Result<void> point_latest(const std::filesystem::path& link,
                                        const std::filesystem::path& folder);

}  // namespace streamgauge::reports

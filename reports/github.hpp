// What GitHub Actions shows of a run: annotations (workflow commands on stdout) and the step's
// summary (Markdown).
// Source: https://docs.github.com/actions/using-workflows/workflow-commands-for-github-actions
#pragma once

#include <string>
#include <string_view>

#include "harness/core/result/run_result.hpp"

namespace streamgauge::reports {

/// GitHub shows ten annotations of a kind in a step; the gravest are said, then how many more there
/// are in the summary.
inline constexpr std::size_t annotations_max = 10;

/// Lines "::error title=…::…", "::warning …" and "::notice …"; empty when there is nothing to say.
[[nodiscard]] std::string write_github_annotations(const RunResult& run);

/// The verdict, what did not pass as a table with reasons, counts, latency; at most 64 KiB.
[[nodiscard]] std::string write_github_summary(const RunResult& run);

/// The data of a workflow command; `property`: a value before the second "::", where ":" and ","
/// mean something, too.
[[nodiscard]] std::string workflow_text(std::string_view raw, bool property);

/// Text that GitHub's Markdown shows as it is: no markup, no link, no image, no cell's end.
[[nodiscard]] std::string markdown_text(std::string_view raw);

}  // namespace streamgauge::reports

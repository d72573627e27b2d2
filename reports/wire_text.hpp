// The bytes of a stream as text: for the files under wire/, and for pages.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/core/result/run_result.hpp"
#include "reports/file.hpp"

namespace streamgauge::reports {

/// Where the files are, in the report's folder.
inline constexpr std::string_view wire_folder = "wire/";

/// "wire/steady-fanout-3.txt"
[[nodiscard]] std::string wire_file_name(std::string_view scenario, StreamId stream);

/// A file for each stream whose bytes the result holds.
[[nodiscard]] std::vector<ReportFile> write_wire_files(const RunResult& run);

/// ASCII that shows every byte: \r, \n, \t, \\ and \xNN for what has no glyph; after each "\n" a
/// line break. `max_bytes` of the input, then "… and N bytes more".
[[nodiscard]] std::string wire_text(std::string_view bytes, std::size_t max_bytes = SIZE_MAX);

/// "connected", "sent 182 bytes", "received 64 bytes", "closed".
[[nodiscard]] std::string chunk_title(const WireChunk& chunk);

}  // namespace streamgauge::reports

#include "reports/wire_text.hpp"

#include <fmt/format.h>

#include "reports/text.hpp"
#include "reports/wording.hpp"

namespace streamgauge::reports {
namespace {

std::string wire_file(const RunResult& run, const ScenarioResult& scenario,
                      const WireExcerpt& excerpt) {
  std::string out = fmt::format(
      "# What client {} of scenario {} sent and received; times count from the start of the run.\n"
      "# \\r \\n \\t \\\\ \\xNN stand for bytes; a line ends after each \\n. "
      "Credentials are hidden.\n",
      excerpt.stream, printable(scenario.scenario));
  if (excerpt.lost_bytes > 0) {
    out += fmt::format(
        "# The log is bounded: {} bytes between the first ones and the newest are not kept.\n",
        excerpt.lost_bytes);
  }
  for (const WireChunk& chunk : excerpt.chunks) {
    const std::string time = fmt::format("{:+.6f} s", to_seconds(chunk.at - run.started));
    if (chunk.kind == WireChunk::Kind::opened || chunk.kind == WireChunk::Kind::closed) {
      out += fmt::format("\n{}  {}: {}\n", time, chunk_title(chunk), printable(chunk.bytes));
      continue;
    }
    out += fmt::format("\n{}  {}\n{}", time, chunk_title(chunk), wire_text(chunk.bytes));
    if (out.back() != '\n') out += '\n';
  }
  return out;
}

}  // namespace

std::string wire_file_name(std::string_view scenario, StreamId stream) {
  return fmt::format("{}{}-{}.txt", wire_folder, safe_file_name(scenario), stream);
}

std::vector<ReportFile> write_wire_files(const RunResult& run) {
  std::vector<ReportFile> files;
  for (const ScenarioResult& scenario : run.scenarios) {
    for (const WireExcerpt& excerpt : scenario.wire) {
      files.push_back(
          {wire_file_name(scenario.scenario, excerpt.stream), wire_file(run, scenario, excerpt)});
    }
  }
  return files;
}

std::string wire_text(std::string_view bytes, std::size_t max_bytes) {
  std::string out;
  for (const char c : bytes.substr(0, max_bytes)) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n') {
      out += "\\n\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c == '\\') {
      out += "\\\\";
    } else if (byte < 0x20 || byte >= 0x7F) {
      out += fmt::format("\\x{:02X}", static_cast<unsigned>(byte));
    } else {
      out += c;
    }
  }
  if (bytes.size() > max_bytes) {
    out += fmt::format("… and {} bytes more", bytes.size() - max_bytes);
  }
  return out;
}

std::string chunk_title(const WireChunk& chunk) {
  const auto bytes = [&] {
    return fmt::format("{} byte{}", chunk.bytes.size(), chunk.bytes.size() == 1 ? "" : "s");
  };
  switch (chunk.kind) {
    case WireChunk::Kind::opened:
      return "connection";
    case WireChunk::Kind::sent:
      return "sent " + bytes();
    case WireChunk::Kind::received:
      return "received " + bytes();
    case WireChunk::Kind::closed:
      return "end";
  }
  return {};
}

}  // namespace streamgauge::reports

#include "reports/html_wire.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "reports/html_text.hpp"
#include "reports/text.hpp"
#include "reports/wire_text.hpp"
#include "reports/wording.hpp"

namespace streamgauge::reports {
namespace {

constexpr std::size_t streams_shown_max = 2;
constexpr std::size_t chunks_before = 2, chunks_after = 2;
constexpr std::size_t bytes_shown_max = 320;

/// What the evidence quotes: worth underlining where it stands in the bytes.
std::vector<std::string> quoted_in(std::string_view what) {
  std::vector<std::string> quotes;
  for (const char mark : {'\'', '"'}) {
    for (std::size_t begin = what.find(mark); begin != std::string_view::npos;) {
      const std::size_t end = what.find(mark, begin + 1);
      if (end == std::string_view::npos) break;
      if (end - begin > 3) quotes.emplace_back(what.substr(begin + 1, end - begin - 1));
      begin = what.find(mark, end + 1);
    }
  }
  return quotes;
}

/// The stretch of `bytes` that is shown: all, or some before and after the first quote in it.
std::pair<std::size_t, std::size_t> stretch(std::string_view bytes,
                                            const std::vector<std::string>& quotes) {
  if (bytes.size() <= bytes_shown_max) return {0, bytes.size()};
  std::size_t begin = 0;
  for (const std::string& quote : quotes) {
    const std::size_t at = bytes.find(quote);
    if (at == std::string_view::npos) continue;
    begin = at - std::min(at, bytes_shown_max / 3);
    break;
  }
  return {begin, std::min(bytes.size(), begin + bytes_shown_max)};
}

/// Escapes apart from text, so that an eye tells a line break in the data from one on the wire.
void put_bytes(std::string& out, std::string_view bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const std::string shown = wire_text(bytes.substr(i, 1));
    const bool escape = shown.size() > 1;
    if (!escape) {
      out += html(shown);
      continue;
    }
    const bool starts = i == 0 || wire_text(bytes.substr(i - 1, 1)).size() == 1;
    const bool line_ends = bytes[i] == '\n';
    const bool ends =
        line_ends || i + 1 == bytes.size() || wire_text(bytes.substr(i + 1, 1)).size() == 1;
    if (starts || (i > 0 && bytes[i - 1] == '\n')) out += "<span class=\"escape\">";
    out += line_ends ? "\\n" : shown;
    if (ends) out += "</span>";
    if (line_ends) out += '\n';
  }
}

std::string bytes_html(std::string_view bytes, const std::vector<std::string>& quotes) {
  const auto [begin, end] = stretch(bytes, quotes);
  std::string out;
  if (begin > 0) out += fmt::format("<span class=\"escape\">{} bytes before …</span>\n", begin);
  for (std::size_t at = begin; at < end;) {
    std::size_t next = end, length = 0;
    for (const std::string& quote : quotes) {
      const std::size_t found = bytes.find(quote, at);
      if (found < next && found + quote.size() <= end) {
        next = found;
        length = quote.size();
      }
    }
    put_bytes(out, bytes.substr(at, next - at));
    if (length > 0) {
      out += "<mark>";
      put_bytes(out, bytes.substr(next, length));
      out += "</mark>";
    }
    at = next + length;
  }
  if (end < bytes.size()) {
    out += fmt::format("\n<span class=\"escape\">… and {} bytes more</span>", bytes.size() - end);
  }
  return out;
}

void put_row(std::string& out, std::string_view css, std::string_view time, std::string_view way,
             std::string_view content) {
  out += fmt::format(
      "<tr{}><td class=\"time\">{}</td><td class=\"way\">{}</td><td><pre>{}</pre></td></tr>\n", css,
      html(time), html(way), content);
}

struct Moment {
  Instant at{};
  std::string what;
};

/// Everything that the check's evidence says about a stream.
std::vector<Moment> moments_of(const CheckResult& check, StreamId stream) {
  std::vector<Moment> moments;
  for (const Evidence& e : check.finding.evidence) {
    if (e.stream == stream && e.at != Instant{}) moments.push_back({e.at, e.what});
  }
  return moments;
}

std::string_view way_of(const WireChunk& chunk) {
  switch (chunk.kind) {
    case WireChunk::Kind::sent:
      return "→ sent";
    case WireChunk::Kind::received:
      return "← received";
    case WireChunk::Kind::opened:
      return "connection";
    case WireChunk::Kind::closed:
      break;
  }
  return "end";
}

void put_chunks(std::string& out, const RunResult& run, const WireExcerpt& excerpt,
                const std::vector<Moment>& moments) {
  const Instant first = moments.front().at;
  const auto& chunks = excerpt.chunks;
  const auto at = std::lower_bound(chunks.begin(), chunks.end(), first,
                                   [](const WireChunk& c, Instant when) { return c.at < when; });
  const auto index = static_cast<std::size_t>(at - chunks.begin());
  const std::size_t begin = index - std::min(index, chunks_before);
  const std::size_t end = std::min(chunks.size(), index + chunks_after);
  std::vector<std::string> quotes = quoted_in(moments.front().what);
  std::size_t told = 0;
  const auto tell_until = [&](Instant when) {
    for (; told < moments.size() && moments[told].at <= when; ++told) {
      put_row(out, " class=\"at-evidence\"", time_in_run(moments[told].at, run.started),
              "▶ evidence", html(moments[told].what));
    }
  };
  if (begin > 0) put_row(out, "", "…", "", fmt::format("{} earlier pieces", begin));
  for (std::size_t i = begin; i < end; ++i) {
    const WireChunk& chunk = chunks[i];
    tell_until(chunk.at);
    const bool seen_here = std::any_of(moments.begin(), moments.end(),
                                       [&](const Moment& m) { return m.at == chunk.at; });
    const bool bytes =
        chunk.kind == WireChunk::Kind::sent || chunk.kind == WireChunk::Kind::received;
    put_row(out, seen_here ? " class=\"at-evidence\"" : "", time_in_run(chunk.at, run.started),
            way_of(chunk), bytes ? bytes_html(chunk.bytes, quotes) : html(chunk.bytes));
  }
  if (told == 0) tell_until(Instant::max());
  if (end < chunks.size()) {
    put_row(out, "", "…", "", fmt::format("{} later pieces", chunks.size() - end));
  }
}

std::string figure(const RunResult& run, const ScenarioResult& scenario, const CheckResult& check,
                   const WireExcerpt& excerpt) {
  const std::vector<Moment> moments = moments_of(check, excerpt.stream);
  if (moments.empty() || excerpt.chunks.empty()) return {};
  std::string out = fmt::format(
      "<div class=\"wire\"><table><caption>On the wire of {}, around {} "
      "(the client's side; \\r, \\n and \\xNN stand for bytes). Everything that was kept: "
      "<code>{}</code>{}</caption>\n<thead><tr><th scope=\"col\">Time</th>"
      "<th scope=\"col\">Way</th><th scope=\"col\">Bytes</th></tr></thead>\n<tbody>\n",
      stream_name(excerpt.stream), html(time_in_run(moments.front().at, run.started)),
      html(wire_file_name(scenario.scenario, excerpt.stream)),
      excerpt.lost_bytes == 0 ? std::string()
                              : fmt::format("; {} bytes between the first and the newest were not",
                                            excerpt.lost_bytes));
  put_chunks(out, run, excerpt, moments);
  return out += "</tbody></table></div>\n";
}

}  // namespace

std::string wire_html(const RunResult& run, const ScenarioResult& scenario,
                      const CheckResult& check) {
  std::vector<StreamId> streams;
  for (const Evidence& e : check.finding.evidence) {
    if (e.stream == no_stream || e.at == Instant{}) continue;
    if (std::find(streams.begin(), streams.end(), e.stream) == streams.end()) {
      streams.push_back(e.stream);
    }
  }
  if (streams.empty()) return {};
  std::string out;
  std::size_t shown = 0;
  for (const StreamId stream : streams) {
    for (const WireExcerpt& excerpt : scenario.wire) {
      if (excerpt.stream != stream || shown == streams_shown_max) continue;
      const std::string one = figure(run, scenario, check, excerpt);
      if (one.empty()) continue;
      // One is enough to see what is wrong; the next is there for who wants to compare.
      out += shown == 0 ? one
                        : fmt::format(
                              "<details><summary>The same on {}</summary><div "
                              "class=\"inside\">{}</div></details>\n",
                              stream_name(stream), one);
      ++shown;
    }
  }
  if (!out.empty()) return out;
  return "<p class=\"dim\">The bytes of these streams were not kept: a scenario with many streams "
         "keeps none, nor does a history.</p>\n";
}

}  // namespace streamgauge::reports

#include "harness/core/result/wire_excerpt.hpp"

#include <algorithm>
#include <array>

#include "harness/core/base/units.hpp"

namespace streamgauge {
namespace {

using namespace literals;

constexpr std::uint64_t few_streams = 32, streams_max = 256;
constexpr std::string_view blot = "(hidden)";
constexpr std::size_t secret_bytes_min = 4;
constexpr std::array<std::string_view, 5> secret_fields{
    "authorization:", "proxy-authorization:", "cookie:", "set-cookie:", "x-api-key:"};

bool same_letters(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

std::string without_secret_fields(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    const auto field = std::find_if(
        secret_fields.begin(), secret_fields.end(),
        [&](std::string_view name) { return same_letters(line.substr(0, name.size()), name); });
    if (field == secret_fields.end()) {
      out += line;
    } else {
      out.append(line.substr(0, field->size())).append(" ").append(blot);
      if (line.ends_with('\r')) out += '\r';
    }
    if (end == std::string_view::npos) break;
    out += '\n';
    text.remove_prefix(end + 1);
  }
  return out;
}

/// How much a reader wants to see the bytes behind a verdict; 0: not at all.
int interest(const CheckResult& check) {
  switch (check.finding.verdict) {
    case Verdict::fail:
      return 4;
    case Verdict::error:
      return 3;
    case Verdict::warn:
      return 2;
    case Verdict::inconclusive:
      return 1;
    case Verdict::pass:
    case Verdict::info:
    case Verdict::skip:
      break;
  }
  return 0;
}

}  // namespace

std::optional<WireLog::Limits> wire_limits(std::uint64_t streams, bool measures_load) {
  if (measures_load || streams > streams_max) return std::nullopt;
  return WireLog::Limits{2_KiB, streams <= few_streams ? 64_KiB : 16_KiB};
}

std::vector<StreamId> streams_in_evidence(const std::vector<CheckResult>& checks) {
  std::vector<const CheckResult*> order;
  for (const CheckResult& check : checks) {
    if (interest(check) > 0) order.push_back(&check);
  }
  std::stable_sort(order.begin(), order.end(), [](const CheckResult* a, const CheckResult* b) {
    return interest(*a) > interest(*b);
  });
  std::vector<StreamId> streams;
  // The first evidence of each check before the second of any.
  for (std::size_t i = 0; i < EvidenceList::max; ++i) {
    for (const CheckResult* check : order) {
      if (i >= check->finding.evidence.size() || streams.size() >= wire_streams_max) continue;
      const StreamId stream = check->finding.evidence[i].stream;
      const bool known = std::find(streams.begin(), streams.end(), stream) != streams.end();
      if (stream != no_stream && !known) streams.push_back(stream);
    }
  }
  return streams;
}

std::vector<WireExcerpt> wire_excerpts(const std::vector<StreamId>& streams,
                                       const std::vector<const WireLog*>& logs,
                                       const std::vector<std::string>& secrets) {
  std::vector<WireExcerpt> excerpts;
  for (const StreamId stream : streams) {
    for (const WireLog* log : logs) {
      WireLog::Stream kept = log->of(stream);
      if (kept.chunks.empty()) continue;  // of another thread
      for (WireChunk& chunk : kept.chunks) {
        chunk.bytes = without_credentials(chunk.bytes, secrets);
      }
      excerpts.push_back({stream, std::move(kept.chunks), kept.lost_bytes});
    }
  }
  return excerpts;
}

std::string without_credentials(std::string_view text, const std::vector<std::string>& secrets) {
  std::string out = without_secret_fields(text);
  for (const std::string& secret : secrets) {
    if (secret.size() < secret_bytes_min) continue;
    for (std::size_t at = 0; (at = out.find(secret, at)) != std::string::npos;) {
      out.replace(at, secret.size(), blot);
      at += blot.size();
    }
  }
  return out;
}

void add_excerpts(std::vector<WireExcerpt>& first, const std::vector<WireExcerpt>& second) {
  for (const WireExcerpt& more : second) {
    const auto same = std::find_if(first.begin(), first.end(), [&](const WireExcerpt& excerpt) {
      return excerpt.stream == more.stream;
    });
    if (same == first.end()) {
      first.push_back(more);
    } else {
      same->chunks.insert(same->chunks.end(), more.chunks.begin(), more.chunks.end());
      same->lost_bytes += more.lost_bytes;
    }
  }
}

}  // namespace streamgauge

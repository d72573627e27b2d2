// From the logs of all streams to the bytes that a report shows: those of streams that the evidence
// of failing checks names, without credentials.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/core/history/wire_log.hpp"
#include "harness/core/result/run_result.hpp"

namespace streamgauge {

/// A report shows the bytes of at most so many streams of a scenario.
inline constexpr std::size_t wire_streams_max = 12;

/// What a scenario's streams may keep of their bytes; none: nothing, because they are too many or
/// because the scenario measures load. Memory for all: at most some 5 MiB.
[[nodiscard]] std::optional<WireLog::Limits> wire_limits(std::uint64_t streams, bool measures_load);

/// Streams in the evidence of what does not pass, the most serious verdicts first, each once.
[[nodiscard]] std::vector<StreamId> streams_in_evidence(const std::vector<CheckResult>& checks);

/// `secrets`: texts that must not appear (tokens); those shorter than four bytes are let be.
[[nodiscard]] std::vector<WireExcerpt> wire_excerpts(const std::vector<StreamId>& streams,
                                                     const std::vector<const WireLog*>& logs,
                                                     const std::vector<std::string>& secrets);

/// `text` with "(hidden)" for each secret, and for the values of fields that carry credentials
/// (Authorization, Cookie, ...).
[[nodiscard]] std::string without_credentials(std::string_view text,
                                              const std::vector<std::string>& secrets);

/// Adds what a second attempt's streams sent and received.
void add_excerpts(std::vector<WireExcerpt>& first, const std::vector<WireExcerpt>& second);

}  // namespace streamgauge

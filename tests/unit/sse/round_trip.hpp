// The property that makes an encoder safe: what the parser reads is what was meant, with CRLF and
// CR in data turned into LF, or nothing was written and there was a reason.
#pragma once

#include <string>

#include "harness/core/sse/encoder.hpp"
#include "tests/unit/sse/transcript.hpp"

namespace streamgauge::sse {

struct RoundTrip {
  bool encoded = false;
  std::string expected, seen;
};

[[nodiscard]] inline std::string with_lf_only(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
    result += text[i] == '\r' ? '\n' : text[i];
  }
  return result;
}

/// Encodes the event between two others, which it must neither swallow nor change.
[[nodiscard]] inline RoundTrip round_trip(const OutgoingEvent& event) {
  const auto has = [](std::string_view text, char c) { return text.find(c) < text.size(); };
  const bool representable =
      !has(event.type, '\r') && !has(event.type, '\n') &&
      !(event.id && (has(*event.id, '\r') || has(*event.id, '\n') || has(*event.id, '\0')));
  RoundTrip trip;
  Transcript expected;
  expected.on_event({"message", "before", "0", true});
  if (representable) {
    if (event.retry) {
      expected.on_retry(static_cast<std::uint64_t>(std::max<long long>(0, event.retry->count())));
    }
    expected.on_event({event.type.empty() ? "message" : event.type, with_lf_only(event.data),
                       event.id.value_or("0"), event.id.has_value()});
  }
  expected.on_event({"message", "after", representable ? event.id.value_or("0") : "0", false});

  std::string bytes = "id: 0\ndata: before\n\n";
  trip.encoded = append_event(bytes, event) == EncodeError::none;
  bytes += "data: after\n\n";
  struct Utf8Aside final : Sink {  // the encoder passes bytes on as they are
    Transcript transcript;
    void on_event(const EventView& e) override { transcript.on_event(e); }
    void on_comment(std::string_view text) override { transcript.on_comment(text); }
    void on_retry(std::uint64_t ms) override { transcript.on_retry(ms); }
    void on_id_only(std::string_view id) override { transcript.on_id_only(id); }
    void on_notice(Notice notice, std::string_view detail) override {
      if (notice != Notice::invalid_utf8) transcript.on_notice(notice, detail);
    }
  } sink;
  Parser parser;
  parser.feed(bytes, sink);
  parser.finish(sink);
  trip.seen = sink.transcript.text;
  trip.expected = expected.text;
  return trip;
}

}  // namespace streamgauge::sse

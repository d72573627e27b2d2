// What a parser said, as text: one line a call, so that readings compare and failures read well.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "harness/core/sse/parser.hpp"

namespace streamgauge::sse {

/// "a\nb" in quotes, with everything outside printable ASCII as \n, \r or \xNN.
[[nodiscard]] inline std::string escaped(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n')
      result += "\\n";
    else if (c == '\r')
      result += "\\r";
    else if (c == '"' || c == '\\')
      (result += '\\') += c;
    else if (byte >= 0x20 && byte < 0x7F)
      result += c;
    else
      result += fmt::format("\\x{:02X}", byte);
  }
  return result + '"';
}

class Transcript final : public Sink {
 public:
  std::string text;

  void on_event(const EventView& event) override {
    text += fmt::format("event {} {} id={}{}\n", escaped(event.type), escaped(event.data),
                        escaped(event.last_event_id), event.has_id ? " own" : "");
  }
  void on_comment(std::string_view comment) override {
    text += fmt::format("comment {}\n", escaped(comment));
  }
  void on_retry(std::uint64_t milliseconds) override {
    text += fmt::format("retry {}\n", milliseconds);
  }
  void on_id_only(std::string_view id) override {
    text += fmt::format("id-only {}\n", escaped(id));
  }
  void on_notice(Notice notice, std::string_view detail) override {
    text += fmt::format("notice {} {}\n", to_string(notice), escaped(detail));
  }
};

/// Feeds `pieces` of one stream in turn, then its end, and what the parser remembers of it.
template <class Pieces>
[[nodiscard]] std::string transcript_of(const Pieces& pieces, ParserLimits limits = {}) {
  Parser parser{limits};
  Transcript transcript;
  ParserStatus status = ParserStatus::ok;
  for (const std::string_view piece : pieces) status = parser.feed(piece, transcript);
  const bool unfinished = parser.finish(transcript);
  constexpr std::string_view names[] = {"ok", "line too long", "event too long"};
  transcript.text +=
      fmt::format("end {} {} id={}\n", names[static_cast<int>(status)],
                  unfinished ? "unfinished" : "clean", escaped(parser.last_event_id()));
  return transcript.text;
}

}  // namespace streamgauge::sse

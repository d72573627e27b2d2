#include "harness/core/history/record.hpp"

#include <fmt/format.h>

#include <iterator>

#include "harness/core/base/units.hpp"

namespace streamgauge {
namespace {

/// Texts from the wire are cut here: a record is one line of evidence.
constexpr std::size_t text_bytes_max = 80;

/// In quotes, with everything escaped that could break the line or hide in it.
std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  const auto into = std::back_inserter(out);
  for (const char c : text.substr(0, text_bytes_max)) {
    const auto byte = static_cast<unsigned char>(c);
    switch (c) {
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      default:
        if (byte < 0x20 || byte >= 0x7f) {
          fmt::format_to(into, "\\x{:02x}", byte);
        } else {
          out += c;
        }
    }
  }
  out += '"';
  if (text.size() > text_bytes_max) fmt::format_to(into, "... ({} B)", text.size());
  return out;
}

/// ": reason", or nothing.
std::string because(std::string_view text) {
  return text.empty() ? std::string{} : ": " + in_quotes(text);
}

std::string_view first_line(std::string_view text) {
  return text.substr(0, text.find_first_of("\r\n"));
}

std::string_view kind_text(sse::EnvelopeKind kind) {
  switch (kind) {
    case sse::EnvelopeKind::normal:
      return "normal";
    case sse::EnvelopeKind::critical:
      return "critical";
    case sse::EnvelopeKind::probe:
      return "probe";
  }
  return "unknown";
}

std::string event_text(const fact::Event& f) {
  std::string out = "event type=" + (f.type == "message" ? "message" : in_quotes(f.type));
  if (f.has_id) out += " id=" + in_quotes(f.id);
  if (f.envelope) {
    out += fmt::format(" seq={}", f.envelope->seq);
    if (f.envelope->kind != sse::EnvelopeKind::normal) {
      out += fmt::format(" {}", kind_text(f.envelope->kind));
    }
  }
  out += fmt::format(" ({} B)", f.data.size());
  // Without an envelope the content is all that tells one event from another.
  if (!f.envelope) out += " " + in_quotes(f.data);
  return out;
}

std::string exit_text(std::int32_t code) {
  return code < 0 ? fmt::format(" by signal {}", -code) : fmt::format(" with code {}", code);
}

std::string fact_text(const Fact& fact) {
  return std::visit(
      Overloaded{
          [](const fact::Joined& f) {
            return fmt::format("joined group {} on channel {}", f.group, f.channel);
          },
          [](const fact::Connecting& f) {
            return fmt::format("connecting, attempt {}{}", f.attempt,
                               f.sends_last_event_id ? ", with Last-Event-ID" : "");
          },
          [](const fact::Connected& f) {
            return fmt::format("connected in {}", format_duration(f.took));
          },
          [](const fact::ConnectFailed& f) {
            return fmt::format("connect {}{}", f.refused ? "refused" : "failed", because(f.reason));
          },
          [](const fact::Headers& f) {
            return fmt::format("headers status {} after {}: {}", f.status, format_duration(f.took),
                               in_quotes(first_line(f.head)));
          },
          [](const fact::Comment& f) { return "comment " + in_quotes(f.text); },
          [](const fact::Event& f) { return event_text(f); },
          [](const fact::Retry& f) { return fmt::format("retry {} ms", f.milliseconds); },
          [](const fact::Oddity& f) {
            return fmt::format("oddity {}{}", to_string(f.notice), because(f.detail));
          },
          [](const fact::ReadingStopped&) { return std::string("reading stopped"); },
          [](const fact::ReadingResumed&) { return std::string("reading resumed"); },
          [](const fact::PeerGone&) { return std::string("peer gone"); },
          [](const fact::Closed& f) {
            return fmt::format("closed {}{}{}", to_string(f.ending),
                               f.mid_block ? " inside a block" : "", because(f.detail));
          },
          [](const fact::ReconnectScheduled& f) {
            return fmt::format("reconnect in {}", format_duration(f.delay));
          },
          [](const fact::GaveUp& f) { return "gave up" + because(f.reason); },
          [](const fact::Published& f) {
            return fmt::format("published on channel {} seq={} {} ({} B), {}, late by {}, took {}",
                               f.channel, f.seq, kind_text(f.kind), f.bytes,
                               f.status == 0 ? "no answer" : fmt::format("status {}", f.status),
                               format_duration(f.late), format_duration(f.took));
          },
          [](const fact::PhaseBegan& f) { return fmt::format("phase {} began", f.index); },
          [](const fact::FaultBegan& f) {
            return fmt::format("fault {} began", in_quotes(f.name));
          },
          [](const fact::FaultEnded& f) {
            return fmt::format("fault {} ended", in_quotes(f.name));
          },
          [](const fact::Sample& f) {
            return fmt::format("sample rss {}, cpu {}, {} threads, {} descriptors, {} processes",
                               format_size(f.rss_bytes),
                               format_duration(Duration{static_cast<Duration::rep>(f.cpu_ns)}),
                               f.threads, f.descriptors, f.processes);
          },
          [](const fact::SchedulingLag& f) {
            return fmt::format("scheduling lag {}", format_duration(f.worst));
          },
          [](const fact::TargetDied& f) { return "target died" + because(f.how); },
          [](const fact::Aborted& f) { return fmt::format("aborted by {}", to_string(f.kind)); },
          [](const fact::Deafened&) { return std::string("path went silent"); },
          [](const fact::FellBack& f) {
            return std::string(f.to_fallback ? "fell back" : "returned from the fallback");
          },
          [](const fact::TargetChanged& f) {
            return fmt::format("target {}{}{}", to_string(f.what),
                               f.what == TargetEvent::exited ? exit_text(f.code) : "",
                               because(f.detail));
          },
          [](const fact::Readiness& f) {
            return "readiness " + (f.status == 0 ? "not answered" : std::to_string(f.status));
          },
          [](const fact::Commanded& f) {
            return fmt::format(
                "command {} {}", in_quotes(f.name),
                f.status == 0 ? "not answered" : fmt::format("answered {}", f.status));
          },
          [](const fact::HopChanged& f) {
            return fmt::format("hop {} {}{}", f.hop, to_string(f.what), because(f.detail));
          },
          [](const fact::HopSample& f) {
            return fmt::format("hop {}: {} B memory, {} B disk, {} descriptors, {} B sent", f.hop,
                               f.rss_bytes, f.disk_bytes, f.descriptors, f.sent_bytes);
          },
      },
      fact);
}

}  // namespace

std::string_view to_string(Ending ending) {
  switch (ending) {
    case Ending::complete:
      return "complete";
    case Ending::eof:
      return "eof";
    case Ending::truncated:
      return "truncated";
    case Ending::reset:
      return "reset";
    case Ending::bad_http:
      return "bad_http";
    case Ending::over_limit:
      return "over_limit";
    case Ending::rejected:
      return "rejected";
    case Ending::timed_out:
      return "timed_out";
    case Ending::local:
      return "local";
    case Ending::silent:
      return "silent";
    case Ending::redirected:
      return "redirected";
  }
  return "unknown";
}

std::string_view to_string(AbortKind kind) {
  switch (kind) {
    case AbortKind::fin:
      return "fin";
    case AbortKind::reset:
      return "reset";
    case AbortKind::half_close:
      return "half-close";
    case AbortKind::vanish:
      return "vanish";
  }
  return "unknown";
}

std::string_view to_string(TargetEvent event) {
  switch (event) {
    case TargetEvent::killed:
      return "killed";
    case TargetEvent::restarted:
      return "restarted";
    case TargetEvent::stop_ordered:
      return "ordered to stop";
    case TargetEvent::exited:
      return "exited";
    case TargetEvent::lingers:
      return "lingers";
    case TargetEvent::standby_up:
      return "standby is up";
    case TargetEvent::switched:
      return "switched to the standby";
  }
  return "unknown";
}

std::string_view to_string(HopEvent event) {
  switch (event) {
    case HopEvent::reload_ordered:
      return "ordered to reload";
    case HopEvent::stop_ordered:
      return "ordered to stop";
    case HopEvent::killed:
      return "killed";
    case HopEvent::restarted:
      return "restarted";
    case HopEvent::died:
      return "died";
  }
  return "unknown";
}

std::string to_string(const Record& record) {
  if (record.stream == no_stream) return fact_text(record.fact);
  return fmt::format("stream {} {}", record.stream, fact_text(record.fact));
}

}  // namespace streamgauge

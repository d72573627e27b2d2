// wire.no-injection: nothing inside published data can become a field, an event or a comment.
#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "harness/core/check/checks.hpp"
#include "harness/core/check/finding.hpp"
#include "harness/core/check/fold.hpp"
#include "harness/core/check/probe_book.hpp"

namespace streamgauge {

namespace {

bool marked(std::string_view text) {
  return text.find(injected_mark) != std::string_view::npos;
}

/// The mark as the whole value: an encoder may legally squeeze the line breaks out of a type that
/// has them, and then the mark is a harmless part of it.
bool is_mark(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  return text == injected_mark;
}

bool has_line(std::string_view text, std::string_view wanted) {
  while (true) {
    const auto end = text.find('\n');
    if (text.substr(0, end) == wanted) return true;
    if (end == std::string_view::npos) return false;
    text.remove_prefix(end + 1);
  }
}

/// A probe whose own text has the mark as a whole line: such a line proves nothing then.
bool mark_is_a_line_of_some_probe() {
  const auto probes = wire_probes();
  return std::any_of(probes.begin(), probes.end(), [](const Probe& probe) {
    return has_line(with_lf(probe.tail), injected_mark);
  });
}

class NoInjection final : public Fold<NoInjection> {
 public:
  explicit NoInjection(const CheckContext& context)
      : context_(context), lone_mark_is_telling_(!mark_is_a_line_of_some_probe()) {}

  void on(const Record& record) override {
    if (const auto* event = std::get_if<fact::Event>(&record.fact)) {
      on_event(record, *event);
    } else if (const auto* published = std::get_if<fact::Published>(&record.fact)) {
      book_.on(*published);
    } else if (const auto* joined = std::get_if<fact::Joined>(&record.fact)) {
      streams_[record.stream].channel = joined->channel;
    } else if (const auto* comment = std::get_if<fact::Comment>(&record.fact)) {
      if (is_mark(comment->text)) note(record, "a comment", comment->text);
    } else if (const auto* oddity = std::get_if<fact::Oddity>(&record.fact)) {
      if (marked(oddity->detail)) note(record, "a field", oddity->detail);
    } else if (const auto* retry = std::get_if<fact::Retry>(&record.fact)) {
      if (retry->milliseconds == 1) note(record, "a field", "retry: 1");
    }
  }

  void absorb(const NoInjection& other) {
    book_.merge(other.book_);
    streams_.merge(other.streams_);
    probes_ += other.probes_;
    injected_ += other.injected_;
    for (const auto& trace : other.traces_) keep(trace);
  }

  Finding judge(const Noise&) const override {
    auto result = finding(
        Verdict::pass,
        fmt::format("{} probes arrived, {} of their marks escaped the data", probes_, injected_),
        "none");
    result.counts = {{"probes arrived", probes_}, {"injected", injected_}};
    for (const auto& trace : traces_) {
      result.evidence.push_back(
          {trace.at, trace.stream,
           fmt::format("{} ({})", trace.what, book_.name_of(trace.channel, trace.seq))});
    }
    if (injected_ > 0) {
      result.verdict = Verdict::fail;
      result.reason = fmt::format(
          "published text became {} of its own; whoever may publish can forge events: split data "
          "at "
          "CR, LF and CRLF into one data line each, and refuse line breaks in event types and ids",
          result.evidence.front().what);
    } else if (probes_ == 0) {
      result.verdict = Verdict::inconclusive;
      result.reason = book_.empty() ? "no probe was published" : "no probe arrived at any stream";
    }
    return result;
  }

 private:
  struct State {
    std::uint64_t probe_seq = 0;
    std::uint16_t channel = 0;
  };
  struct Trace {
    Instant at{};
    StreamId stream = no_stream;
    std::uint16_t channel = 0;
    std::uint64_t seq = 0;
    std::string what;
  };

  void on_event(const Record& record, const fact::Event& event) {
    const bool probe = event.envelope && event.envelope->run == context_.run &&
                       event.envelope->kind == sse::EnvelopeKind::probe;
    if (probe) {
      ++probes_;
      streams_[record.stream].probe_seq = event.envelope->seq;
    }
    if (is_mark(event.type)) note(record, "an event type", event.type);
    if (event.has_id && is_mark(event.id)) note(record, "an id", event.id);
    if (!probe) {
      if (!event.envelope && marked(event.data)) note(record, "an event", event.data);
    } else if (lone_mark_is_telling_ && has_line(event.data, injected_mark)) {
      note(record, "a data line", injected_mark);
    }
  }

  void note(const Record& record, std::string_view where, std::string_view text) {
    ++injected_;
    const auto& state = streams_[record.stream];
    keep({record.at, record.stream, state.channel, state.probe_seq,
          fmt::format("{} '{}'", where, printable(text))});
  }

  void keep(const Trace& trace) {
    const auto before = [](const Trace& a, const Trace& b) {
      return std::tie(a.at, a.stream, a.what) < std::tie(b.at, b.stream, b.what);
    };
    traces_.insert(std::upper_bound(traces_.begin(), traces_.end(), trace, before), trace);
    if (traces_.size() > EvidenceList::max) traces_.pop_back();
  }

  const CheckContext& context_;
  bool lone_mark_is_telling_;
  ProbeBook book_;
  PerStream<State> streams_;
  std::uint64_t probes_ = 0;
  std::uint64_t injected_ = 0;
  std::vector<Trace> traces_;
};

}  // namespace

CheckSpec wire_no_injection() {
  return {.id = "wire.no-injection",
          .level = Level::must,
          .requirement = "Line breaks in published text never create fields, events or comments.",
          .source = "WHATWG HTML 9.2.5",
          .needs = {Capability::publish},
          .not_stated = nullptr,
          .make = &make_check<NoInjection>,
          .wants = facts<fact::Joined, fact::Event, fact::Comment, fact::Oddity, fact::Retry,
                         fact::Published>()};
}

}  // namespace streamgauge

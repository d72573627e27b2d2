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
      if (is_mark(comment->text)) note_in_block(record, "a comment", comment->text);
    } else if (const auto* oddity = std::get_if<fact::Oddity>(&record.fact)) {
      if (marked(oddity->detail)) note_in_block(record, "a field", oddity->detail);
    } else if (const auto* retry = std::get_if<fact::Retry>(&record.fact)) {
      on_retry(record, *retry);
    }
  }

  void absorb(const NoInjection& other) {
    book_.merge(other.book_);
    streams_.merge(other.streams_);
    probes_ += other.probes_;
    injected_ += other.injected_;
    for (const auto& trace : other.traces_) keep(trace, traces_);
  }

  Finding judge(const Noise&) const override {
    auto result =
        finding(Verdict::pass, fmt::format("{} marks escaped {} probes", injected_, probes_), "0");
    result.counts = {{"probes arrived", probes_}, {"injected", injected_}};
    auto traces = traces_;
    streams_.each([&](StreamId, const State& state) {
      for (const auto& trace : state.in_block) keep(trace, traces);
    });
    for (const auto& trace : traces) {
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
  struct Trace {
    Instant at{};
    StreamId stream = no_stream;
    std::uint16_t channel = 0;
    std::uint64_t seq = 0;  // of the probe that it came from
    std::string what;
  };
  struct State {
    static constexpr std::size_t in_block_max = 4;
    std::uint64_t probe_seq = 0;  // the last probe that arrived
    std::vector<Trace> in_block;  // since then, and perhaps of the block that is still to come
    std::uint16_t channel = 0;
    bool says_retry_1 = false;  // of its own accord, before any probe
  };

  void on_event(const Record& record, const fact::Event& event) {
    const auto envelope = probe_envelope(event);
    const bool probe = envelope && envelope->run == context_.run;
    auto& state = streams_[record.stream];
    if (probe) {
      ++probes_;
      state.probe_seq = envelope->seq;
    }
    // Comments and fields are told before the block that they stand in: this one.
    for (auto& trace : state.in_block) {
      if (probe) trace.seq = envelope->seq;
      keep(trace, traces_);
    }
    state.in_block.clear();
    if (is_mark(event.type)) note(record, "an event type", event.type);
    if (event.has_id && is_mark(event.id)) note(record, "an id", event.id);
    if (!probe) {
      if (!event.envelope && marked(event.data)) note(record, "an event", event.data);
    } else if (lone_mark_is_telling_ && has_line(event.data, injected_mark)) {
      note(record, "a data line", injected_mark);
    }
  }

  [[nodiscard]] Trace trace_of(const Record& record, std::string_view where,
                               std::string_view text) {
    const auto& state = streams_[record.stream];
    return {record.at, record.stream, state.channel, state.probe_seq,
            fmt::format("{} '{}'", where, printable(text))};
  }

  void note(const Record& record, std::string_view where, std::string_view text) {
    ++injected_;
    keep(trace_of(record, where, text), traces_);
  }

  void note_in_block(const Record& record, std::string_view where, std::string_view text) {
    auto& state = streams_[record.stream];
    if (state.in_block.size() == State::in_block_max) return note(record, where, text);
    ++injected_;
    state.in_block.push_back(trace_of(record, where, text));
  }

  /// A target may ask for a reconnection time of 1 ms by itself: then it does so from the start.
  void on_retry(const Record& record, const fact::Retry& retry) {
    if (retry.milliseconds != 1) return;
    auto& state = streams_[record.stream];
    if (state.probe_seq == 0) state.says_retry_1 = true;
    if (!state.says_retry_1) note_in_block(record, "a field", "retry: 1");
  }

  static void keep(const Trace& trace, std::vector<Trace>& into) {
    const auto before = [](const Trace& a, const Trace& b) {
      return std::tie(a.at, a.stream, a.what) < std::tie(b.at, b.stream, b.what);
    };
    into.insert(std::upper_bound(into.begin(), into.end(), trace, before), trace);
    if (into.size() > EvidenceList::max) into.pop_back();
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

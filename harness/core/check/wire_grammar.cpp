// wire.grammar: the body is a well-formed event stream, whole to its last block.
#include <fmt/format.h>

#include "harness/core/check/checks.hpp"
#include "harness/core/check/finding.hpp"
#include "harness/core/check/timeline.hpp"

namespace streamgauge {

namespace {

class Grammar final : public Fold<Grammar> {
 public:
  explicit Grammar(const CheckContext& context) : context_(context), timeline_(context.scenario) {}

  void on(const Record& record) override {
    if (record.stream == no_stream) return timeline_.on(record);
    timeline_.see(record.at);
    auto& state = streams_[record.stream];
    if (std::holds_alternative<fact::Event>(record.fact) ||
        std::holds_alternative<fact::Comment>(record.fact) ||
        std::holds_alternative<fact::Retry>(record.fact)) {
      state.body = true;
    } else if (const auto* oddity = std::get_if<fact::Oddity>(&record.fact)) {
      state.body = true;
      oddity_seen(record, *oddity);
    } else if (const auto* joined = std::get_if<fact::Joined>(&record.fact)) {
      state.excused = reads_slowly(context_.scenario, joined->group);
    } else if (std::holds_alternative<fact::ReadingStopped>(record.fact)) {
      state.excused = true;
    } else if (const auto* closed = std::get_if<fact::Closed>(&record.fact)) {
      close_seen(record, *closed, state.excused);
    }
  }

  void absorb(const Grammar& other) {
    timeline_.merge(other.timeline_);
    streams_.merge(other.streams_);
    malformed_.merge(other.malformed_);
    endless_.merge(other.endless_);
    cut_.merge(other.cut_);
    bad_fields_.merge(other.bad_fields_);
    unknown_.merge(other.unknown_);
  }

  Finding judge(const Noise& noise) const override {
    std::uint64_t bodies = 0;
    streams_.each([&](StreamId, const State& state) { bodies += state.body ? 1u : 0u; });
    auto result = finding(Verdict::pass,
                          fmt::format("{} violations on {} streams",
                                      malformed_.total() + endless_.total() + cut_.total() +
                                          bad_fields_.total() + unknown_.total(),
                                      bodies),
                          "0; no block cut at the end");
    result.counts = {{"streams", bodies},
                     {"malformed", malformed_.total()},
                     {"endless", endless_.total()},
                     {"cut", cut_.total()},
                     {"bad fields", bad_fields_.total()},
                     {"unknown fields", unknown_.total()}};
    const auto fail = [&](const EvidenceList& evidence, std::string reason) {
      result.verdict = Verdict::fail;
      result.reason = std::move(reason);
      result.evidence = evidence.items();
      return result;
    };
    if (malformed_.total() > 0) {
      return fail(malformed_,
                  fmt::format("{} responses were malformed HTTP ({}); check the framing "
                              "of the chunks",
                              malformed_.total(), malformed_.items().front().what));
    }
    if (endless_.total() > 0) {
      return fail(endless_,
                  fmt::format("{} streams sent a line or an event without end, beyond the "
                              "client's limit ({}); end each event with a blank line and "
                              "bound its size",
                              endless_.total(), endless_.items().front().what));
    }
    if (bad_fields_.total() > 0) {
      return fail(bad_fields_, fmt::format("{} fields were not valid ({}); clients ignore them",
                                           bad_fields_.total(), bad_fields_.items().front().what));
    }
    if (cut_.total() > 0) {
      const auto overloaded = noise.generator_saturated && context_.contract.queue &&
                              context_.contract.queue->overflow == Overflow::disconnect;
      fail(cut_,
           fmt::format("{} streams were cut inside an event by the target: the client discards "
                       "what it has of it; finish the event before closing",
                       cut_.total()));
      if (overloaded) {
        result.verdict = Verdict::inconclusive;
        result.reason += " (the harness was saturated: it may have been disconnected as too slow)";
      }
      return result;
    }
    if (bodies == 0) {
      result.verdict = Verdict::inconclusive;
      result.reason = "no stream carried anything to parse";
    } else if (unknown_.total() > 0) {
      result.verdict = Verdict::warn;
      result.reason = fmt::format(
          "{} lines named no field of the grammar (the first: {}); clients ignore such lines, so "
          "their content is lost: check the field names",
          unknown_.total(), unknown_.items().front().what);
      result.evidence = unknown_.items();
    }
    return result;
  }

 private:
  struct State {
    bool body = false;
    bool excused = false;  // cut where the target gave up on a reader that stopped: no violation
  };

  void oddity_seen(const Record& record, const fact::Oddity& oddity) {
    const auto text = printable(oddity.detail);
    switch (oddity.notice) {
      case sse::Notice::retry_not_digits:
        bad_fields_.add({record.at, record.stream, fmt::format("retry '{}' is no number", text)});
        break;
      case sse::Notice::id_with_nul:
        bad_fields_.add({record.at, record.stream, fmt::format("id with NUL: '{}'", text)});
        break;
      case sse::Notice::unknown_field:
        unknown_.add({record.at, record.stream, fmt::format("field '{}'", text)});
        break;
      case sse::Notice::invalid_utf8:      // wire.charset
      case sse::Notice::discarded_at_end:  // told by Closed::mid_block
      case sse::Notice::byte_order_mark:   // legal
        break;
    }
  }

  void close_seen(const Record& record, const fact::Closed& closed, bool excused) {
    switch (closed.ending) {
      case Ending::bad_http:
        malformed_.add({record.at, record.stream, printable(closed.detail)});
        break;
      case Ending::over_limit:
        endless_.add({record.at, record.stream, printable(closed.detail)});
        break;
      case Ending::complete:
      case Ending::eof:
      case Ending::truncated:
        if (closed.mid_block && !excused && !timeline_.frozen_now()) {
          cut_.add({record.at, record.stream,
                    fmt::format("closed inside an event {}", printable(closed.detail))});
        }
        break;
      case Ending::reset:
      case Ending::rejected:
      case Ending::redirected:
      case Ending::timed_out:
      case Ending::silent:
      case Ending::local:
        break;
    }
  }

  const CheckContext& context_;
  Timeline timeline_;
  PerStream<State> streams_;
  EvidenceList malformed_;
  EvidenceList endless_;
  EvidenceList cut_;
  EvidenceList bad_fields_;
  EvidenceList unknown_;
};

}  // namespace

CheckSpec wire_grammar() {
  return {.id = "wire.grammar",
          .level = Level::must,
          .requirement = "The body follows the event stream grammar and is never cut in an event.",
          .source = "WHATWG HTML 9.2.5; RFC 9112 7.1",
          .needs = {},
          .not_stated = nullptr,
          .make = &make_check<Grammar>,
          .wants = Timeline::wants | facts<fact::Joined, fact::ReadingStopped, fact::Comment,
                                           fact::Event, fact::Retry, fact::Oddity, fact::Closed>()};
}

}  // namespace streamgauge

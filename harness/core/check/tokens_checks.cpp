// tokens.first-within, tokens.gap, tokens.terminated: streams that are the answer to one request.
//
// Such a stream has an end that means "complete": the terminator. A stream that ends in order,
// chunk and all, but without it was cut off somewhere behind the server (F25 in another dress).
#include <fmt/format.h>

#include "harness/core/base/units.hpp"
#include "harness/core/check/band.hpp"
#include "harness/core/check/checks.hpp"
#include "harness/core/check/finding.hpp"
#include "harness/core/check/timeline.hpp"

namespace streamgauge {

namespace {

std::string no_tokens(const Contract& contract) {
  return contract.tokens ? "" : "tokens";
}

struct TokenStream {
  Instant asked_at{};
  Instant last_at{};   // token, or the connection before the first
  Instant ended_at{};  // terminator
  std::uint64_t tokens = 0;
  bool asked = false;
  bool open = false;
  bool terminated = false;
  bool closed = false;
  bool by_us = false;  // closed by the harness, which it also does when the run is over
  Instant closed_at{};
};

/// Follows the streams of groups that ask for generated answers.
class TokenFold {
 public:
  static constexpr std::uint32_t wants =
      Timeline::wants | facts<fact::Connected, fact::Headers, fact::Event, fact::Closed>();
  enum class Step : std::uint8_t { none, first, next, terminator, after_end, closed };

  explicit TokenFold(const CheckContext& context)
      : terms_(context.contract.tokens.value_or(TokenTerms{})), timeline_(context.scenario) {}

  /// `before`: the stream as it was.
  Step on(const Record& record, TokenStream& before) {
    if (record.stream == no_stream) {
      timeline_.on(record);
      return Step::none;
    }
    timeline_.see(record.at);
    TokenStream& stream = streams_[record.stream];
    before = stream;
    if (std::holds_alternative<fact::Connected>(record.fact)) {
      stream = {};
      stream.asked_at = stream.last_at = record.at;
      stream.asked = true;
    } else if (const auto* headers = std::get_if<fact::Headers>(&record.fact)) {
      stream.open = headers->status == 200;
    } else if (const auto* event = std::get_if<fact::Event>(&record.fact)) {
      return take(stream, *event, record.at);
    } else if (std::holds_alternative<fact::Closed>(record.fact) && stream.asked) {
      stream.closed = true;
      stream.closed_at = record.at;
      stream.by_us = std::get<fact::Closed>(record.fact).ending == Ending::local;
      return Step::closed;
    }
    return Step::none;
  }
  void merge(const TokenFold& other) {
    timeline_.merge(other.timeline_);
    streams_.merge(other.streams_);
  }
  [[nodiscard]] const PerStream<TokenStream>& streams() const { return streams_; }
  [[nodiscard]] const TokenTerms& terms() const { return terms_; }
  [[nodiscard]] const Timeline& timeline() const { return timeline_; }

 private:
  Step take(TokenStream& stream, const fact::Event& event, Instant at) const {
    if (stream.terminated) return Step::after_end;
    const bool first = stream.tokens == 0;
    stream.last_at = at;
    if (event.data == terms_.terminator) {
      stream.terminated = true;
      stream.ended_at = at;
      return Step::terminator;
    }
    ++stream.tokens;
    return first ? Step::first : Step::next;
  }

  TokenTerms terms_;
  Timeline timeline_;
  PerStream<TokenStream> streams_;
};

/// The time to the first token, or the gaps between tokens, against their bound.
template <bool first_tokens>
class TokenTimes final : public Fold<TokenTimes<first_tokens>> {
 public:
  explicit TokenTimes(const CheckContext& context) : fold_(context) {}

  void on(const Record& record) override {
    TokenStream before;
    const auto step = fold_.on(record, before);
    const bool token = step == TokenFold::Step::first || step == TokenFold::Step::next ||
                       step == TokenFold::Step::terminator;
    if (!token || (before.tokens == 0) != first_tokens) return;
    times_.add(record.at - before.last_at, record.at, record.stream);
  }
  void absorb(const TokenTimes& other) {
    fold_.merge(other.fold_);
    times_.merge(other.times_);
  }

  Finding judge(const Noise& noise) const override {
    Observations times = times_;  // and what was still waited for at the end
    fold_.streams().each([&](StreamId id, const TokenStream& stream) {
      const auto end = fold_.timeline().end();
      const bool waited = !stream.closed || (stream.by_us && stream.closed_at >= end);
      if (!stream.open || !waited || stream.terminated) return;
      if ((stream.tokens == 0) != first_tokens) return;
      times.add(end - stream.last_at, end, id);
    });
    const Duration bound = first_tokens ? fold_.terms().first_within : fold_.terms().gap_max;
    const Duration widening = widening_of_worst(noise);
    auto result =
        finding(Verdict::pass,
                fmt::format("worst {} (p50 {}) of {}", format_duration(times.worst()),
                            format_duration(times.at_percentile(50)), times.count()),
                fmt::format("{} {}", format_duration(bound), widened_text(widening, noise)));
    result.counts = {{first_tokens ? "answers" : "gaps", times.count()},
                     {"late", times.count_above(bound + widening)}};
    switch (reach_of_worst(times.worst(), bound, bound, noise)) {
      case Reach::within:
        if (times.count() > 0) return result;
        result.verdict = Verdict::inconclusive;
        result.reason = "no token was seen; at least one stream must answer with tokens";
        return result;
      case Reach::drowned:
        result.verdict = Verdict::inconclusive;
        result.reason = drowned_reason(noise, bound);
        break;
      case Reach::beyond:
        result.verdict = Verdict::fail;
        result.reason =
            first_tokens
                ? fmt::format("the first token took up to {}; send it when it is there, and flush",
                              format_duration(times.worst()))
                : fmt::format(
                      "up to {} passed between two tokens; send each token when it is there "
                      "instead "
                      "of gathering several",
                      format_duration(times.worst()));
        break;
    }
    result.evidence =
        times.evidence_above(bound + widening, first_tokens ? "first token after" : "token after");
    return result;
  }

 private:
  TokenFold fold_;
  Observations times_;
};

class Terminated final : public Fold<Terminated> {
 public:
  explicit Terminated(const CheckContext& context) : fold_(context) {}

  void on(const Record& record) override {
    TokenStream before;
    const auto step = fold_.on(record, before);
    if (step == TokenFold::Step::after_end) {
      after_.add({record.at, record.stream, "an event after the terminator"});
    }
    if (step != TokenFold::Step::closed || !before.open) return;
    const auto& closed = std::get<fact::Closed>(record.fact);
    if (before.terminated) {
      ++complete_;
      if (closed.ending == Ending::local) open_.add({record.at, record.stream, "still open"});
    } else if (closed.ending == Ending::local) {
      ++unfinished_;
    } else {
      ++cut_count_;
      ordered_ += closed.ending == Ending::complete ? 1u : 0u;
      cut_.add({record.at, record.stream,
                fmt::format("closed {} after {} tokens, without the terminator",
                            to_string(closed.ending), before.tokens)});
    }
  }
  void absorb(const Terminated& other) {
    fold_.merge(other.fold_);
    cut_.merge(other.cut_);
    after_.merge(other.after_);
    open_.merge(other.open_);
    complete_ += other.complete_;
    unfinished_ += other.unfinished_;
    cut_count_ += other.cut_count_;
    ordered_ += other.ordered_;
  }

  Finding judge(const Noise&) const override {
    auto result =
        finding(Verdict::pass, fmt::format("{} complete, {} cut off", complete_, cut_count_),
                fmt::format("ends with {}", printable(fold_.terms().terminator, 20)));
    result.counts = {
        {"complete", complete_}, {"cut off", cut_count_}, {"unfinished at the end", unfinished_}};
    if (cut_count_ > 0) {
      result.verdict = Verdict::fail;
      result.reason = fmt::format(
          "{} answers ended without the terminator '{}', {} of them in order, as if they were "
          "complete; send the terminator last, and only when the answer is whole",
          cut_count_, printable(fold_.terms().terminator, 20), ordered_);
      result.evidence = cut_.items();
    } else if (after_.total() > 0) {
      result.verdict = Verdict::fail;
      result.reason = fmt::format("{} events came after the terminator; it must be the last event",
                                  after_.total());
      result.evidence = after_.items();
    } else if (open_.total() > 0) {
      result.verdict = Verdict::fail;
      result.reason = fmt::format(
          "{} streams stayed open after their terminator; end the response with it", open_.total());
      result.evidence = open_.items();
    } else if (complete_ == 0) {
      result.verdict = Verdict::inconclusive;
      result.reason = "no answer came to its end in this run; at least 1 is needed";
    }
    return result;
  }

 private:
  TokenFold fold_;
  EvidenceList cut_, after_, open_;
  std::uint64_t complete_ = 0, unfinished_ = 0, cut_count_ = 0, ordered_ = 0;
};

}  // namespace

CheckSpec tokens_first_within() {
  return {.id = "tokens.first-within",
          .level = Level::must,
          .requirement = "The first token of an answer arrives in time after the request.",
          .source = "contract tokens.first_within",
          .needs = {Capability::generate},
          .not_stated = &no_tokens,
          .make = &make_check<TokenTimes<true>>,
          .wants = TokenFold::wants};
}

CheckSpec tokens_gap() {
  return {.id = "tokens.gap",
          .level = Level::must,
          .requirement = "Tokens follow each other without long gaps.",
          .source = "contract tokens.gap_max",
          .needs = {Capability::generate},
          .not_stated = &no_tokens,
          .make = &make_check<TokenTimes<false>>,
          .wants = TokenFold::wants};
}

CheckSpec tokens_terminated() {
  return {
      .id = "tokens.terminated",
      .level = Level::must,
      .requirement = "An answer ends with its terminator, so that a cut can be told from the end.",
      .source = "contract tokens.terminator",
      .needs = {Capability::generate},
      .not_stated = &no_tokens,
      .make = &make_check<Terminated>,
      .wants = TokenFold::wants};
}

}  // namespace streamgauge

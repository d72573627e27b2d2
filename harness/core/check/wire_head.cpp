// wire.status, wire.content-type, wire.charset, wire.cache-control, wire.x-accel-buffering:
// what the response head of a stream must say.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "harness/core/check/checks.hpp"
#include "harness/core/check/finding.hpp"
#include "harness/core/check/fold.hpp"
#include "harness/core/http/head.hpp"

namespace streamgauge {

namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

std::optional<http::MediaType> media_type(std::string_view head) {
  const auto value = http::field(head, "content-type");
  return value ? http::parse_media_type(*value) : std::nullopt;
}

// --- wire.status ----------------------------------------------------------------------------

class Status final : public Fold<Status> {
 public:
  explicit Status(const CheckContext& context) : context_(context) {}

  void on(const Record& record) override {
    auto& state = streams_[record.stream];
    if (const auto* connecting = std::get_if<fact::Connecting>(&record.fact)) {
      state = {};
      state.resumes = connecting->sends_last_event_id;
    } else if (const auto* headers = std::get_if<fact::Headers>(&record.fact)) {
      state.opened_at = record.at;
      state.empty = headers->status == 200;
      if (headers->status == 200) {
        ++good_;
      } else if (stated_for_too_old(headers->status) && state.resumes) {
        ++too_old_;
      } else {
        wrong_.add({record.at, record.stream, fmt::format("answered {}", headers->status)});
      }
    } else if (const auto* closed = std::get_if<fact::Closed>(&record.fact)) {
      on_closed(record, *closed, state);
    } else {
      state.empty = false;
    }
  }

  void absorb(const Status& other) {
    good_ += other.good_;
    too_old_ += other.too_old_;
    wrong_.merge(other.wrong_);
    not_http_.merge(other.not_http_);
    empty_.merge(other.empty_);
    streams_.merge(other.streams_);
  }

  Finding judge(const Noise&) const override {
    const auto answers = good_ + too_old_ + wrong_.total();
    auto result = finding(Verdict::pass, fmt::format("{} of {} answers were 200", good_, answers),
                          "200 on every stream");
    result.counts = {{"answers", answers},
                     {"other than 200", wrong_.total()},
                     {"not HTTP", not_http_.total()},
                     {"ended empty", empty_.total()}};
    if (wrong_.total() > 0) {
      result.verdict = Verdict::fail;
      result.reason = fmt::format(
          "{} of {} streams were answered with another status than 200 (the first: {}); a client "
          "must not read a stream from such an answer: check path, credentials and limits",
          wrong_.total(), answers, wrong_.items().front().what);
      result.evidence = wrong_.items();
    } else if (not_http_.total() > 0) {
      result.verdict = Verdict::fail;
      result.reason = fmt::format("{} responses were not valid HTTP/1.x; check what listens there",
                                  not_http_.total());
      result.evidence = not_http_.items();
    } else if (empty_.total() > 0) {
      result.verdict = Verdict::fail;
      result.measured = fmt::format("{} of {} answers ended empty", empty_.total(), answers);
      result.reason = fmt::format(
          "{} of {} answers were 200 with a body that ended at once, empty: an EventSource "
          "reconnects to that for ever; keep the stream open, or answer 204 to stop the client",
          empty_.total(), answers);
      result.evidence = empty_.items();
    } else if (good_ == 0) {
      result.verdict = Verdict::inconclusive;
      result.reason = "no stream was answered at all";
    }
    return result;
  }

 private:
  struct State {
    Instant opened_at{};
    bool resumes = false;
    bool empty = false;  // answered 200, nothing in the body so far
  };
  // An idle stream that some proxy cuts later is another matter.
  static constexpr Duration at_once = std::chrono::seconds{1};

  void on_closed(const Record& record, const fact::Closed& closed, State& state) {
    if (closed.ending == Ending::bad_http) {
      not_http_.add(
          {record.at, record.stream, fmt::format("not HTTP: {}", printable(closed.detail))});
    }
    const bool ended = closed.ending == Ending::complete || closed.ending == Ending::eof;
    if (ended && state.empty && !closed.mid_block && record.at - state.opened_at <= at_once) {
      empty_.add({record.at, record.stream, "answered 200 and ended without a byte"});
    }
    state.empty = false;
  }

  [[nodiscard]] bool stated_for_too_old(int status) const {
    if (!context_.contract.replay) return false;
    const auto too_old = context_.contract.replay->too_old;
    return (too_old == TooOld::status_204 && status == 204) ||
           (too_old == TooOld::status_410 && status == 410);
  }

  const CheckContext& context_;
  std::uint64_t good_ = 0;
  std::uint64_t too_old_ = 0;
  EvidenceList wrong_;
  EvidenceList not_http_;
  EvidenceList empty_;
  PerStream<State> streams_;
};

// --- one field of the head ------------------------------------------------------------------

/// What is wrong with the head, or nothing.
using Inspect = std::optional<std::string> (*)(const Contract&, std::string_view head);

class HeadCheck : public Fold<HeadCheck> {
 public:
  HeadCheck(const Contract& contract, Inspect inspect, std::string bound, std::string remedy)
      : contract_(contract),
        inspect_(inspect),
        bound_(std::move(bound)),
        remedy_(std::move(remedy)) {}

  void on(const Record& record) override {
    if (const auto* headers = std::get_if<fact::Headers>(&record.fact)) {
      if (headers->status != 200) return;
      ++heads_;
      if (auto wrong = inspect_(contract_, headers->head)) {
        ++wrong_heads_;
        wrong_.add({record.at, record.stream, std::move(*wrong)});
      }
    } else if (const auto* oddity = std::get_if<fact::Oddity>(&record.fact)) {
      if (oddity->notice != sse::Notice::invalid_utf8) return;
      bytes_.add(
          {record.at, record.stream, fmt::format("not UTF-8: {}", printable(oddity->detail))});
    }
  }

  void absorb(const HeadCheck& other) {
    heads_ += other.heads_;
    wrong_heads_ += other.wrong_heads_;
    wrong_.merge(other.wrong_);
    bytes_.merge(other.bytes_);
  }

  Finding judge(const Noise&) const override {
    auto result = finding(
        Verdict::pass, fmt::format("{} of {} as required", heads_ - wrong_heads_, heads_), bound_);
    result.counts = {{"heads", heads_}, {"wrong", wrong_heads_}};
    if (wrong_heads_ > 0) {
      result.verdict = Verdict::fail;
      result.reason = fmt::format("{} of {} streams: {}; {}", wrong_heads_, heads_,
                                  wrong_.items().front().what, remedy_);
      result.evidence = wrong_.items();
    } else if (bytes_.total() > 0) {
      result.verdict = Verdict::fail;
      result.measured = fmt::format("{} lines were not UTF-8", bytes_.total());
      result.reason = fmt::format(
          "{} lines of the stream were not valid UTF-8, which clients decode into replacement "
          "characters; encode everything that is written as UTF-8",
          bytes_.total());
      result.evidence = bytes_.items();
    } else if (heads_ == 0) {
      result.verdict = Verdict::inconclusive;
      result.reason = "no stream was answered with 200, so there was no head to look at";
    }
    return result;
  }

 private:
  const Contract& contract_;
  Inspect inspect_;
  std::string bound_;
  std::string remedy_;
  std::uint64_t heads_ = 0;
  std::uint64_t wrong_heads_ = 0;
  EvidenceList wrong_;
  EvidenceList bytes_;
};

std::optional<std::string> wrong_type(const Contract&, std::string_view head) {
  const auto value = http::field(head, "content-type");
  if (!value) return "no Content-Type";
  const auto type = http::parse_media_type(*value);
  if (type && type->essence == "text/event-stream") return std::nullopt;
  return fmt::format("Content-Type is '{}'", printable(*value));
}

std::optional<std::string> wrong_charset(const Contract&, std::string_view head) {
  const auto type = media_type(head);
  if (!type || !type->charset) return std::nullopt;
  const auto charset = lower(*type->charset);
  if (charset == "utf-8" || charset == "utf8") return std::nullopt;
  return fmt::format("charset is '{}'", printable(*type->charset));
}

std::optional<std::string> wrong_cache_control(const Contract& contract, std::string_view head) {
  std::vector<std::string> missing;
  for (const auto& directive : contract.headers.cache_control) {
    if (!http::has_token(head, "cache-control", directive)) missing.push_back(directive);
  }
  if (missing.empty()) return std::nullopt;
  const auto value = http::field(head, "cache-control");
  return fmt::format("Cache-Control {} lacks {}",
                     value ? fmt::format("'{}'", printable(*value)) : std::string{"(absent)"},
                     fmt::join(missing, ", "));
}

std::optional<std::string> wrong_x_accel(const Contract& contract, std::string_view head) {
  const auto value = http::field(head, "x-accel-buffering");
  if (!value) return "no X-Accel-Buffering";
  if (lower(*value) == lower(*contract.headers.x_accel_buffering)) return std::nullopt;
  return fmt::format("X-Accel-Buffering is '{}'", printable(*value));
}

constexpr auto head_facts = facts<fact::Headers>();

}  // namespace

CheckSpec wire_status() {
  return {
      .id = "wire.status",
      .level = Level::must,
      .requirement = "A request for a stream is answered with status 200 and a body that lasts.",
      .source = "WHATWG HTML 9.2.3",
      .needs = {},
      .not_stated = nullptr,
      .make = &make_check<Status>,
      .wants = facts<fact::Connecting, fact::Headers, fact::Comment, fact::Event, fact::Retry,
                     fact::Oddity, fact::ReadingStopped, fact::Closed>()};
}

CheckSpec wire_content_type() {
  return {.id = "wire.content-type",
          .level = Level::must,
          .requirement = "The stream's media type is text/event-stream.",
          .source = "WHATWG HTML 9.2.3",
          .needs = {},
          .not_stated = nullptr,
          .make = [](const CheckContext& context) -> std::unique_ptr<Check> {
            return std::make_unique<HeadCheck>(
                context.contract, &wrong_type, "text/event-stream",
                "clients fail the connection for good on any other type: send "
                "'Content-Type: text/event-stream'");
          },
          .wants = head_facts};
}

CheckSpec wire_charset() {
  return {.id = "wire.charset",
          .level = Level::must,
          .requirement = "The stream is UTF-8 and declares no other charset.",
          .source = "WHATWG HTML 9.2.4",
          .needs = {},
          .not_stated = nullptr,
          .make = [](const CheckContext& context) -> std::unique_ptr<Check> {
            return std::make_unique<HeadCheck>(
                context.contract, &wrong_charset, "utf-8 or none; valid bytes",
                "event streams are always UTF-8: leave the parameter out or say utf-8");
          },
          .wants = head_facts | facts<fact::Oddity>()};
}

CheckSpec wire_cache_control() {
  return {.id = "wire.cache-control",
          .level = Level::must,
          .requirement = "Cache-Control carries the directives that the contract states.",
          .source = "RFC 9111 5.2.2; contract headers.cache_control",
          .needs = {},
          .not_stated = [](const Contract& contract) -> std::string {
            return contract.headers.cache_control.empty() ? "headers.cache_control" : "";
          },
          .make = [](const CheckContext& context) -> std::unique_ptr<Check> {
            return std::make_unique<HeadCheck>(
                context.contract, &wrong_cache_control,
                fmt::format("{}", fmt::join(context.contract.headers.cache_control, ", ")),
                "caches and transforming proxies may hold or rewrite the stream: send the "
                "directives on every stream");
          },
          .wants = head_facts};
}

CheckSpec wire_x_accel_buffering() {
  return {.id = "wire.x-accel-buffering",
          .level = Level::must,
          .requirement = "X-Accel-Buffering has the value that the contract states.",
          .source =
              "nginx ngx_http_proxy_module, proxy_buffering; "
              "contract headers.x_accel_buffering",
          .needs = {},
          .not_stated = [](const Contract& contract) -> std::string {
            return contract.headers.x_accel_buffering ? "" : "headers.x_accel_buffering";
          },
          .make = [](const CheckContext& context) -> std::unique_ptr<Check> {
            return std::make_unique<HeadCheck>(
                context.contract, &wrong_x_accel,
                fmt::format("X-Accel-Buffering: {}", *context.contract.headers.x_accel_buffering),
                "nginx in front would hold the stream back in its buffers: send the field with "
                "the response head");
          },
          .wants = head_facts};
}

}  // namespace streamgauge

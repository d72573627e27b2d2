// heartbeat.form: heartbeats look as the contract states them.
//
// Whatever keeps coming at the stated period, three times and more, on a stream on which nothing
// was published and no heartbeat of the stated form came meanwhile, is what the target sends as its
// heartbeat, whatever it is called. What the contract gives another meaning is left out.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>

#include "harness/core/check/checks.hpp"
#include "harness/core/check/finding.hpp"
#include "harness/core/check/heartbeat_fold.hpp"

namespace streamgauge {

namespace {

// Names under which servers send heartbeats as events.
constexpr std::array<std::string_view, 5> beat_names = {"heartbeat", "keepalive", "keep-alive",
                                                        "ping", "hb"};

class Form final : public Fold<Form> {
 public:
  explicit Form(const CheckContext& context) : context_(context), fold_(context) {}

  void on(const Record& record) override {
    HeartbeatFold::State before;
    switch (fold_.on(record, before)) {
      case HeartbeatFold::Step::beat:
        ++stated_;
        rhythms_[record.stream] = {};
        break;
      case HeartbeatFold::Step::comment: {
        const auto text = std::get<fact::Comment>(record.fact).text;
        const Evidence one{record.at, record.stream, fmt::format("comment '{}'", printable(text))};
        others_.add(one);
        keeps_time(before, std::hash<std::string_view>{}(text), one);
        break;
      }
      case HeartbeatFold::Step::traffic:
        on_event(record, std::get<fact::Event>(record.fact), before);
        break;
      case HeartbeatFold::Step::opened:
      case HeartbeatFold::Step::ended:
        rhythms_[record.stream] = {};
        break;
      case HeartbeatFold::Step::none:
        break;
    }
  }

  void absorb(const Form& other) {
    fold_.merge(other.fold_);
    stated_ += other.stated_;
    others_.merge(other.others_);
    events_.merge(other.events_);
    rhythms_.merge(other.rhythms_);
    in_place_.merge(other.in_place_);
  }

  Finding judge(const Noise&) const override {
    const bool comments = fold_.terms().form == HeartbeatForm::comment;
    const auto stated = fmt::format("{} {}", comments ? "comments" : "events of type",
                                    fold_.terms().text.empty()
                                        ? (comments ? std::string{"of any text"} : "'heartbeat'")
                                        : fmt::format("'{}'", fold_.terms().text));
    auto result = finding(
        Verdict::pass,
        fmt::format(
            "{} as stated, {} otherwise", stated_,
            std::max((stated_ == 0 ? others_.total() : 0) + events_.total(), in_place_.total())),
        stated);
    result.counts = {{"as stated", stated_},
                     {"other comments", others_.total()},
                     {"other heartbeat events", events_.total()},
                     {"in place of heartbeats", in_place_.total()}};
    if (comments && events_.total() > 0) {
      result.verdict = Verdict::fail;
      result.reason = fmt::format(
          "{} heartbeats came as events although comments are stated: every client's handler is "
          "woken by them; send a comment, or state form: event",
          events_.total());
      result.evidence = events_.items();
    } else if (in_place_.total() > 0) {
      result.verdict = Verdict::fail;
      result.reason = fmt::format(
          "on streams without traffic, at the heartbeat's pace and in its place, came: {}; {}",
          in_place_.items().front().what,
          comments ? "send a comment as stated, which wakes no handler of a page"
                   : "send the heartbeat as the event that is stated");
      result.evidence = in_place_.items();
    } else if (stated_ > 0) {
      return result;
    } else if (others_.total() + events_.total() > 0) {
      auto others = others_;
      others.merge(events_);
      result.verdict = Verdict::fail;
      result.reason = fmt::format("no heartbeat had the stated form; what came instead: {}",
                                  others.items().front().what);
      result.evidence = others.items();
    } else {
      result.verdict = Verdict::inconclusive;
      result.reason = "no heartbeat of any form arrived (see heartbeat.cadence)";
    }
    return result;
  }

 private:
  /// What came last at the heartbeat's pace: constant state for each stream.
  struct Rhythm {
    Instant last{};
    std::size_t kind = 0;    // hash of the type or text; 0: nothing yet
    std::uint32_t gaps = 0;  // of about a period, in a row
  };
  static constexpr std::uint32_t gaps_min = 2;

  void on_event(const Record& record, const fact::Event& event,
                const HeartbeatFold::State& before) {
    if (event.envelope) {
      rhythms_[record.stream] = {};
      return;
    }
    const Evidence one{record.at, record.stream,
                       fmt::format("event of type '{}'", printable(event.type))};
    if (has_another_meaning(event.type)) return;
    if (named_heartbeat(event.type)) events_.add(one);
    // Events of others put heartbeats off where the timer is reset: no pace of theirs tells.
    const bool known = has(context_.target, Capability::publish) ||
                       fold_.terms().under_traffic == HeartbeatUnderTraffic::fixed;
    if (known) keeps_time(before, ~std::hash<std::string_view>{}(event.type), one);
  }

  void keeps_time(const HeartbeatFold::State& before, std::size_t kind, const Evidence& one) {
    auto& rhythm = rhythms_[one.stream];
    const auto gap = one.at - rhythm.last;
    const auto every = fold_.terms().every;
    const bool in_time = rhythm.kind == kind && gap >= every - fold_.margin() && gap <= 2 * every &&
                         fold_.judged_whole(before, rhythm.last, one.at);
    rhythm = {one.at, kind, in_time ? rhythm.gaps + 1 : 0};
    if (rhythm.gaps >= gaps_min) in_place_.add(one);
  }

  [[nodiscard]] bool has_another_meaning(std::string_view type) const {
    const auto& contract = context_.contract;
    return (contract.first_event && type == *contract.first_event) ||
           (contract.queue && !contract.queue->lag_event.empty() &&
            type == contract.queue->lag_event) ||
           (contract.replay && !contract.replay->too_old_event.empty() &&
            type == contract.replay->too_old_event);
  }

  [[nodiscard]] bool named_heartbeat(std::string_view type) const {
    return type == fold_.terms().text ||
           std::find(beat_names.begin(), beat_names.end(), type) != beat_names.end();
  }

  const CheckContext& context_;
  HeartbeatFold fold_;
  std::uint64_t stated_ = 0;
  EvidenceList others_;
  EvidenceList events_;
  PerStream<Rhythm> rhythms_;
  EvidenceList in_place_;
};

}  // namespace

CheckSpec heartbeat_form() {
  return {.id = "heartbeat.form",
          .level = Level::must,
          .requirement = "Heartbeats have the form that the contract states.",
          .source = "contract heartbeat.form",
          .needs = {},
          .not_stated = &no_heartbeat,
          .make = &make_check<Form>,
          .wants = HeartbeatFold::wants};
}

}  // namespace streamgauge

// heartbeat.form: heartbeats look as the contract states them.
#include <fmt/format.h>

#include <algorithm>
#include <array>

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
  explicit Form(const CheckContext& context) : fold_(context) {}

  void on(const Record& record) override {
    HeartbeatFold::State before;
    switch (fold_.on(record, before)) {
      case HeartbeatFold::Step::beat:
        ++stated_;
        break;
      case HeartbeatFold::Step::comment:
        others_.add(
            {record.at, record.stream,
             fmt::format("comment '{}'", printable(std::get<fact::Comment>(record.fact).text))});
        break;
      case HeartbeatFold::Step::traffic: {
        const auto& event = std::get<fact::Event>(record.fact);
        if (event.envelope || !named_heartbeat(event.type)) break;
        events_.add(
            {record.at, record.stream, fmt::format("event of type '{}'", printable(event.type))});
        break;
      }
      case HeartbeatFold::Step::none:
      case HeartbeatFold::Step::opened:
      case HeartbeatFold::Step::ended:
        break;
    }
  }

  void absorb(const Form& other) {
    fold_.merge(other.fold_);
    stated_ += other.stated_;
    others_.merge(other.others_);
    events_.merge(other.events_);
  }

  Finding judge(const Noise&) const override {
    const bool comments = fold_.terms().form == HeartbeatForm::comment;
    const auto stated = fmt::format("{} {}", comments ? "comments" : "events of type",
                                    fold_.terms().text.empty()
                                        ? (comments ? std::string{"of any text"} : "'heartbeat'")
                                        : fmt::format("'{}'", fold_.terms().text));
    auto result = finding(Verdict::pass,
                          fmt::format("{} as stated, {} otherwise", stated_,
                                      (stated_ == 0 ? others_.total() : 0) + events_.total()),
                          stated);
    result.counts = {{"as stated", stated_},
                     {"other comments", others_.total()},
                     {"other heartbeat events", events_.total()}};
    if (comments && events_.total() > 0) {
      result.verdict = Verdict::fail;
      result.reason = fmt::format(
          "{} heartbeats came as events although comments are stated: every client's handler is "
          "woken by them; send a comment, or state form: event",
          events_.total());
      result.evidence = events_.items();
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
  [[nodiscard]] bool named_heartbeat(std::string_view type) const {
    return type == fold_.terms().text ||
           std::find(beat_names.begin(), beat_names.end(), type) != beat_names.end();
  }

  HeartbeatFold fold_;
  std::uint64_t stated_ = 0;
  EvidenceList others_;
  EvidenceList events_;
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

#include "harness/core/check/stall_fold.hpp"

#include <fmt/format.h>

#include "harness/core/base/units.hpp"
#include "harness/core/check/finding.hpp"

namespace streamgauge {

void Connection::on(const Record& record) {
  const auto at = record.at;
  std::visit(Overloaded{
                 [&](const fact::Joined& f) {
                   group = f.group;
                   channel = f.channel;
                 },
                 [&](const fact::Connecting& f) {
                   const auto whose = std::pair{group, channel};
                   *this = {};
                   std::tie(group, channel) = whose;
                   attempt = f.attempt;
                 },
                 [&](const fact::Connected&) {
                   connected = true;
                   connected_at = last_byte_at = at;
                 },
                 [&](const fact::Headers& f) {
                   answered = true;
                   open = f.status == 200;
                   opened_at = last_byte_at = at;
                 },
                 [&](const fact::Comment&) { last_byte_at = at; },
                 [&](const fact::Event&) { last_byte_at = at; },
                 [&](const fact::Retry&) { last_byte_at = at; },
                 [&](const fact::ReadingStopped&) { stopped = true; },
                 [&](const fact::Aborted&) { aborted = true; },
                 [&](const fact::Deafened&) {
                   if (!deaf) deaf_at = at;
                   deaf = true;
                 },
                 [&](const fact::Closed&) { connected = open = false; },
                 [](const auto&) {},
             },
             record.fact);
}

bool has_liveness(const Scenario& scenario, std::uint16_t group) {
  if (group >= scenario.groups.size()) return false;
  const auto& policy = scenario.groups[group].policy;
  return policy.from_contract || policy.liveness.has_value();
}

bool has_header_timeout(const Scenario& scenario, std::uint16_t group) {
  if (group >= scenario.groups.size()) return false;
  const auto& policy = scenario.groups[group].policy;
  return policy.from_contract || policy.header_timeout.has_value();
}

std::string no_liveness(const Contract& contract) {
  return contract.client && contract.client->liveness ? "" : "client.liveness";
}

std::string no_header_timeout(const Contract& contract) {
  return contract.client && contract.client->header_timeout ? "" : "client.header_timeout";
}

namespace {

class GivingUp final : public Fold<GivingUp> {
 public:
  GivingUp(const CheckContext& context, Silence silence)
      : scenario_(context.scenario), silence_(silence), timeline_(context.scenario) {
    const auto client = context.contract.client.value_or(ClientTerms{});
    liveness_ = client.liveness.value_or(Duration{});
    deadline_ = before_head() ? client.header_timeout.value_or(Duration{}) : liveness_;
  }

  void on(const Record& record) override {
    if (record.stream == no_stream) return timeline_.on(record);
    timeline_.see(record.at);
    auto& connection = streams_[record.stream];
    if (silence_ == Silence::head_withheld && std::holds_alternative<fact::Headers>(record.fact) &&
        concerns(connection) && record.at - connection.connected_at > deadline_) {
      kept_.add(record.at - connection.connected_at, record.at, record.stream);
    }
    if (const auto* closed = std::get_if<fact::Closed>(&record.fact);
        closed && concerns(connection)) {
      const bool gave_up = closed->ending == Ending::timed_out || closed->ending == Ending::silent;
      (gave_up ? gave_up_ : kept_).add(record.at - since(connection), record.at, record.stream);
    } else if (closed) {
      add_unannounced(record, closed->ending, connection);
    }
    connection.on(record);
  }

  void absorb(const GivingUp& other) {
    timeline_.merge(other.timeline_);
    streams_.merge(other.streams_);
    gave_up_.merge(other.gave_up_);
    kept_.merge(other.kept_);
  }

  Finding judge(const Noise& noise) const override {
    auto kept = kept_;  // and those that still wait
    streams_.each([&](StreamId id, const Connection& connection) {
      const auto end = timeline_.end();
      if (concerns(connection) && end > since(connection)) {
        kept.add(end - since(connection), end, id);
      }
    });
    const auto margin = deadline_margin(deadline_);
    const auto bound = deadline_ + margin;
    const auto widening = widening_of_worst(noise);
    const auto late = gave_up_.count_above(bound + widening);
    const auto never = kept.count_above(bound + widening);
    auto result =
        finding(Verdict::pass,
                never > 0 ? fmt::format("{} gave up; {} waited on, for {}", gave_up_.count(), never,
                                        format_duration(kept.worst()))
                          : fmt::format("{} gave up, the last after {}", gave_up_.count(),
                                        format_duration(gave_up_.worst())),
                fmt::format("{} {}", format_duration(bound), widened_text(widening, noise)));
    result.counts = {{"gave up", gave_up_.count()}, {"late", late}, {"waited on", never}};
    switch (reach_of_worst(std::max(gave_up_.worst(), kept.worst()), bound, margin, noise)) {
      case Reach::drowned:
        result.verdict = Verdict::inconclusive;
        result.reason = drowned_reason(noise, margin);
        break;
      case Reach::beyond:
        result.verdict = Verdict::fail;
        result.reason = reason(late, never, std::max(gave_up_.worst(), kept.worst()));
        break;
      case Reach::within:
        if (gave_up_.count() > 0) return result;
        result.verdict = Verdict::inconclusive;
        result.reason =
            fmt::format("no client with such a deadline met {} for longer than {}; one is needed",
                        where(), format_duration(bound));
        return result;
    }
    result.evidence = kept.evidence_above(bound + widening, "still waiting after");
    for (auto& one : gave_up_.evidence_above(bound + widening, "gave up only after")) {
      if (result.evidence.size() < EvidenceList::max) result.evidence.push_back(one);
    }
    return result;
  }

 private:
  /// A client gave up by its own deadline on a path of which the harness did not know that it was
  /// silent, such as one through a proxy: evidence that it does. Never evidence against it: bytes
  /// of an unfinished event are in no record, so that the silence may have been shorter.
  void add_unannounced(const Record& record, Ending ending, const Connection& connection) {
    if (connection.deaf || !connection.connected || connection.aborted) return;
    if (silence_ == Silence::head_withheld) return;
    auto from = connection.connected_at;
    if (silence_ == Silence::before_headers) {
      if (ending != Ending::timed_out || connection.answered) return;
    } else {
      if (ending != Ending::silent || !connection.open) return;
      from = connection.last_byte_at;
      const bool early = from - connection.opened_at < liveness_ / 2;
      if (early != (silence_ == Silence::after_preamble)) return;
    }
    const auto waited = record.at - from;
    if (waited <= deadline_ + deadline_margin(deadline_)) {
      gave_up_.add(waited, record.at, record.stream);
    }
  }

  [[nodiscard]] bool before_head() const {
    return silence_ == Silence::before_headers || silence_ == Silence::head_withheld;
  }
  [[nodiscard]] Instant since(const Connection& connection) const {
    return before_head() ? connection.connected_at : connection.deaf_at;
  }
  /// The connection is, at this moment, silent in the way that is judged here.
  [[nodiscard]] bool concerns(const Connection& connection) const {
    if (!connection.connected || connection.stopped || connection.aborted) return false;
    if (before_head()) {
      return !connection.answered && has_header_timeout(scenario_, connection.group) &&
             (connection.deaf || silence_ == Silence::head_withheld);
    }
    if (!connection.deaf || !connection.open || !has_liveness(scenario_, connection.group)) {
      return false;
    }
    const bool early = connection.deaf_at - connection.opened_at < liveness_ / 2;
    return early == (silence_ == Silence::after_preamble);
  }

  [[nodiscard]] std::string_view where() const {
    switch (silence_) {
      case Silence::before_headers:
        return "a path that went silent before the response head";
      case Silence::after_preamble:
        return "a path that went silent after the first bytes";
      case Silence::mid_stream:
        return "a path that went silent in the middle of a stream";
      case Silence::head_withheld:
        break;
    }
    return "a path that withholds the response head";
  }

  [[nodiscard]] std::string reason(std::uint64_t late, std::uint64_t never, Duration worst) const {
    const auto remedy =
        before_head()
            ? "start a deadline for the response head with the request, before any byte has come"
        : silence_ == Silence::after_preamble
            ? "keep the liveness deadline armed after the first bytes: a preamble proves nothing "
              "about what follows (F2)"
            : "restart a liveness deadline with each byte, and end the connection when it passes";
    return fmt::format(
        "on {}, {} clients gave up too late and {} not at all (the longest waited {}); {}", where(),
        late, never, format_duration(worst), remedy);
  }

  const Scenario& scenario_;
  Silence silence_;
  Duration liveness_{};
  Duration deadline_{};
  Timeline timeline_;
  PerStream<Connection> streams_;
  Observations gave_up_;
  Observations kept_;
};

}  // namespace

std::unique_ptr<Check> make_giving_up(const CheckContext& context, Silence silence) {
  return std::make_unique<GivingUp>(context, silence);
}

}  // namespace streamgauge

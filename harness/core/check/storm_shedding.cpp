// What a target does with those it has no room for: storm.shed-politely and storm.no-cascade.
//
// Judged when there are more clients than the stated limits admit, or when somebody was refused;
// what happens while the target is killed or told to stop is not its manners.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "harness/core/base/units.hpp"
#include "harness/core/check/checks.hpp"
#include "harness/core/check/finding.hpp"
#include "harness/core/check/members.hpp"
#include "harness/core/check/target_trail.hpp"
#include "harness/core/check/timeline.hpp"
#include "harness/core/http/head.hpp"

namespace streamgauge {

namespace {

using namespace std::chrono_literals;

bool refuses(int status) {
  return status == 429 || status == 503;
}

bool all_digits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// "Sun, 06 Nov 1994 08:49:37 GMT" in shape (RFC 9110, 5.6.7); the obsolete forms are not asked of
/// anybody who sends one today.
bool is_http_date(std::string_view text) {
  constexpr std::string_view shape = "Aaa, 00 Aaa 0000 00:00:00 GMT";
  if (text.size() != shape.size()) return false;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const char c = text[i];
    const bool digit = c >= '0' && c <= '9';
    const bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    const bool fits = shape[i] == '0'                      ? digit
                      : shape[i] == 'A' || shape[i] == 'a' ? letter
                                                           : c == shape[i];
    if (!fits) return false;
  }
  return true;
}

/// More clients than the contract admits, at some time of the scenario?
bool goes_beyond_limits(const CheckContext& context) {
  const auto& limits = context.contract.limits;
  std::uint64_t total = 0;
  std::map<std::string, std::uint64_t> users;
  for (const auto& group : context.scenario.groups) {
    total += group.streams;
    if (group.user.empty() || member_text(group.user, 0) != member_text(group.user, 1)) continue;
    users[group.user] += group.streams;
  }
  if (limits.streams_total && total > *limits.streams_total) return true;
  return limits.streams_per_user && has(context.target, Capability::users) &&
         std::any_of(users.begin(), users.end(),
                     [&](const auto& user) { return user.second > *limits.streams_per_user; });
}

constexpr std::string_view within_limits =
    "nobody was refused, and the scenario stays within the stated limits; let more clients ask";

std::string nobody_refused(bool beyond) {
  return beyond ? "nobody was refused, 1 refusal is needed: see limits.*"
                : std::string(within_limits);
}

class ShedPolitely final : public Fold<ShedPolitely> {
 public:
  static constexpr std::size_t values_max = 64;
  static constexpr std::uint64_t many = 48;  // refusals: 4 in 5 alike are no chance then
  static constexpr std::size_t ends_max = 1024;

  explicit ShedPolitely(const CheckContext& context)
      : context_(context), timeline_(context.scenario) {}

  void on(const Record& record) override {
    if (record.stream == no_stream) {
      timeline_.on(record);
      return target_.on(record);
    }
    timeline_.see(record.at);
    auto& waiting = waiting_[record.stream];
    if (const auto* headers = std::get_if<fact::Headers>(&record.fact)) {
      waiting = false;
      if (refuses(headers->status)) on_refusal(record, *headers);
    } else if (std::holds_alternative<fact::Connected>(record.fact)) {
      waiting = true;
    } else if (const auto* closed = std::get_if<fact::Closed>(&record.fact)) {
      const bool by_target = closed->ending != Ending::local && closed->ending != Ending::timed_out;
      if (std::exchange(waiting, false) && by_target && ends_.size() < ends_max) {
        ends_.push_back({record.at, record.stream,
                         fmt::format("closed without an answer ({})", to_string(closed->ending))});
      }
    }
  }

  void absorb(const ShedPolitely& other) {
    timeline_.merge(other.timeline_);
    target_.merge(other.target_);
    waiting_.merge(other.waiting_);
    for (const auto& [value, count] : other.values_) values_[value] += count;
    while (values_.size() > values_max) values_.erase(std::prev(values_.end()));
    refused_ += other.refused_;
    silent_.merge(other.silent_);
    malformed_.merge(other.malformed_);
    ends_.insert(ends_.end(), other.ends_.begin(), other.ends_.end());
  }

  Finding judge(const Noise&) const override {
    const auto& limits = context_.contract.limits;
    EvidenceList unanswered;
    for (const auto& end : ends_) {
      if (!target_.down_within(end.at - 1s, end.at)) unanswered.add(end);
    }
    auto result = finding(
        Verdict::pass, fmt::format("{} refused, {} Retry-After values", refused_, values_.size()),
        limits.retry_after_spread ? "Retry-After on each, spread" : "Retry-After on each");
    result.counts = {{"refused", refused_},
                     {"without Retry-After", silent_.total()},
                     {"malformed", malformed_.total()},
                     {"values", values_.size()},
                     {"closed without an answer", unanswered.total()}};
    const bool beyond = goes_beyond_limits(context_);
    if ((beyond || refused_ > 0) && unanswered.total() > 0) {
      fail(result, unanswered,
           fmt::format("{} clients were shown out without an answer; answer 503 (or 429) with a "
                       "Retry-After before closing",
                       unanswered.total()));
    } else if (refused_ == 0) {
      result.verdict = Verdict::inconclusive;
      result.reason = nobody_refused(beyond);
    } else if (silent_.total() > 0) {
      fail(result, silent_,
           fmt::format("{} of {} refusals had no Retry-After; say when to come again",
                       silent_.total(), refused_));
    } else if (malformed_.total() > 0) {
      fail(result, malformed_,
           fmt::format("{} of {} Retry-After fields hold neither whole seconds nor an HTTP date; "
                       "round seconds up",
                       malformed_.total(), refused_));
    } else {
      judge_spread(result);
    }
    return result;
  }

 private:
  void on_refusal(const Record& record, const fact::Headers& headers) {
    ++refused_;
    const auto value = http::field(headers.head, "retry-after");
    if (!value) {
      silent_.add(
          {record.at, record.stream, fmt::format("status {} without Retry-After", headers.status)});
    } else if (!all_digits(*value) && !is_http_date(*value)) {
      malformed_.add({record.at, record.stream, fmt::format("Retry-After: {}", printable(*value))});
    } else {
      ++values_[std::string(value->substr(0, 32))];
      if (values_.size() > values_max) values_.erase(std::prev(values_.end()));
    }
  }

  static void fail(Finding& result, const EvidenceList& evidence, std::string reason) {
    result.verdict = Verdict::fail;
    result.reason = std::move(reason);
    result.evidence = evidence.items();
  }

  void judge_spread(Finding& result) const {
    const auto& limits = context_.contract.limits;
    if (!limits.retry_after_spread) return;
    if (*limits.retry_after < 2s) {  // whole seconds have no room for a spread at this scale
      result.bound = "Retry-After on each; no room to spread";
      return;
    }
    // The fewer values there are to choose from, the likelier is the same one by chance.
    const std::uint64_t needed = *limits.retry_after < 8s ? 16 : 8;
    std::uint64_t most = 0;
    for (const auto& [value, count] : values_) most = std::max<std::uint64_t>(most, count);
    // With many to tell, a few others beside one common value are no spread either.
    const bool common = refused_ >= many && most * 5 > refused_ * 4;
    if (values_.size() > 1 && !common) return;
    if (refused_ < needed) {
      result.verdict = Verdict::inconclusive;
      result.reason =
          fmt::format("{} refusals are too few to see a spread of Retry-After; {} are needed",
                      refused_, needed);
      return;
    }
    result.verdict = Verdict::fail;
    result.reason = fmt::format(
        "{} of {} refused clients were told the same Retry-After; add a random share, or they come "
        "back together",
        most, refused_);
  }

  const CheckContext& context_;
  Timeline timeline_;
  TargetTrail target_;
  PerStream<bool> waiting_;  // for the head of a connection
  std::map<std::string, std::uint64_t> values_;
  std::uint64_t refused_ = 0;
  EvidenceList silent_, malformed_;
  std::vector<Evidence> ends_;
};

class NoCascade final : public Fold<NoCascade> {
 public:
  static constexpr std::size_t ends_max = 4096;

  explicit NoCascade(const CheckContext& context)
      : context_(context), timeline_(context.scenario) {}

  void on(const Record& record) override {
    if (record.stream == no_stream) {
      timeline_.on(record);
      return target_.on(record);
    }
    timeline_.see(record.at);
    auto& state = streams_[record.stream];
    if (const auto* headers = std::get_if<fact::Headers>(&record.fact)) {
      ++(headers->status == 200 ? admitted_ : refused_);
      state.told_retry = state.aborted = false;
    } else if (std::holds_alternative<fact::Aborted>(record.fact) ||
               std::holds_alternative<fact::Deafened>(record.fact)) {
      state.aborted = true;
    } else if (std::holds_alternative<fact::Retry>(record.fact)) {
      state.told_retry = record.at > state.life.opened_at;
    } else if (const auto* closed = std::get_if<fact::Closed>(&record.fact)) {
      if (state.life.open && by_target(*closed, state)) end(record, *closed);
    }
    state.life.on(record);
  }

  void absorb(const NoCascade& other) {
    timeline_.merge(other.timeline_);
    target_.merge(other.target_);
    streams_.merge(other.streams_);
    admitted_ += other.admitted_;
    refused_ += other.refused_;
    unkept_ += other.unkept_;
    ends_.insert(ends_.end(), other.ends_.begin(), other.ends_.end());
  }

  Finding judge(const Noise&) const override {
    EvidenceList churn;
    for (const auto& end : ends_) {
      if (!target_.down_within(end.at - 1s, end.at)) churn.add(end);
    }
    const auto ended = churn.total() + unkept_;
    const bool beyond = goes_beyond_limits(context_);
    auto result =
        finding(Verdict::pass, fmt::format("{} admitted ended, {} refused", ended, refused_),
                "0 admitted ended");
    result.counts = {{"admitted", admitted_}, {"refused", refused_}, {"ended by target", ended}};
    if (!beyond && refused_ == 0) {
      result.verdict = Verdict::inconclusive;
      result.reason = within_limits;
    } else if (ended > 0) {
      result.verdict = Verdict::fail;
      result.reason = fmt::format(
          "{} admitted streams were ended by the target while others asked for their place; at "
          "the cap refuse who comes, do not throw out who is there: the evicted come back and "
          "evict "
          "others",
          ended);
      result.evidence = churn.items();
    } else if (refused_ == 0) {
      result.verdict = Verdict::inconclusive;
      result.reason = nobody_refused(beyond);
    }
    return result;
  }

 private:
  struct State {
    StreamLife life;
    bool aborted = false;     // by the scenario, in whatever way: the target may end it, too
    bool told_retry = false;  // a `retry:` after the head, as a deliberate close sends before
  };

  [[nodiscard]] bool by_target(const fact::Closed& closed, const State& state) const {
    switch (closed.ending) {
      case Ending::complete:
        // A target that ends streams on purpose now and then may do so here, too.
        if (context_.contract.deliberate_close && state.told_retry) return false;
        break;
      case Ending::eof:
      case Ending::truncated:
      case Ending::reset:
        break;
      default:
        return false;
    }
    return !state.life.ever_stopped && !state.aborted;
  }

  void end(const Record& record, const fact::Closed& closed) {
    const auto group = streams_[record.stream].life.group;
    if (group < context_.scenario.groups.size()) {
      const auto& id = context_.scenario.groups[group].id;
      // Several streams with one id: the newest wins, as identity.* judge.
      if (!id.empty() && member_text(id, 0) == member_text(id, 1)) return;
    }
    if (ends_.size() == ends_max) {
      ++unkept_;
      return;
    }
    ends_.push_back({record.at, record.stream, fmt::format("ended: {}", to_string(closed.ending))});
  }

  const CheckContext& context_;
  Timeline timeline_;
  TargetTrail target_;
  PerStream<State> streams_;
  std::uint64_t admitted_ = 0, refused_ = 0;
  std::uint64_t unkept_ = 0;  // ends beyond those that are kept
  std::vector<Evidence> ends_;
};

}  // namespace

CheckSpec storm_shed_politely() {
  return {.id = "storm.shed-politely",
          .level = Level::must,
          .requirement = "Who is refused is answered, and told when to come again.",
          .source = "RFC 9110 10.2.3; contract limits.retry_after",
          .needs = {},
          .not_stated = [](const Contract& contract) -> std::string {
            const auto& limits = contract.limits;
            if (!limits.retry_after) return "limits.retry_after";
            return limits.streams_total || limits.streams_per_user ? "" : "limits";
          },
          .make = &make_check<ShedPolitely>,
          .wants = Timeline::wants | TargetTrail::wants |
                   facts<fact::Headers, fact::Connected, fact::Closed>()};
}

CheckSpec storm_no_cascade() {
  return {.id = "storm.no-cascade",
          .level = Level::must,
          .requirement = "At the cap, clients that insist do not throw out those admitted.",
          .source = "FIELD F16; contract limits",
          .needs = {},
          .not_stated = [](const Contract& contract) -> std::string {
            const auto& limits = contract.limits;
            return limits.streams_total || limits.streams_per_user ? "" : "limits";
          },
          .make = &make_check<NoCascade>,
          .wants = StreamLife::wants | Timeline::wants | TargetTrail::wants |
                   facts<fact::Retry, fact::Aborted, fact::Deafened>()};
}

}  // namespace streamgauge

// limits.*: exactly as many streams as stated are admitted, the others are told so, and the places
// of those who leave are given to others.
#include <fmt/format.h>

#include <algorithm>

#include "harness/core/base/units.hpp"
#include "harness/core/check/checks.hpp"
#include "harness/core/check/limits_fold.hpp"

namespace streamgauge {

namespace {

std::string told(const Admission& admission) {
  std::string text;
  for (const auto& [status, count] : admission.statuses) {
    text += fmt::format("{}{} x {}", text.empty() ? "" : ", ", status, count);
  }
  return text.empty() ? "none" : text;
}

void add_counts(const Admission& admission, Finding& result) {
  result.counts = {{"clients", admission.clients},
                   {"most at once", admission.admitted_most},
                   {"refusals judged", admission.refused},
                   {"ended by target", admission.ended_by_target}};
  for (const auto& [status, count] : admission.statuses) {
    result.counts.emplace_back(fmt::format("status {}", status), count);
  }
}

/// What limits.total and limits.per-user have in common. `whose`: "" or " of one user".
Finding judge_limit(const Admission& admission, std::uint64_t limit, int status,
                    std::string_view whose) {
  auto result =
      finding(Verdict::inconclusive,
              fmt::format("{} admitted, refused {}", admission.admitted_most, told(admission)),
              fmt::format("{}, beyond: {}", limit, status));
  if (result.measured.size() > 44) {
    result.measured =
        fmt::format("{} admitted, {} refused", admission.admitted_most, admission.refused);
  }
  add_counts(admission, result);
  const auto fail = [&](const EvidenceList& evidence, std::string reason) {
    result.verdict = Verdict::fail;
    result.evidence = evidence.items();
    result.reason = std::move(reason);
  };
  if (admission.admitted_most > limit) {
    fail({}, fmt::format("{} streams{} were open at once though the contract admits {}; count "
                         "streams before admitting them, and answer {}",
                         admission.admitted_most, whose, limit, status));
  } else if (admission.early.total() > 0) {
    fail(admission.early,
         fmt::format("clients were refused before {} streams{} were open; admit as many as the "
                     "contract states",
                     limit, whose));
  } else if (admission.ended_by_target > 0) {
    fail(admission.ended, fmt::format("{} admitted streams{} were ended by the target; refuse who "
                                      "comes beyond the limit, and keep who is there",
                                      admission.ended_by_target, whose));
  } else if (admission.wrong_status.total() > 0) {
    fail(admission.wrong_status,
         fmt::format("streams{} beyond the limit were refused with {}; answer {}", whose,
                     told(admission), status));
  } else if (admission.refused == 0) {
    result.reason = fmt::format(
        "nobody was refused: {} clients{} asked, at most {} at once; {} at once are needed",
        admission.clients, whose, admission.admitted_most, limit + 1);
  } else {
    result.verdict = Verdict::pass;
  }
  return result;
}

class Total final : public Fold<Total> {
 public:
  explicit Total(const CheckContext& context) : context_(context), fold_(context) {}
  void on(const Record& record) override { fold_.on(record); }
  void absorb(const Total& other) { fold_.merge(other.fold_); }
  Finding judge(const Noise& noise) const override {
    return judge_limit(fold_.in_total(noise), *context_.contract.limits.streams_total, 503, "");
  }

 private:
  const CheckContext& context_;
  LimitsFold fold_;
};

class PerUser final : public Fold<PerUser> {
 public:
  explicit PerUser(const CheckContext& context) : context_(context), fold_(context) {}
  void on(const Record& record) override { fold_.on(record); }
  void absorb(const PerUser& other) { fold_.merge(other.fold_); }
  Finding judge(const Noise& noise) const override {
    return judge_limit(fold_.of_user(noise), *context_.contract.limits.streams_per_user, 429,
                       " of one user");
  }

 private:
  const CheckContext& context_;
  LimitsFold fold_;
};

class Freed final : public Fold<Freed> {
 public:
  static constexpr std::uint64_t places_min = 2;

  explicit Freed(const CheckContext& context) : context_(context), fold_(context) {}
  void on(const Record& record) override { fold_.on(record); }
  void absorb(const Freed& other) { fold_.merge(other.fold_); }

  Finding judge(const Noise& noise) const override {
    const auto& limits = context_.contract.limits;
    const bool users = has(context_.target, Capability::users) && limits.streams_per_user;
    const auto total = limits.streams_total ? fold_.in_total(noise) : Admission{};
    const auto user = users ? fold_.of_user(noise) : Admission{};
    const auto left = due(total) + due(user);
    const auto taken = total.taken_again + user.taken_again;
    EvidenceList ghosts = total.ghosts;
    ghosts.merge(user.ghosts);
    auto result =
        finding(Verdict::inconclusive, fmt::format("{} places left, {} taken again", left, taken),
                fmt::format("free again in {}", format_duration(*fold_.freed_within(Leave::fin))));
    result.counts = {
        {"left", left}, {"taken again", taken}, {"refused though free", ghosts.total()}};
    for (const auto how :
         {Leave::closed, Leave::fin, Leave::reset, Leave::half_close, Leave::vanish}) {
      const auto index = static_cast<std::size_t>(how);
      result.counts.emplace_back(word(how), total.left[index] + user.left[index]);
    }
    if (ghosts.total() > 0) {
      result.verdict = Verdict::fail;
      result.evidence = ghosts.items();
      result.reason = fmt::format(
          "clients were refused though places were free again, after streams had left by {}; give "
          "a place back whenever and however its stream ends",
          ways(total, user));
    } else if (left < places_min) {
      result.reason = fmt::format("{} streams left when the limit had been reached, {} are needed",
                                  left, places_min);
    } else if (taken < left) {
      result.reason = fmt::format(
          "{} places were left and only {} asked for again; let more clients ask, or for longer",
          left, taken);
    } else {
      result.verdict = Verdict::pass;
    }
    return result;
  }

 private:
  static std::string_view word(Leave how) {
    switch (how) {
      case Leave::by_target:
        return "by target";
      case Leave::closed:
        return "close";
      case Leave::fin:
        return "FIN";
      case Leave::reset:
        return "reset";
      case Leave::half_close:
        return "half-close";
      case Leave::vanish:
        return "vanishing";
    }
    return "";
  }

  /// Places whose return is promised; nothing is, where the limit was never reached.
  [[nodiscard]] std::uint64_t due(const Admission& admission) const {
    if (admission.refused == 0) return 0;
    std::uint64_t sum = 0;
    for (std::size_t i = 1; i < admission.left.size(); ++i) {
      if (fold_.freed_within(static_cast<Leave>(i))) sum += admission.left[i];
    }
    return sum;
  }

  static std::string ways(const Admission& total, const Admission& user) {
    std::string text;
    for (std::size_t i = 0; i < total.left.size(); ++i) {
      if (total.left[i] + user.left[i] == 0) continue;
      text += fmt::format("{}{}", text.empty() ? "" : ", ", word(static_cast<Leave>(i)));
    }
    return text;
  }

  const CheckContext& context_;
  LimitsFold fold_;
};

}  // namespace

CheckSpec limits_per_user() {
  return {.id = "limits.per-user",
          .level = Level::must,
          .requirement = "One user has as many streams as stated, and 429 beyond.",
          .source = "RFC 6585 4; contract limits.streams_per_user",
          .needs = {Capability::users},
          .not_stated = [](const Contract& contract) -> std::string {
            return contract.limits.streams_per_user ? "" : "limits.streams_per_user";
          },
          .make = &make_check<PerUser>,
          .wants = LimitsFold::wants};
}

CheckSpec limits_total() {
  return {.id = "limits.total",
          .level = Level::must,
          .requirement = "As many streams as stated are admitted, and 503 beyond.",
          .source = "RFC 9110 15.6.4; contract limits.streams_total",
          .needs = {},
          .not_stated = [](const Contract& contract) -> std::string {
            return contract.limits.streams_total ? "" : "limits.streams_total";
          },
          .make = &make_check<Total>,
          .wants = LimitsFold::wants};
}

CheckSpec limits_freed() {
  return {.id = "limits.freed",
          .level = Level::must,
          .requirement = "However a stream ends, its place is given to another in time.",
          .source = "FIELD F27; contract limits",
          .needs = {},
          .not_stated = [](const Contract& contract) -> std::string {
            return contract.limits.streams_total || contract.limits.streams_per_user ? ""
                                                                                     : "limits";
          },
          .make = &make_check<Freed>,
          .wants = LimitsFold::wants,
          .timing = true};
}

}  // namespace streamgauge

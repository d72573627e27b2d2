// backpressure.no-silent-loss and backpressure.lag-notice-exact: what is dropped is announced, and
// the number in the notice is the number of events that are missing.
#include "harness/core/check/lag_fold.hpp"

namespace streamgauge {

namespace {

class NoSilentLoss final : public Fold<NoSilentLoss> {
 public:
  explicit NoSilentLoss(const CheckContext& context) : fold_(context) {}

  void on(const Record& record) override { fold_.on(record); }
  void absorb(const NoSilentLoss& other) { fold_.merge(other.fold_); }

  Finding judge(const Noise&) const override {
    std::uint64_t silent = 0, announced = 0;
    bool overflowed = fold_.overflowed();
    EvidenceList evidence;
    for (const auto& account : fold_.unsettled()) {
      overflowed = overflowed || account.overflowed;
      const auto missing = fold_.missing(account);
      if (account.unreadable || missing <= account.announced) {
        announced += account.notices > 0 ? 1u : 0u;
        continue;
      }
      silent += missing - account.announced;
      const auto& hole = account.holes.front();
      evidence.add({account.at, account.stream,
                    fmt::format("seq {} first missing, {} events in all, {} announced",
                                seq_range(hole.from, hole.to), missing, account.announced)});
    }
    auto result = finding(Verdict::pass,
                          fmt::format("{} silent, {} announced, {} closed", silent,
                                      fold_.settled() + announced, fold_.cut()),
                          "0");
    result.counts = {{"lost silently", silent},
                     {"notices", fold_.notices()},
                     {"closed", fold_.cut()},
                     {"events", fold_.events()}};
    if (silent > 0 && !overflowed) {
      result.verdict = Verdict::fail;
      result.reason = fmt::format(
          "{} events were dropped without a word on {} connections that stayed open; announce how "
          "many were dropped, or close the connection so that the client can resume",
          silent, evidence.total());
      result.evidence = evidence.items();
    } else if (overflowed) {
      result.verdict = Verdict::inconclusive;
      result.reason = "more holes or failed publishes than can be kept apart";
    } else if (fold_.notices() + fold_.cut() == 0) {
      result.verdict = Verdict::inconclusive;
      result.reason =
          "nothing was dropped and no stopped reader was closed: no queue overflowed; "
          "publish more to readers that stopped";
    }
    return result;
  }

 private:
  LagFold fold_;
};

class LagNoticeExact final : public Fold<LagNoticeExact> {
 public:
  explicit LagNoticeExact(const CheckContext& context) : fold_(context) {}

  void on(const Record& record) override { fold_.on(record); }
  void absorb(const LagNoticeExact& other) { fold_.merge(other.fold_); }

  Finding judge(const Noise&) const override {
    std::uint64_t exact = fold_.settled(), wrong = 0, unreadable = 0;
    bool overflowed = fold_.overflowed();
    EvidenceList evidence;
    for (const auto& account : fold_.unsettled()) {
      if (account.notices == 0) continue;  // silent: backpressure.no-silent-loss
      overflowed = overflowed || account.overflowed;
      const auto missing = fold_.missing(account);
      if (account.unreadable) {
        ++unreadable;
        evidence.add({account.at, account.stream, "a notice without a number"});
      } else if (missing == account.announced) {
        ++exact;
      } else if (!(account.notice_is_last && account.announced > missing)) {
        ++wrong;
        evidence.add({account.at, account.stream,
                      fmt::format("announced {}, missing {}", account.announced, missing)});
      }
    }
    auto result =
        finding(Verdict::pass,
                fmt::format("{} losses announced exactly, {} not", exact, wrong + unreadable),
                "announced = missing");
    result.counts = {{"notices", fold_.notices()},
                     {"exact", exact},
                     {"wrong", wrong},
                     {"without a number", unreadable}};
    if (wrong + unreadable > 0 && !overflowed) {
      result.verdict = Verdict::fail;
      result.reason = fmt::format(
          "{} losses were announced with a wrong number and {} without any (the first: {}); count "
          "each dropped event once and reset the count with the notice",
          wrong, unreadable, evidence.items().front().what);
      result.evidence = evidence.items();
    } else if (overflowed) {
      result.verdict = Verdict::inconclusive;
      result.reason = "more holes or failed publishes than can be kept apart";
    } else if (exact == 0) {
      result.verdict = Verdict::inconclusive;
      result.reason =
          fold_.notices() == 0
              ? "no lag notice arrived: nothing was dropped, or its reader never came back"
              : "no event followed the notices, so that the loss could not be counted";
    }
    return result;
  }

 private:
  LagFold fold_;
};

}  // namespace

CheckSpec backpressure_no_silent_loss() {
  return {.id = "backpressure.no-silent-loss",
          .level = Level::must,
          .requirement = "An event that is dropped is announced, or the connection is closed.",
          .source = "contract queue.overflow, queue.lag_event",
          .needs = {Capability::publish},
          .not_stated = [](const Contract& contract) -> std::string {
            if (!contract.queue) return "queue";
            const bool drops = contract.queue->overflow != Overflow::disconnect;
            return drops && contract.queue->lag_event.empty() ? "queue.lag_event" : "";
          },
          .make = &make_check<NoSilentLoss>,
          .wants = LagFold::wants};
}

CheckSpec backpressure_lag_notice_exact() {
  return {.id = "backpressure.lag-notice-exact",
          .level = Level::must,
          .requirement = "A lag notice tells exactly how many events are missing.",
          .source = "contract queue.lag_event",
          .needs = {Capability::publish},
          .not_stated = [](const Contract& contract) -> std::string {
            return contract.queue && !contract.queue->lag_event.empty() ? "" : "queue.lag_event";
          },
          .make = &make_check<LagNoticeExact>,
          .wants = LagFold::wants};
}

}  // namespace streamgauge

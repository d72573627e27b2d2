// path.not-cached: a new reader gets the stream as it is, not a copy of somebody else's.
//
// A reader that asks for the address of another one, without a Last-Event-ID, is owed what comes
// from now on. One that gets an event from before it connected was answered from a store.
#include <fmt/format.h>

#include "harness/core/base/units.hpp"
#include "harness/core/check/checks.hpp"
#include "harness/core/check/finding.hpp"
#include "harness/core/check/fold.hpp"

namespace streamgauge {

namespace {

class NotCached final : public Fold<NotCached> {
 public:
  /// An event on its way while a reader connects may still reach it.
  static constexpr Duration on_its_way = std::chrono::milliseconds{500};

  explicit NotCached(const CheckContext& context)
      : run_(context.run), direct_(context.path.empty()) {}

  void on(const Record& record) override {
    State& state = streams_[record.stream];
    if (const auto* connecting = std::get_if<fact::Connecting>(&record.fact)) {
      state = {record.at, !connecting->sends_last_event_id};
      return;
    }
    const auto* event = std::get_if<fact::Event>(&record.fact);
    if (event == nullptr || !event->envelope || event->envelope->run != run_ || !state.fresh) {
      return;
    }
    state.fresh = false;
    ++fresh_;
    const Duration older = state.at - event->envelope->intended;
    if (older <= on_its_way) return;
    stale_.add({record.at, record.stream,
                fmt::format("first event seq {} is {} older than the connection",
                            event->envelope->seq, format_duration(older))});
  }

  void absorb(const NotCached& other) {
    streams_.merge(other.streams_);
    fresh_ += other.fresh_;
    stale_.merge(other.stale_);
  }

  Finding judge(const Noise&) const override {
    auto result = finding(
        Verdict::pass, fmt::format("{} of {} new readers got a copy", stale_.total(), fresh_), "0");
    result.counts = {{"new readers", fresh_}, {"stale", stale_.total()}};
    if (direct_) {
      result.verdict = Verdict::skip;
      result.reason = "there is no proxy on the path that could keep a copy";
    } else if (stale_.total() > 0) {
      result.verdict = Verdict::fail;
      result.reason = fmt::format(
          "{} readers that were new began with events from before they came: something on the "
          "path answers from its store; event streams must be passed, never cached",
          stale_.total());
      result.evidence = stale_.items();
    } else if (fresh_ < 2) {
      result.verdict = Verdict::inconclusive;
      result.reason = fmt::format(
          "{} new readers got an event, two are needed: the second one could get a copy", fresh_);
    }
    return result;
  }

 private:
  struct State {
    Instant at{};
    bool fresh = false;  // no event yet on a connection without Last-Event-ID
  };

  std::uint32_t run_;
  bool direct_;
  PerStream<State> streams_;
  std::uint64_t fresh_ = 0;
  EvidenceList stale_;
};

}  // namespace

CheckSpec path_not_cached() {
  return {.id = "path.not-cached",
          .level = Level::must,
          .requirement = "A new reader gets the stream as it is, never a stored copy.",
          .source = "WHATWG HTML 9.2.3 (cache mode no-store); FIELD section 4",
          .needs = {Capability::publish},
          .not_stated = nullptr,
          .make = &make_check<NotCached>,
          .wants = facts<fact::Connecting, fact::Event>()};
}

}  // namespace streamgauge

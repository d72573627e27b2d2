// identity.newest-wins: of two streams with one id the newer one stays and the older one is ended,
// and the late end of the older one takes nothing from the newer (F27).
//
// Pairs come from the scenario: groups whose patterns give two streams the same id. The newer is
// the one that opened later. What "stays" means is told by events: a stream that is registered no
// longer looks open for ever and gets nothing.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <vector>

#include "harness/core/base/units.hpp"
#include "harness/core/check/band.hpp"
#include "harness/core/check/checks.hpp"
#include "harness/core/check/finding.hpp"
#include "harness/core/check/members.hpp"
#include "harness/core/check/publish_trail.hpp"
#include "harness/core/check/timeline.hpp"

namespace streamgauge {

namespace {

// What was answered so long before the end must have arrived, wherever the last events are.
constexpr Duration arrives_within = std::chrono::milliseconds{500};

class NewestWins final : public Fold<NewestWins> {
 public:
  explicit NewestWins(const CheckContext& context)
      : context_(context),
        within_(context.contract.identity.value_or(IdentityTerms{}).closed_within),
        timeline_(context.scenario) {}

  void on(const Record& record) override {
    timeline_.on(record);
    if (const auto* published = std::get_if<fact::Published>(&record.fact)) {
      trail_.on(*published, record.at);
    }
    if (record.stream == no_stream) return;
    timeline_.see(record.at);
    auto& state = streams_[record.stream];
    if (const auto* event = std::get_if<fact::Event>(&record.fact)) {
      if (event->envelope && event->envelope->run == context_.run) {
        state.highest = std::max(state.highest, event->envelope->seq);
      }
      return;
    }
    if (std::holds_alternative<fact::Aborted>(record.fact)) state.aborted = true;
    const bool opened = std::holds_alternative<fact::Headers>(record.fact);
    state.life.on(record);
    if (opened && !state.life.open) state.refused = true;
    if (opened && state.life.open && state.first_opened == Instant{}) {
      state.first_opened = record.at;
    }
  }

  void absorb(const NewestWins& other) {
    timeline_.merge(other.timeline_);
    trail_.merge(other.trail_);
    streams_.merge(other.streams_);
  }

  Finding judge(const Noise& noise) const override {
    Tally tally;
    for (const auto& [id, members] : pairs()) judge_id(id, members, noise, tally);
    auto result = finding(Verdict::pass,
                          fmt::format("{} replaced, the older ended after {}", tally.pairs,
                                      format_duration(tally.ends.worst())),
                          fmt::format("{} {}", format_duration(within_),
                                      widened_text(widening_of_worst(noise), noise)));
    result.counts = {{"ids with two streams", tally.pairs},
                     {"older one kept", tally.kept},
                     {"newer one ended or refused", tally.lost},
                     {"newer one forgotten", tally.deaf}};
    result.evidence = tally.evidence.items();
    if (tally.kept + tally.lost + tally.deaf > 0) {
      result.verdict = Verdict::fail;
      result.reason = reason(tally);
    } else if (tally.pairs == 0) {
      result.verdict = Verdict::inconclusive;
      result.reason =
          "no two streams with the same id were open at once; at least 1 pair is needed";
    } else {
      judge_times(tally.ends, noise, result);
    }
    return result;
  }

 private:
  void judge_times(const Observations& ends, const Noise& noise, Finding& result) const {
    const auto reach = reach_of_worst(ends.worst(), within_, within_, noise);
    if (reach == Reach::within) return;
    result.verdict = reach == Reach::drowned ? Verdict::inconclusive : Verdict::fail;
    result.reason = reach == Reach::drowned
                        ? drowned_reason(noise, within_)
                        : fmt::format(
                              "older streams were ended only after {}; end the old stream when the "
                              "new one registers",
                              format_duration(ends.worst()));
    result.evidence = ends.evidence_above(within_, "the older stream was ended after");
  }

  struct State {
    StreamLife life;
    Instant first_opened{};
    std::uint64_t highest = 0;
    bool aborted = false;
    bool refused = false;
  };
  struct Tally {
    std::uint64_t pairs = 0, kept = 0, lost = 0, deaf = 0;
    Observations ends;
    EvidenceList evidence;
  };

  [[nodiscard]] std::map<std::string, std::vector<StreamId>> pairs() const {
    std::map<std::string, std::vector<StreamId>> by_id;
    streams_.each([&](StreamId stream, const State&) {
      const auto id = identity_of(context_.scenario, stream);
      if (!id.empty()) by_id[id].push_back(stream);
    });
    return by_id;
  }

  /// Each one against the next; a refused newcomer never opened, but came.
  void judge_id(const std::string& id, std::vector<StreamId> members, const Noise& noise,
                Tally& tally) const {
    std::erase_if(members, [&](StreamId stream) {
      const State& state = *streams_.find(stream);
      return state.first_opened == Instant{} && !state.refused;  // never got that far
    });
    std::stable_sort(members.begin(), members.end(), [&](StreamId a, StreamId b) {
      return came_later(*streams_.find(b), *streams_.find(a));
    });
    for (std::size_t i = 1; i < members.size(); ++i) {
      const State& older = *streams_.find(members[i - 1]);
      const State& newer = *streams_.find(members[i]);
      if (older.first_opened == Instant{}) return;
      ++tally.pairs;
      if (newer.first_opened == Instant{}) {
        ++tally.lost;
        tally.evidence.add({timeline_.end(), members[i],
                            fmt::format("refused, while an older stream of id '{}' was open", id)});
        return;
      }
      judge_older(id, older, newer, members[i], tally);
    }
    if (members.size() > 1) {
      judge_newer(id, *streams_.find(members.back()), members.back(), noise, tally);
    }
  }

  [[nodiscard]] static bool came_later(const State& a, const State& b) {
    const bool a_refused = a.first_opened == Instant{};
    return a_refused || (b.first_opened != Instant{} && a.first_opened > b.first_opened);
  }

  void judge_older(const std::string& id, const State& older, const State& newer, StreamId newer_id,
                   Tally& tally) const {
    if (older.aborted) return;  // it had left by itself: nobody can see when it was given up
    if (older.life.ended_by_target()) {
      if (older.life.ended_at() > newer.first_opened) {
        tally.ends.add(older.life.ended_at() - newer.first_opened, older.life.ended_at(), newer_id);
      }
      return;
    }
    if (timeline_.end() - newer.first_opened < within_) return;
    ++tally.kept;
    tally.evidence.add({newer.first_opened, newer_id,
                        fmt::format("the newer stream of id '{}'; the older one stays open", id)});
  }

  void judge_newer(const std::string& id, const State& newer, StreamId stream, const Noise& noise,
                   Tally& tally) const {
    if (newer.aborted) return;
    if (!newer.life.open_at(timeline_.end())) {
      if (newer.life.ended_by_target()) {
        ++tally.lost;
        tally.evidence.add({newer.life.ended_at(), stream,
                            fmt::format("the newest stream of id '{}' was ended", id)});
      }
      return;
    }
    const auto due = trail_.answered_by(
        newer.life.channel, timeline_.end() - arrives_within - widening_of_worst(noise));
    const auto since = trail_.begun_from(newer.life.channel, newer.life.opened_at);
    if (!since || *since > due || newer.highest >= due) return;
    ++tally.deaf;
    tally.evidence.add(
        {newer.life.opened_at, stream,
         fmt::format("open, but nothing after seq={} of {} (id '{}')", newer.highest, due, id)});
  }

  [[nodiscard]] static std::string reason(const Tally& tally) {
    if (tally.deaf > 0) {
      return fmt::format(
          "{} streams were still open but got nothing after the older stream of their id had "
          "ended: "
          "its late close unregistered them (F27); compare the stream before removing an id",
          tally.deaf);
    }
    if (tally.lost > 0) {
      return fmt::format(
          "{} newer streams were refused or ended while the older one of the same id lived on; the "
          "newest stream of an id must win",
          tally.lost);
    }
    return fmt::format(
        "{} older streams stayed open beside a newer one of the same id; end the old stream when "
        "the new one registers",
        tally.kept);
  }

  const CheckContext& context_;
  Duration within_;
  Timeline timeline_;
  PublishTrail trail_;
  PerStream<State> streams_;
};

}  // namespace

CheckSpec identity_newest_wins() {
  return {.id = "identity.newest-wins",
          .level = Level::must,
          .requirement =
              "A new stream with an id ends the older one, and nothing of the old one's "
              "end harms the new.",
          .source = "contract identity.newest_wins",
          .needs = {Capability::identity, Capability::publish},
          .not_stated = [](const Contract& contract) -> std::string {
            return contract.identity && contract.identity->newest_wins ? ""
                                                                       : "identity.newest_wins";
          },
          .make = &make_check<NewestWins>,
          .wants = StreamLife::wants | Timeline::wants |
                   facts<fact::Event, fact::Published, fact::Aborted>()};
}

}  // namespace streamgauge

// eviction.frees-slot: what a reader that was given up has held is given back: its descriptor, and
// its place among the streams of its user.
//
// Descriptors open late in the run (the fewest, at least half a second after the last eviction and
// before the end) against their median in the control phase, less one for each reader given up.
// Connections of the publisher come and go: four are tolerated, but never more than half of what
// was to be freed.
// Places, where the contract limits the streams of a user and the scenario gives one user to
// several streams: who joins later as that user is admitted once the evicted ones, and nobody else,
// have left. A refusal is held against the target when, without those that were given up half a
// second before, fewer streams than stated can have been open; an admission shows that a place was
// free again when, with them, the limit would have been reached.
#include <fmt/format.h>

#include <algorithm>

#include "harness/core/check/band.hpp"
#include "harness/core/check/checks.hpp"
#include "harness/core/check/descriptor_track.hpp"
#include "harness/core/check/finding.hpp"
#include "harness/core/check/members.hpp"
#include "harness/core/check/stopped_reader.hpp"
#include "harness/core/check/timeline.hpp"

namespace streamgauge {

namespace {

constexpr int too_many_of_user = 429;
constexpr int too_many = 503;

class FreesSlot final : public Fold<FreesSlot> {
 public:
  static constexpr std::uint64_t slack = 4;
  static constexpr std::uint64_t evicted_min = 2;
  static constexpr Duration settled_after = std::chrono::milliseconds{500};

  explicit FreesSlot(const CheckContext& context)
      : context_(context), timeline_(context.scenario) {}

  void on(const Record& record) override {
    if (const auto* sample = std::get_if<fact::Sample>(&record.fact)) {
      timeline_.see(record.at);
      descriptors_.add(record.at, sample->descriptors);
    } else if (record.stream == no_stream) {
      timeline_.on(record);
    } else {
      timeline_.see(record.at);
      auto& state = streams_[record.stream];
      (void)state.reader.on(record);
      state.life.on(record);
      if (std::holds_alternative<fact::Connecting>(record.fact)) {
        state.began = record.at;
      } else if (const auto* headers = std::get_if<fact::Headers>(&record.fact)) {
        if (state.answers++ == 0) state.first = {state.began, record.at, headers->status};
      }
    }
  }

  void absorb(const FreesSlot& other) {
    timeline_.merge(other.timeline_);
    streams_.merge(other.streams_);
    descriptors_.merge(other.descriptors_);
  }

  Finding judge(const Noise& noise) const override {
    std::uint64_t evicted = 0;
    Instant last_gone{};
    streams_.each([&](StreamId, const State& state) {
      if (!state.reader.cut) return;
      if (state.life.open && !state.life.gone) return;  // it has connected again: nothing is freed
      ++evicted;
      last_gone = std::max(last_gone, state.reader.cut_at);
    });
    const auto control = descriptors_.median(timeline_, PhaseKind::control);
    const auto late = descriptors_.least(last_gone + settled_after, timeline_.end() - Duration{1});
    const auto before = control.value_or(0);
    const auto spare = std::min(slack, evicted / 2);
    const auto bound = before + spare - std::min(before + spare, evicted);
    const auto places = judge_places(noise);
    auto result = finding(
        Verdict::pass,
        fmt::format("{0} descriptors, {1} after {2} given up", before, late.value_or(0), evicted),
        fmt::format("{}", bound));
    result.counts = {{"before", before},
                     {"after", late.value_or(0)},
                     {"given up", evicted},
                     {"places asked for", places.asked},
                     {"places given again", places.given},
                     {"refused though free", places.kept.total()}};
    if (evicted < evicted_min || !control || !late) {
      result.verdict = Verdict::inconclusive;
      result.reason =
          evicted < evicted_min
              ? fmt::format("{} readers were given up, {} are needed", evicted, evicted_min)
              : std::string{
                    "no sample of descriptors in the control phase, or after the "
                    "last eviction"};
    } else if (places.kept.total() > 0) {
      result.verdict = Verdict::fail;
      result.measured = fmt::format("{} refused after {} given up", places.kept.total(), evicted);
      result.bound = "the places of who was given up";
      result.reason = fmt::format(
          "{} streams were refused in the place of readers that had been given up: they are still "
          "registered; take a stream out of the register, its user's count and memory when it is "
          "evicted, by the same way as when its peer closes (F27)",
          places.kept.total());
      result.evidence = places.kept.items();
    } else if (*late > bound) {
      result.verdict = Verdict::fail;
      result.reason = fmt::format(
          "{} readers were given up but {} descriptors are still open, {} more than expected; "
          "close the socket when a stream is evicted, not when its peer closes",
          evicted, *late, *late - bound);
      result.evidence = {
          {last_gone, no_stream, fmt::format("{} descriptors before, {} after", before, *late)}};
    } else if (places.due && places.given == 0) {
      result.verdict = Verdict::inconclusive;
      result.reason = fmt::format(
          "{} streams asked for the place of a reader that had been given up, and none was "
          "answered in a way that tells; let one join as its user after the eviction",
          places.asked);
    }
    return result;
  }

 private:
  struct Answer {
    Instant began{};
    Instant at{};
    int status = 0;
  };
  struct State {
    StoppedReader reader;
    StreamLife life;
    Instant began{};  // the current attempt
    Answer first;     // of its answers
    std::uint32_t answers = 0;
  };
  struct Places {
    bool due = false;  // the scenario lets somebody ask, under a limit that is stated
    std::uint64_t asked = 0;
    std::uint64_t given = 0;
    EvidenceList kept;
  };
  struct Taken {
    std::uint64_t with_evicted = 0;
    std::uint64_t without = 0;
  };

  [[nodiscard]] bool asks_later(const State& state) const {
    const auto& groups = context_.scenario.groups;
    return state.life.group < groups.size() && groups[state.life.group].joins_later &&
           !shared_user(context_.scenario, state.life.group).empty();
  }

  [[nodiscard]] Places judge_places(const Noise& noise) const {
    Places places;
    const auto limit = context_.contract.limits.streams_per_user;
    if (!limit || !has(context_.target, Capability::users)) return places;
    for (const auto& group : context_.scenario.groups) {
      places.due = places.due || (group.joins_later && !group.user.empty());
    }
    streams_.each([&](StreamId id, const State& state) {
      if (!asks_later(state) || state.answers == 0) return;
      ++places.asked;
      const auto taken = taken_by(shared_user(context_.scenario, state.life.group), id, state.first,
                                  settled_after + widening_of_worst(noise));
      if (taken.with_evicted < *limit || taken.without >= *limit) return;
      if (state.first.status == 200) {
        ++places.given;
      } else if (state.first.status == too_many_of_user || state.first.status == too_many) {
        places.kept.add({state.first.at, id,
                         fmt::format("status {} with {} of {} places taken", state.first.status,
                                     taken.without, *limit)});
      }
    });
    return places;
  }

  /// Streams of the user, but for `asking`, that may have held a place when it asked.
  [[nodiscard]] Taken taken_by(const std::string& user, StreamId asking, const Answer& answer,
                               Duration settled) const {
    Taken taken;
    streams_.each([&](StreamId id, const State& other) {
      if (id == asking || other.first.status != 200 || other.first.began > answer.at) return;
      if (shared_user(context_.scenario, other.life.group) != user) return;
      ++taken.with_evicted;
      const bool given_up =
          other.reader.cut && other.answers == 1 && other.reader.cut_at + settled < answer.began;
      taken.without += given_up ? 0u : 1u;
    });
    return taken;
  }

  const CheckContext& context_;
  Timeline timeline_;
  PerStream<State> streams_;
  DescriptorTrack descriptors_;
};

}  // namespace

CheckSpec eviction_frees_slot() {
  return {.id = "eviction.frees-slot",
          .level = Level::must,
          .requirement = "A reader that is given up frees its descriptor and its user's place.",
          .source = "contract eviction.stalled_after, limits.streams_per_user; FIELD F27",
          .needs = {Capability::local_process},
          .not_stated = [](const Contract& contract) -> std::string {
            return contract.eviction ? "" : "eviction";
          },
          .make = &make_check<FreesSlot>,
          .wants = StreamLife::wants | Timeline::wants | facts<fact::Sample>()};
}

}  // namespace streamgauge

#include "harness/core/check/abort_fold.hpp"

#include <fmt/format.h>

#include "harness/core/base/units.hpp"
#include "harness/core/check/band.hpp"
#include "harness/core/check/descriptor_track.hpp"
#include "harness/core/check/finding.hpp"
#include "harness/core/check/fold.hpp"
#include "harness/core/check/timeline.hpp"

namespace streamgauge {

namespace {

class AbortWatch final : public Fold<AbortWatch> {
 public:
  static constexpr std::uint64_t aborts_min = 8;
  // Connections of the publisher and of polls come and go.
  static constexpr std::uint64_t slack = 3;

  AbortWatch(const CheckContext& context, AbortWords words)
      : words_(words),
        heartbeat_(context.contract.heartbeat.value_or(HeartbeatTerms{})),
        timeline_(context.scenario) {}

  void on(const Record& record) override {
    if (const auto* sample = std::get_if<fact::Sample>(&record.fact)) {
      timeline_.see(record.at);
      track_.add(record.at, sample->descriptors);
      return;
    }
    if (record.stream == no_stream) return timeline_.on(record);
    timeline_.see(record.at);
    auto& state = streams_[record.stream];
    if (const auto* aborted = std::get_if<fact::Aborted>(&record.fact)) {
      if (aborted->kind == AbortKind::fin || aborted->kind == AbortKind::reset) {
        ++aborts_[static_cast<std::size_t>(aborted->kind)];
        last_abort_ = std::max(last_abort_, record.at);
      } else {
        ++state.others;
      }
    } else if (std::holds_alternative<fact::Deafened>(record.fact)) {
      ++state.others;
    } else if (std::holds_alternative<fact::PeerGone>(record.fact) && state.others > 0) {
      --state.others;
    }
    const bool was_connected = state.life.connected;
    state.life.on(record);
    if (!was_connected && state.life.connected && state.connected_at == Instant{}) {
      state.connected_at = record.at;
    }
  }

  void absorb(const AbortWatch& other) {
    timeline_.merge(other.timeline_);
    streams_.merge(other.streams_);
    track_.merge(other.track_);
    for (std::size_t i = 0; i < aborts_.size(); ++i) aborts_[i] += other.aborts_[i];
    last_abort_ = std::max(last_abort_, other.last_abort_);
  }

  Finding judge(const Noise& noise) const override {
    const auto margin = scaled(heartbeat_.every, 2 * heartbeat_.tolerance);
    const auto bound = 2 * heartbeat_.every + margin;
    const auto due = last_abort_ + bound + widening_of_worst(noise);
    const auto control = timeline_.first(PhaseKind::control);
    const auto before = track_.median(timeline_, PhaseKind::control);
    const auto after = track_.least(due, timeline_.end());
    std::uint64_t held_before = 0, held_after = 0;
    streams_.each([&](StreamId, const State& state) {
      if (control && state.connected_at != Instant{} && state.connected_at <= *control) {
        ++held_before;
      }
      // Clients that vanished or went deaf are others' business: they may still be held.
      held_after += state.others;
      const bool until_end = state.life.closed && state.life.closed_at >= timeline_.end();
      if ((state.life.connected && !state.life.gone) || until_end) ++held_after;
    });
    const auto aborts = aborts_[0] + aborts_[1];
    const auto own = before.value_or(0) - std::min(before.value_or(0), held_before);
    const auto allowed = own + held_after + std::min(slack, aborts / 2);
    const auto left = after.value_or(0) - std::min(after.value_or(0), allowed);
    auto result = finding(
        Verdict::pass,
        fmt::format("{} left, {} descriptors, {} clients", aborts, after.value_or(0), held_after),
        fmt::format("{} within {}", allowed, format_duration(bound)));
    result.counts = {{"by FIN", aborts_[0]},
                     {"by RST", aborts_[1]},
                     {"descriptors before", before.value_or(0)},
                     {"clients before", held_before},
                     {"descriptors after", after.value_or(0)},
                     {"clients after", held_after},
                     {"held for nobody", left}};
    if (aborts < aborts_min || !before || !after) {
      result.verdict = Verdict::inconclusive;
      result.reason =
          aborts < aborts_min
              ? fmt::format("{} clients left by FIN or reset, {} are needed", aborts, aborts_min)
              : fmt::format(
                    "no sample of descriptors in the control phase, or {} after the last "
                    "client had left",
                    format_duration(bound));
    } else if (left > 0 && (!noise.measured || noise.lag_max > bound)) {
      result.verdict = Verdict::inconclusive;
      result.reason = drowned_reason(noise, bound);
    } else if (left > 0) {
      result.verdict = Verdict::fail;
      result.reason = fmt::format(
          "{} clients left, and {} later {} still holds {} descriptors beyond those of "
          "the {} that stay; {}",
          aborts, format_duration(bound), words_.whose, left, held_after, words_.remedy);
      result.evidence = {{last_abort_, no_stream,
                          fmt::format("{} descriptors with {} clients before, {} with {} after",
                                      *before, held_before, *after, held_after)}};
    }
    return result;
  }

 private:
  struct State {
    StreamLife life;
    Instant connected_at{};    // for the first time
    std::uint32_t others = 0;  // connections left in ways that the target cannot see at once
  };

  AbortWords words_;
  HeartbeatTerms heartbeat_;
  Timeline timeline_;
  PerStream<State> streams_;
  DescriptorTrack track_;
  std::array<std::uint64_t, 2> aborts_{};
  Instant last_abort_{};
};

}  // namespace

std::unique_ptr<Check> make_abort_watch(const CheckContext& context, AbortWords words) {
  return std::make_unique<AbortWatch>(context, words);
}

std::uint32_t abort_watch_wants() {
  return StreamLife::wants | Timeline::wants | facts<fact::Aborted, fact::Deafened, fact::Sample>();
}

}  // namespace streamgauge

// backpressure.overflow-as-stated: a queue that overflows does what the contract says.
//
// A reader's queue must have overflowed when more was published while it did not read than the
// queue and the kernel's buffers can hold (stopped_reader.hpp). Then, by the stated policy:
//   disconnect    the target ends the connection;
//   drop-oldest   the last event before the reader went on arrives, older ones are missing;
//   drop-newest   the last event before the reader went on is missing, older ones arrive.
// A reader that goes on does so at the pace of its own small buffers. When as much is published as
// the queue holds before it has caught up with what came after it went on, drop-oldest may have
// dropped that last event, too: then the reader tells nothing.
// A reader that gets a backlog larger than queue and kernel together has found a larger queue than
// stated, or one without bound.
#include "harness/core/check/band.hpp"
#include "harness/core/check/delivery_fold.hpp"
#include "harness/core/check/stopped_reader.hpp"

namespace streamgauge {

namespace {

// An event that is published this shortly before the reader goes on may meet an emptied queue.
constexpr Duration settled_before = std::chrono::milliseconds{100};

class OverflowAsStated final : public Fold<OverflowAsStated> {
 public:
  explicit OverflowAsStated(const CheckContext& context)
      : context_(context),
        queue_(context.contract.queue.value_or(QueueTerms{})),
        timeline_(context.scenario) {}

  void on(const Record& record) override {
    if (const auto* event = std::get_if<fact::Event>(&record.fact)) {
      if (!event->envelope || event->envelope->run != context_.run) return;
      auto& state = streams_[record.stream];
      if (state.reader.over) return;
      (void)state.ledger.take(event->envelope->seq, record.at);
      const auto& life = state.reader.life;
      if (!life.resumed) return;
      if (event->envelope->intended < life.resumed_at) {
        state.backlog_bytes += event->data.size();
      } else {
        state.caught_up_at = std::min(state.caught_up_at, record.at);
      }
    } else if (const auto* published = std::get_if<fact::Published>(&record.fact)) {
      trail_.on(*published, record.at);
    } else if (record.stream == no_stream) {
      timeline_.on(record);
    } else {
      timeline_.see(record.at);
      auto& state = streams_[record.stream];
      if (std::holds_alternative<fact::Headers>(record.fact) && !state.reader.life.ever_stopped) {
        state.ledger = SeqLedger{};
      }
      (void)state.reader.on(record);
    }
  }

  void absorb(const OverflowAsStated& other) {
    timeline_.merge(other.timeline_);
    streams_.merge(other.streams_);
    trail_.merge(other.trail_);
  }

  Finding judge(const Noise& noise) const override {
    Tally tally;
    tally.slow_to_go_on = settled_before / 2 + widening_of_worst(noise);
    streams_.each([&](StreamId id, const State& state) {
      if (!state.reader.life.ever_stopped || !state.reader.life.ever_open) return;
      judge_reader(id, state, tally);
    });
    auto result = finding(
        Verdict::pass,
        fmt::format("{} of {} overflowed as stated", tally.as_stated,
                    tally.as_stated + tally.wrong.total()),
        fmt::format("{}, holding {}", policy(), format_size(queue_size() + tally.kernel_max)));
    result.counts = {{"readers stopped", tally.stopped},   {"overflowed", tally.overflowed},
                     {"as stated", tally.as_stated},       {"otherwise", tally.wrong.total()},
                     {"queue bytes", queue_size()},        {"kernel bytes", tally.kernel_max},
                     {"published bytes", tally.volume_max}};
    if (tally.wrong.total() > 0) {
      result.verdict = Verdict::fail;
      result.reason = fmt::format("{} queues did not overflow as stated ({}): {}",
                                  tally.wrong.total(), policy(), tally.wrong.items().front().what);
      result.evidence = tally.wrong.items();
    } else if (tally.as_stated == 0) {
      result.verdict = Verdict::inconclusive;
      result.reason =
          tally.stopped == 0 ? std::string{"no reader stopped reading"}
          : tally.overflowed == 0
              ? fmt::format(
                    "no queue surely overflowed: at most {} were published at a reader that "
                    "stopped, {} fit into queue and kernel; publish more, or set smaller "
                    "receive buffers",
                    format_size(tally.volume_max), format_size(queue_size() + tally.kernel_max))
              : std::string{"queues overflowed, but their readers never went on to show how"};
    }
    return result;
  }

 private:
  struct State {
    StoppedReader reader;
    SeqLedger ledger;
    std::uint64_t backlog_bytes = 0;        // arrived after the reader went on, published before
    Instant caught_up_at = Instant::max();  // first event that was sent after the reader went on
  };
  struct Tally {
    std::uint64_t stopped = 0, overflowed = 0, as_stated = 0, volume_max = 0, kernel_max = 0;
    Duration slow_to_go_on{};
    EvidenceList wrong;
  };

  [[nodiscard]] std::string_view policy() const {
    switch (queue_.overflow) {
      case Overflow::disconnect:
        return "disconnect";
      case Overflow::drop_oldest:
        return "drop-oldest";
      case Overflow::drop_newest:
        return "drop-newest";
    }
    return "disconnect";
  }

  [[nodiscard]] std::uint64_t queue_size() const {
    return queue_bytes(queue_, trail_.bytes_mean());
  }

  /// Was `seq` missed by the reader, as far as its holes tell?
  [[nodiscard]] static bool missed(const SeqLedger& ledger, std::uint64_t seq) {
    if (seq > ledger.highest()) return true;
    return std::any_of(
        ledger.holes().begin(), ledger.holes().end(),
        [&](const SeqLedger::Hole& hole) { return hole.from <= seq && seq <= hole.to; });
  }

  /// The contract's eviction may have closed the connection instead.
  [[nodiscard]] bool evicted(const StoppedReader& reader) const {
    const auto& eviction = context_.contract.eviction;
    return eviction && reader.cut_at - reader.life.stopped_at >=
                           scaled(eviction->stalled_after, 1 - eviction->tolerance);
  }

  void judge_reader(StreamId id, const State& state, Tally& tally) const {
    const auto& reader = state.reader;
    const auto& life = reader.life;
    const auto until = reader.stopped_until(timeline_.end());
    const auto kernel = kernel_bytes_max(context_.scenario, life.group);
    const auto volume = trail_.bytes_between(life.channel, life.stopped_at, until);
    const auto room = queue_size() + kernel;
    ++tally.stopped;
    tally.volume_max = std::max(tally.volume_max, volume);
    tally.kernel_max = std::max(tally.kernel_max, kernel);
    const auto wrong = [&](std::string what) { tally.wrong.add({until, id, std::move(what)}); };
    if (state.backlog_bytes > room) {
      ++tally.overflowed;
      return wrong(
          fmt::format("a backlog of {} was delivered though {} fit: the queue is larger "
                      "than stated, or has no bound",
                      format_size(state.backlog_bytes), format_size(room)));
    }
    if (reader.cut) {
      if (queue_.overflow == Overflow::disconnect) {
        ++tally.overflowed;
        ++tally.as_stated;
      } else if (!evicted(reader) && volume > room) {
        ++tally.overflowed;
        wrong("the connection was closed instead of events dropped");
      }
      return;
    }
    if (volume <= room) return;
    ++tally.overflowed;
    if (queue_.overflow == Overflow::disconnect) {
      if (!life.resumed && !sees_the_end(context_.target)) return;
      return wrong(fmt::format("the connection was kept though {} were published and {} fit",
                               format_size(volume), format_size(room)));
    }
    if (life.resumed && state.ledger.in_stretch()) judge_drops(state, tally, wrong);
  }

  [[nodiscard]] bool turned_over(const State& state, const Tally& tally) const {
    const auto& life = state.reader.life;
    const auto caught_up = std::min(state.caught_up_at, timeline_.end());
    return trail_.bytes_between(life.channel, life.resumed_at, caught_up + tally.slow_to_go_on) >=
           queue_size();
  }

  template <class Wrong>
  void judge_drops(const State& state, Tally& tally, Wrong&& wrong) const {
    const auto& life = state.reader.life;
    std::uint64_t dropped = 0;
    for (const auto& hole : state.ledger.holes()) {
      dropped += trail_.expected(life.channel, hole.from, hole.to);
    }
    const bool oldest = queue_.overflow == Overflow::drop_oldest;
    const auto last = trail_.answered_by(
        life.channel, oldest ? life.resumed_at : life.resumed_at - settled_before);
    const bool last_missed = missed(state.ledger, last);
    if (dropped == 0 && !last_missed) {
      wrong("nothing was dropped though more was published than fits");
    } else if (oldest && last_missed && turned_over(state, tally)) {
      return;
    } else if (oldest && last_missed) {
      wrong(fmt::format("seq {}, the newest when the reader went on, was dropped", last));
    } else if (!oldest && !last_missed) {
      wrong(fmt::format("seq {}, the newest when the reader went on, was kept", last));
    } else {
      ++tally.as_stated;
    }
  }

  const CheckContext& context_;
  QueueTerms queue_;
  Timeline timeline_;
  PerStream<State> streams_;
  PublishTrail trail_;
};

}  // namespace

CheckSpec backpressure_overflow_as_stated() {
  return {.id = "backpressure.overflow-as-stated",
          .level = Level::must,
          .requirement = "A queue that overflows does what the contract states.",
          .source = "contract queue.overflow",
          .needs = {Capability::publish},
          .not_stated = &no_queue,
          .make = &make_check<OverflowAsStated>,
          .wants = StreamLife::wants | Timeline::wants | facts<fact::Event, fact::Published>()};
}

}  // namespace streamgauge

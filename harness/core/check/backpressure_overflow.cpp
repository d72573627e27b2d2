// backpressure.overflow-as-stated: a queue that overflows does what the contract says.
//
// A reader's queue must have overflowed when more was published while it did not read than the
// queue and the kernel's buffers can hold (stopped_reader.hpp). Then, by the stated policy:
//   disconnect    the target ends the connection;
//   drop-oldest   the last event before the reader went on arrives, older ones are missing;
//   drop-newest   the last event before the reader went on is missing, older ones arrive.
// A reader that goes on does so at the pace of its own small buffers. When as much may be published
// as the queue holds, in events or in bytes, before it has caught up with what came after it went
// on, drop-oldest may have dropped that last event, too: then the reader tells nothing.
// A reader that gets a backlog larger than queue and kernel together has found a larger queue than
// stated, or one without bound. Where drop-oldest is stated, the flood was over before the reader
// went on, and events were dropped, the kernel's part lies before the first hole, and what comes
// behind it was in the queue:
//   too little     fewer events than the newest that surely fit the stated queue. Critical ones
//                  that were kept may fill half of its bytes; an event that is being written, a
//                  lag notice and a heartbeat may take a place each;
//   far too much   behind the last hole, more than twice the stated number of events.
#include "harness/core/check/band.hpp"
#include "harness/core/check/delivery_fold.hpp"
#include "harness/core/check/stopped_reader.hpp"

namespace streamgauge {

namespace {

// An event that is published this shortly before the reader goes on may meet an emptied queue.
constexpr Duration settled_before = std::chrono::milliseconds{100};
// A smaller queue is as good as filled by what is being written, said and beaten.
constexpr std::uint64_t held_min = 8;

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
        state.backlog_to = std::max(state.backlog_to, event->envelope->seq);
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
    result.counts = {{"readers stopped", tally.stopped}, {"overflowed", tally.overflowed},
                     {"as stated", tally.as_stated},     {"otherwise", tally.wrong.total()},
                     {"showed how much", tally.counted}, {"queue bytes", queue_size()},
                     {"kernel bytes", tally.kernel_max}, {"published bytes", tally.volume_max}};
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
    std::uint64_t backlog_to = 0;           // its highest seq
    std::uint64_t backlog_bytes = 0;        // arrived after the reader went on, published before
    Instant caught_up_at = Instant::max();  // first event that was sent after the reader went on
  };
  struct Tally {
    std::uint64_t stopped = 0, overflowed = 0, as_stated = 0, volume_max = 0, kernel_max = 0;
    std::uint64_t counted = 0;  // readers that showed how much was kept
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
    // What a late publisher sent only after the reader had gone on was in no queue.
    const auto sent = trail_.answered_by(life.channel, life.resumed_at);
    const auto late = trail_.bytes_at_most(life.channel, sent + 1, state.backlog_to);
    if (state.backlog_bytes > room + late) {
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

  /// May `last` have been dropped by what came before the reader had caught up? A queue turns over
  /// as soon as either of its bounds is met: many small events do it as well as few large ones.
  [[nodiscard]] bool turned_over(const State& state, std::uint64_t last, const Tally& tally) const {
    const auto& life = state.reader.life;
    const auto caught_up = std::min(state.caught_up_at, timeline_.end()) + tally.slow_to_go_on;
    const auto later = trail_.begun_from(life.channel, caught_up);
    const auto newest = later ? *later - 1 : trail_.answered_by(life.channel, Instant::max());
    if (newest <= last) return false;
    constexpr std::uint64_t written_and_told_of = 2;
    return newest - last + written_and_told_of + beats_between(life) >=
           surely_held(life.channel, newest);
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
    } else if (oldest && last_missed && turned_over(state, last, tally)) {
      return;
    } else if (oldest && last_missed) {
      wrong(fmt::format("seq {}, the newest when the reader went on, was dropped", last));
    } else if (!oldest && !last_missed) {
      wrong(fmt::format("seq {}, the newest when the reader went on, was kept", last));
    } else if (const auto amount = oldest ? wrong_amount(state, last, tally) : std::string{};
               !amount.empty()) {
      wrong(amount);
    } else {
      ++tally.as_stated;
    }
  }

  /// The newest events that the stated queue surely holds when `last` is the newest of all.
  [[nodiscard]] std::uint64_t surely_held(std::uint16_t channel, std::uint64_t last) const {
    std::uint64_t high = queue_.events_max == 0 ? last : std::min(queue_.events_max, last);
    if (queue_.bytes_max == 0) return high;
    const auto budget = queue_.critical_kept ? queue_.bytes_max / 2 : queue_.bytes_max;
    std::uint64_t low = 0;
    while (low < high) {
      const auto middle = low + (high - low + 1) / 2;
      const auto bytes = trail_.bytes_at_most(channel, last - middle + 1, last);
      if (bytes + middle * event_overhead <= budget) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  /// How many came while the reader caught up, and may have displaced others.
  [[nodiscard]] std::uint64_t came_meanwhile(const State& state, const Tally& tally) const {
    const auto& life = state.reader.life;
    const auto from = trail_.begun_from(life.channel, life.resumed_at);
    const auto caught_up = std::min(state.caught_up_at, timeline_.end()) + tally.slow_to_go_on;
    const auto to = trail_.answered_by(life.channel, caught_up);
    return from && to >= *from ? to - *from + 1 : 0;
  }

  /// Of drop-oldest: what is wrong with the number of events that were kept; empty: nothing.
  [[nodiscard]] std::string wrong_amount(const State& state, std::uint64_t last,
                                         Tally& tally) const {
    const auto& life = state.reader.life;
    const auto settled = trail_.begun_from(life.channel, life.resumed_at - settled_before);
    const auto before = trail_.answered_by(life.channel, life.stopped_at);
    if ((settled && *settled <= last) || state.ledger.overflowed()) return {};
    std::uint64_t first_hole = last + 1, hole_end = 0, holes = 0, missing = 0;
    for (const auto& hole : state.ledger.holes()) {
      if (hole.to <= before || hole.from > last) continue;
      first_hole = std::min(first_hole, hole.from);
      hole_end = std::max(hole_end, hole.to);
      missing += trail_.expected(life.channel, hole.from, std::min(hole.to, last));
      ++holes;
    }
    const auto meanwhile = came_meanwhile(state, tally);
    const auto held = surely_held(life.channel, last);
    if (holes == 0 || held < held_min || meanwhile > held / 4) return {};
    ++tally.counted;
    const auto kept = trail_.expected(life.channel, first_hole, last) - missing;
    const auto newest = trail_.expected(life.channel, hole_end + 1, last);
    if (kept + 1 + holes + meanwhile + beats_between(life) < held) {
      return fmt::format("only {} events were kept for a reader, the stated queue holds {}", kept,
                         held);
    }
    if (queue_.events_max > 0 && newest > 2 * queue_.events_max + meanwhile) {
      return fmt::format("{} events were kept for a reader, the stated queue holds {}", newest,
                         queue_.events_max);
    }
    return {};
  }

  [[nodiscard]] std::uint64_t beats_between(const StreamLife& life) const {
    const auto& heartbeat = context_.contract.heartbeat;
    if (!heartbeat || heartbeat->every <= Duration{}) return 0;
    return static_cast<std::uint64_t>((life.resumed_at - life.stopped_at) / heartbeat->every) + 1;
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

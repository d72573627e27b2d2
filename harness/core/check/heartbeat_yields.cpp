// heartbeat.yields-to-critical: a heartbeat never takes the place of a message in a full queue.
//
// What the stated overflow drops, and what heartbeats displace, looks alike in one reader. So two
// kinds of readers are compared that stopped before the same flood on the same channel: those that
// went on when it was over, and those that stayed away for two heartbeats or more, while nothing
// was published. Both find the same newest messages, unless heartbeats took their place. Counted is
// the unbroken stretch that ends with the newest message, and the critical messages.
#include <algorithm>

#include "harness/core/base/units.hpp"
#include "harness/core/check/delivery_fold.hpp"
#include "harness/core/check/heartbeat_fold.hpp"
#include "harness/core/check/stopped_reader.hpp"

namespace streamgauge {

namespace {

class Yields final : public Fold<Yields> {
 public:
  static constexpr std::size_t critical_max = 1u << 16;
  static constexpr std::uint64_t beats_min = 2;

  explicit Yields(const CheckContext& context)
      : run_(context.run),
        heartbeat_(context.contract.heartbeat.value_or(HeartbeatTerms{})),
        critical_kept_(context.contract.queue && context.contract.queue->critical_kept &&
                       has(context.target, Capability::critical)),
        timeline_(context.scenario) {}

  void on(const Record& record) override {
    if (const auto* event = std::get_if<fact::Event>(&record.fact)) {
      on_event(record, *event);
    } else if (const auto* published = std::get_if<fact::Published>(&record.fact)) {
      on_published(record, *published);
    } else if (record.stream == no_stream) {
      timeline_.on(record);
    } else {
      timeline_.see(record.at);
      auto& state = streams_[record.stream];
      const bool again = std::holds_alternative<fact::Headers>(record.fact);
      if (again && !state.reader.life.ever_stopped) state.ledger = SeqLedger{};
      (void)state.reader.on(record);
    }
  }

  void absorb(const Yields& other) {
    timeline_.merge(other.timeline_);
    streams_.merge(other.streams_);
    trail_.merge(other.trail_);
    if (critical_.size() < other.critical_.size()) critical_.resize(other.critical_.size());
    for (std::size_t i = 0; i < other.critical_.size(); ++i) {
      critical_[i].insert(critical_[i].end(), other.critical_[i].begin(), other.critical_[i].end());
    }
    overflowed_ = overflowed_ || other.overflowed_;
  }

  Finding judge(const Noise&) const override {
    Tally soon, later;
    bool overflowed = overflowed_ || trail_.overflowed();
    streams_.each([&](StreamId id, const State& state) {
      const auto reader = look(id, state);
      if (!reader) return;
      overflowed = overflowed || state.ledger.overflowed();
      (reader->beats >= beats_min ? later : soon).add(*reader);
    });
    const auto displaced = soon.kept() - std::min(soon.kept(), later.kept());
    const auto critical =
        later.critical_lost() - std::min(later.critical_lost(), soon.critical_lost());
    auto result = finding(
        Verdict::pass,
        fmt::format("{} kept, {} after {} heartbeats", soon.kept(), later.kept(), later.beats()),
        "as many");
    result.counts = {{"went on at once", soon.readers.size()},
                     {"went on later", later.readers.size()},
                     {"kept at once", soon.kept()},
                     {"kept later", later.kept()},
                     {"critical displaced", critical}};
    if (soon.readers.empty() || later.readers.empty()) {
      result.verdict = Verdict::inconclusive;
      result.reason = fmt::format(
          "{} readers with a full queue went on at once and {} after {} heartbeats without "
          "messages; one of each is needed",
          soon.readers.size(), later.readers.size(), beats_min);
    } else if (overflowed) {
      result.verdict = Verdict::inconclusive;
      result.reason = "more holes or messages than can be kept apart";
    } else if (displaced >= beats_min || critical > 0) {
      result.verdict = Verdict::fail;
      result.reason = fmt::format(
          "while {} heartbeats were due and nothing was published, a full queue lost {} messages "
          "and {} critical ones; skip the heartbeat when the queue is full (F26)",
          later.beats(), displaced, critical);
      for (const auto& reader : later.readers) {
        if (result.evidence.size() == EvidenceList::max) break;
        result.evidence.push_back(
            {reader.at, reader.stream,
             fmt::format("{} messages kept, {} critical lost, {} heartbeats due", reader.kept,
                         reader.critical_lost, reader.beats)});
      }
    }
    return result;
  }

 private:
  struct State {
    StoppedReader reader;
    SeqLedger ledger;
    std::uint64_t backlog_to = 0;  // highest of what was published before the reader went on
  };
  struct Reader {
    Instant at{};
    StreamId stream = no_stream;
    std::uint64_t kept = 0;
    std::uint64_t critical_lost = 0;
    std::uint64_t beats = 0;
  };
  struct Tally {
    std::vector<Reader> readers;
    void add(const Reader& reader) { readers.push_back(reader); }
    template <class Of>
    [[nodiscard]] std::uint64_t median(Of of) const {
      std::vector<std::uint64_t> values;
      for (const auto& reader : readers) values.push_back(of(reader));
      std::sort(values.begin(), values.end());
      return values.empty() ? 0 : values[values.size() / 2];
    }
    [[nodiscard]] std::uint64_t kept() const {
      return median([](const Reader& reader) { return reader.kept; });
    }
    [[nodiscard]] std::uint64_t critical_lost() const {
      return median([](const Reader& reader) { return reader.critical_lost; });
    }
    [[nodiscard]] std::uint64_t beats() const {
      return median([](const Reader& reader) { return reader.beats; });
    }
  };

  void on_event(const Record& record, const fact::Event& event) {
    if (!event.envelope || event.envelope->run != run_) return;
    auto& state = streams_[record.stream];
    if (state.reader.over) return;
    const auto& life = state.reader.life;
    if (life.resumed && event.envelope->intended >= life.resumed_at) return;
    (void)state.ledger.take(event.envelope->seq, record.at);
    state.backlog_to = std::max(state.backlog_to, event.envelope->seq);
  }

  void on_published(const Record& record, const fact::Published& published) {
    trail_.on(published, record.at);
    const bool accepted = published.status >= 200 && published.status <= 299;
    if (!accepted) return;
    if (critical_.size() <= published.channel) critical_.resize(published.channel + std::size_t{1});
    auto& channel = critical_[published.channel];
    if (published.kind != sse::EnvelopeKind::critical) return;
    if (channel.size() == critical_max) {
      overflowed_ = true;
    } else {
      channel.push_back(published.seq);
    }
  }

  /// A reader that stopped, whose queue overflowed, and that went on while nothing was published.
  [[nodiscard]] std::optional<Reader> look(StreamId id, const State& state) const {
    const auto& life = state.reader.life;
    const auto& holes = state.ledger.holes();
    if (!life.ever_stopped || !life.resumed || state.reader.cut || holes.empty()) return {};
    if (timeline_.frozen_between(life.stopped_at, life.resumed_at)) return {};
    const auto last = trail_.answered_by(life.channel, life.resumed_at);
    // The newest is missing: this queue drops the newest, or the reader never drained it.
    if (last == 0 || state.backlog_to < last) return {};
    const auto quiet = quiet_before(life.channel, last, life.resumed_at);
    Reader reader{life.resumed_at, id, 0, 0, 0};
    reader.beats = static_cast<std::uint64_t>(quiet / heartbeat_.every);
    std::uint64_t hole_to = 0;
    for (const auto& hole : holes) {
      hole_to = std::max(hole_to, hole.to);
      if (critical_kept_) reader.critical_lost += criticals(life.channel, hole.from, hole.to);
    }
    reader.kept = trail_.expected(life.channel, hole_to + 1, last);
    return reader;
  }

  /// How long before `at` seq `last` had surely been answered, and nothing had been published
  /// since.
  [[nodiscard]] Duration quiet_before(std::uint16_t channel, std::uint64_t last, Instant at) const {
    // By halves: the trail answers by time, and its points lie closer than this is exact.
    Duration low{}, high = std::chrono::hours{1};
    while (high - low > std::chrono::milliseconds{1}) {
      const auto middle = low + (high - low) / 2;
      (trail_.answered_by(channel, at - middle) >= last ? low : high) = middle;
    }
    return low;
  }

  [[nodiscard]] std::uint64_t criticals(std::uint16_t channel, std::uint64_t from,
                                        std::uint64_t to) const {
    if (channel >= critical_.size()) return 0;
    const auto& all = critical_[channel];
    return static_cast<std::uint64_t>(std::upper_bound(all.begin(), all.end(), to) -
                                      std::lower_bound(all.begin(), all.end(), from));
  }

  std::uint32_t run_;
  HeartbeatTerms heartbeat_;
  bool critical_kept_;
  Timeline timeline_;
  PerStream<State> streams_;
  PublishTrail trail_;
  std::vector<std::vector<std::uint64_t>> critical_;  // accepted ones by channel, ascending
  bool overflowed_ = false;
};

}  // namespace

CheckSpec heartbeat_yields_to_critical() {
  return {.id = "heartbeat.yields-to-critical",
          .level = Level::must,
          .requirement = "A heartbeat never takes the place of a message in a full queue.",
          .source = "contract queue.overflow; FIELD F26",
          .needs = {Capability::publish},
          .not_stated = [](const Contract& contract) -> std::string {
            if (!contract.queue || contract.queue->overflow != Overflow::drop_oldest) {
              return "queue.overflow: drop-oldest";
            }
            return no_heartbeat(contract);
          },
          .make = &make_check<Yields>,
          .wants = StreamLife::wants | Timeline::wants | facts<fact::Event, fact::Published>()};
}

}  // namespace streamgauge

// wire.data-intact: what was published is what arrives, line breaks and all.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "harness/core/check/checks.hpp"
#include "harness/core/check/finding.hpp"
#include "harness/core/check/fold.hpp"
#include "harness/core/check/probe_book.hpp"

namespace streamgauge {

namespace {

constexpr std::size_t probes_max = 64;  // bits of a mask
constexpr std::size_t kept_bytes_max = 4096;

using Mask = std::uint64_t;

constexpr Mask bit(std::size_t probe) {
  return probe < probes_max ? Mask{1} << probe : Mask{0};
}

/// The first of what arrived as `seq`, where it fitted no probe: its beginning and its size.
struct Altered {
  Instant at{};
  StreamId stream = no_stream;
  std::uint16_t channel = 0;
  std::uint64_t seq = 0;
  sse::Envelope envelope;
  std::string data;  // at most kept_bytes_max
  std::size_t size = 0;
  std::string type;
};

/// The earliest few by (time, stream), one for each seq: the same however threads are merged.
class AlteredList {
 public:
  static constexpr std::size_t max = 16;

  /// True when `add` would keep it: the caller need not copy the data otherwise.
  [[nodiscard]] bool takes(std::uint16_t channel, std::uint64_t seq, Instant at,
                           StreamId stream) const {
    const auto* same = find(channel, seq);
    const auto rank = std::pair{at, stream};
    if (same) return rank < rank_of(*same);
    return items_.size() < max || rank < rank_of(items_.back());
  }
  void add(Altered altered) {
    if (!takes(altered.channel, altered.seq, altered.at, altered.stream)) return;
    std::erase_if(items_, [&](const Altered& other) {
      return other.channel == altered.channel && other.seq == altered.seq;
    });
    const auto place = std::upper_bound(
        items_.begin(), items_.end(), altered,
        [](const Altered& a, const Altered& b) { return rank_of(a) < rank_of(b); });
    items_.insert(place, std::move(altered));
    if (items_.size() > max) items_.pop_back();
  }
  void merge(const AlteredList& other) {
    for (const auto& altered : other.items_) add(altered);
  }
  [[nodiscard]] const Altered* find(std::uint16_t channel, std::uint64_t seq) const {
    const auto found = std::find_if(items_.begin(), items_.end(), [&](const Altered& altered) {
      return altered.channel == channel && altered.seq == seq;
    });
    return found == items_.end() ? nullptr : &*found;
  }

 private:
  static std::pair<Instant, StreamId> rank_of(const Altered& altered) {
    return {altered.at, altered.stream};
  }
  std::vector<Altered> items_;
};

/// Where two texts part, in a few characters; of `got` only the beginning may be known.
std::string difference(std::string_view expected, const Altered& got) {
  const auto shorter = std::min(expected.size(), got.data.size());
  std::size_t at = 0;
  while (at < shorter && expected[at] == got.data[at]) ++at;
  if (at == got.data.size() && got.size > at) {
    return fmt::format("behind byte {}: {} bytes expected, {} came", at, expected.size(), got.size);
  }
  const auto from = at < 8 ? 0 : at - 8;
  return fmt::format("at byte {}: expected '{}', got '{}'", at,
                     printable(expected.substr(from), 32),
                     printable(std::string_view{got.data}.substr(from), 32));
}

/// The probe that agrees longest with what came: a guess where its publication is not known.
const Probe* nearest(const Altered& altered) {
  const Probe* best = nullptr;
  std::size_t best_common = 0;
  for (const auto& probe : wire_probes()) {
    const auto expected = expected_data(altered.envelope, probe);
    const auto shorter = std::min(expected.size(), altered.data.size());
    std::size_t common = 0;
    while (common < shorter && expected[common] == altered.data[common]) ++common;
    if (!best || common > best_common) best = &probe, best_common = common;
  }
  return best;
}

class DataIntact final : public Fold<DataIntact> {
 public:
  static constexpr std::size_t arrivals_max = 64;  // for each stream; later ones are not judged

  explicit DataIntact(const CheckContext& context)
      : context_(context), types_can_be_set_(has(context.target, Capability::event_type)) {}

  void on(const Record& record) override {
    if (const auto* event = std::get_if<fact::Event>(&record.fact)) {
      const auto envelope = probe_envelope(*event);
      if (envelope && envelope->run == context_.run) on_probe(record, *event, *envelope);
    } else if (const auto* published = std::get_if<fact::Published>(&record.fact)) {
      book_.on(*published);
    } else if (record.stream != no_stream) {
      streams_[record.stream].life.on(record);
    }
  }

  void absorb(const DataIntact& other) {
    book_.merge(other.book_);
    streams_.merge(other.streams_);
    altered_.merge(other.altered_);
  }

  Finding judge(const Noise&) const override {
    const auto entries = book_.sorted();
    Tally tally;
    for (const auto& entry : entries) count_publication(entry, tally);
    streams_.each([&](StreamId id, const State& state) {
      for (const auto& arrival : state.arrivals) judge_arrival(entries, id, state, arrival, tally);
      for (const auto& entry : entries) look_for(entry, id, state, tally);
    });
    return verdict(tally);
  }

 private:
  struct Arrival {
    sse::Envelope envelope;
    Instant at{};
    Mask data = 0;   // probes whose data it is
    Mask whole = 0;  // of those the ones whose type it has, too
  };
  struct State {
    StreamLife life;
    std::vector<Arrival> arrivals;
  };
  struct Tally {
    std::uint64_t accepted = 0, refused = 0, wrongly_refused = 0;
    std::uint64_t intact = 0, altered = 0, missing = 0;
    std::string first_refused;
    EvidenceList altered_ones, missing_ones;
  };

  [[nodiscard]] static bool line_break(std::string_view text) {
    return text.find_first_of("\r\n") != std::string_view::npos;
  }

  /// The type is judged when the target lets the publisher set one that fits into a line.
  [[nodiscard]] bool type_as_sent(const Probe& probe, std::string_view type) const {
    if (!types_can_be_set_ || probe.event_type.empty() || line_break(probe.event_type)) return true;
    return type == probe.event_type;
  }

  /// Several probes may have the same data once line breaks are LF (lf-block, cr-block), and which
  /// one was published under this seq is not known to this thread: so each that fits is noted.
  void on_probe(const Record& record, const fact::Event& event, const sse::Envelope& envelope) {
    auto& state = streams_[record.stream];
    if (state.arrivals.size() == arrivals_max) return;
    Arrival arrival{envelope, record.at, 0, 0};
    const auto probes = wire_probes();
    for (std::size_t i = 0; i < std::min(probes.size(), probes_max); ++i) {
      if (!carries(event.data, envelope, probes[i])) continue;
      arrival.data |= bit(i);
      if (type_as_sent(probes[i], event.type)) arrival.whole |= bit(i);
    }
    state.arrivals.push_back(arrival);
    const auto channel = state.life.channel;
    if (arrival.whole == 0 && altered_.takes(channel, envelope.seq, record.at, record.stream)) {
      altered_.add({record.at, record.stream, channel, envelope.seq, envelope,
                    std::string(event.data.substr(0, kept_bytes_max)), event.data.size(),
                    std::string(event.type.substr(0, kept_bytes_max))});
    }
  }

  static void count_publication(const ProbeBook::Entry& entry, Tally& tally) {
    if (entry.status == 0 || entry.probe >= wire_probes().size()) return;
    if (entry.status >= 200 && entry.status <= 299) {
      ++tally.accepted;
      return;
    }
    ++tally.refused;
    const auto& probe = wire_probes()[entry.probe];
    const bool may = probe.refusal_ok && entry.status >= 400 && entry.status < 500;
    if (!may && tally.wrongly_refused++ == 0) {
      tally.first_refused = fmt::format("'{}' with {}", probe.name, entry.status);
    }
  }

  /// An arrival belongs to the probe that was published as its seq; where that is not known, it is
  /// enough that it fits any.
  void judge_arrival(const std::vector<ProbeBook::Entry>& entries, StreamId id, const State& state,
                     const Arrival& arrival, Tally& tally) const {
    const auto* entry = ProbeBook::find(entries, state.life.channel, arrival.envelope.seq);
    const auto meant = entry ? bit(entry->probe) : ~Mask{0};
    if ((arrival.whole & meant) != 0) {
      if (entry) ++tally.intact;
      return;
    }
    ++tally.altered;
    const auto* probe =
        entry && entry->probe < wire_probes().size() ? &wire_probes()[entry->probe] : nullptr;
    tally.altered_ones.add(
        {arrival.at, id,
         wording(probe, meant, arrival, altered_.find(state.life.channel, arrival.envelope.seq))});
  }

  [[nodiscard]] static std::string wording(const Probe* probe, Mask meant, const Arrival& arrival,
                                           const Altered* kept) {
    if (!probe && kept) probe = nearest(*kept);
    if (!probe) return fmt::format("seq {} is no probe's data", arrival.envelope.seq);
    if ((arrival.data & meant) != 0 && kept) {
      return fmt::format("probe '{}' came as type '{}' instead of '{}'", probe->name,
                         printable(kept->type),
                         probe->event_type.empty() ? "message" : printable(probe->event_type));
    }
    Altered came;  // it came as what another probe reads as (the bare envelope, say)
    for (std::size_t i = 0; i < wire_probes().size(); ++i) {
      if (((arrival.data & ~meant) & bit(i)) == 0) continue;
      came.envelope = arrival.envelope;
      came.data = expected_data(arrival.envelope, wire_probes()[i]);
      came.size = came.data.size();
      kept = &came;
    }
    if (!kept) return fmt::format("probe '{}' was altered", probe->name);
    return fmt::format("probe '{}' was altered {}", probe->name,
                       difference(expected_data(kept->envelope, *probe), *kept));
  }

  static void look_for(const ProbeBook::Entry& entry, StreamId id, const State& state,
                       Tally& tally) {
    if (entry.status < 200 || entry.status > 299 || entry.probe >= wire_probes().size()) return;
    if (!expected_at(state, entry)) return;
    const auto& arrivals = state.arrivals;
    const bool came = std::any_of(arrivals.begin(), arrivals.end(), [&](const Arrival& arrival) {
      return arrival.envelope.seq == entry.seq;
    });
    // What a full list did not take may have come.
    if (came || arrivals.size() == arrivals_max) return;
    ++tally.missing;
    tally.missing_ones.add(
        {entry.started, id,
         fmt::format("probe '{}' never arrived", wire_probes()[entry.probe].name)});
  }

  /// Streams that read all the while, from before the probe to the end of the run.
  [[nodiscard]] static bool expected_at(const State& state, const ProbeBook::Entry& entry) {
    constexpr Duration subscribed = std::chrono::milliseconds{50};
    const auto& life = state.life;
    if (life.channel != entry.channel || !life.ever_open || life.ever_stopped) return false;
    if (life.attempt > 1 || life.opened_at + subscribed > entry.started) return false;
    return life.open || (life.closed && life.ending == Ending::local);
  }

  [[nodiscard]] static Finding verdict(const Tally& tally) {
    const auto arrivals = tally.intact + tally.altered + tally.missing;
    auto result = finding(Verdict::pass,
                          tally.altered + tally.missing == 0
                              ? fmt::format("{} of {} arrivals intact", tally.intact, arrivals)
                              : fmt::format("{} intact, {} altered, {} missing", tally.intact,
                                            tally.altered, tally.missing),
                          "each probe, byte for byte");
    result.counts = {{"accepted", tally.accepted},
                     {"refused", tally.refused},
                     {"intact", tally.intact},
                     {"altered", tally.altered},
                     {"missing", tally.missing}};
    if (tally.altered + tally.missing > 0) {
      result.verdict = Verdict::fail;
      auto faults = tally.altered_ones;
      faults.merge(tally.missing_ones);
      result.evidence = faults.items();
      result.reason = fmt::format(
          "{} arrivals differ from what was published and {} are missing: {}; write one data line "
          "for each line of the text (CR, LF and CRLF alike) and nothing else",
          tally.altered, tally.missing,
          (tally.altered > 0 ? tally.altered_ones : tally.missing_ones).items().front().what);
    } else if (tally.wrongly_refused > 0) {
      result.verdict = Verdict::fail;
      result.reason = fmt::format("{} probes that any server can carry were refused, the first {}",
                                  tally.wrongly_refused, tally.first_refused);
    } else if (tally.intact == 0) {
      result.verdict = Verdict::inconclusive;
      result.reason = tally.accepted == 0
                          ? "no probe was published and accepted"
                          : "no stream was open before the probes and until the end";
    }
    return result;
  }

  const CheckContext& context_;
  bool types_can_be_set_;
  ProbeBook book_;
  PerStream<State> streams_;
  AlteredList altered_;
};

}  // namespace

CheckSpec wire_data_intact() {
  return {.id = "wire.data-intact",
          .level = Level::must,
          .requirement = "Published data arrives byte for byte, line breaks as LF.",
          .source = "WHATWG HTML 9.2.6",
          .needs = {Capability::publish},
          .not_stated = nullptr,
          .make = &make_check<DataIntact>,
          .wants = StreamLife::wants | facts<fact::Event, fact::Published>()};
}

}  // namespace streamgauge

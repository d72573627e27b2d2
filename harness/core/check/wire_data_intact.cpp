// wire.data-intact: what was published is what arrives, line breaks and all.
#include <fmt/format.h>

#include <algorithm>

#include "harness/core/check/checks.hpp"
#include "harness/core/check/finding.hpp"
#include "harness/core/check/fold.hpp"
#include "harness/core/check/probe_book.hpp"

namespace streamgauge {

namespace {

/// Where two texts part, in a few characters.
std::string difference(std::string_view expected, std::string_view got) {
  const auto shorter = std::min(expected.size(), got.size());
  std::size_t at = 0;
  while (at < shorter && expected[at] == got[at]) ++at;
  const auto from = at < 8 ? 0 : at - 8;
  return fmt::format("at byte {}: expected '{}', got '{}'", at,
                     printable(expected.substr(from), 32), printable(got.substr(from), 32));
}

class DataIntact final : public Fold<DataIntact> {
 public:
  explicit DataIntact(const CheckContext& context)
      : context_(context), types_can_be_set_(has(context.target, Capability::event_type)) {}

  void on(const Record& record) override {
    if (const auto* event = std::get_if<fact::Event>(&record.fact)) {
      if (!event->envelope || event->envelope->run != context_.run) return;
      if (event->envelope->kind != sse::EnvelopeKind::probe) return;
      on_probe(record, *event);
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
    const auto entries = book_.named();
    const auto probes = wire_probes();
    std::uint64_t accepted = 0, refused = 0, wrongly_refused = 0, arrivals = 0, missing = 0;
    EvidenceList faults;
    std::string first_refused;
    for (const auto& entry : entries) {
      if (entry.probe >= std::min<std::size_t>(probes.size(), 64)) continue;
      const auto& probe = probes[entry.probe];
      if (entry.status == 0) continue;
      if (entry.status < 200 || entry.status > 299) {
        ++refused;
        const bool may = probe.refusal_ok && entry.status >= 400 && entry.status < 500;
        if (!may && wrongly_refused++ == 0) {
          first_refused = fmt::format("'{}' with {}", probe.name, entry.status);
        }
        continue;
      }
      ++accepted;
      streams_.each([&](StreamId id, const State& state) {
        if (!expected_at(state, entry)) return;
        if (state.intact & (std::uint64_t{1} << entry.probe)) {
          ++arrivals;
          return;
        }
        const auto& seqs = state.altered_seqs;  // told as altered
        if (std::find(seqs.begin(), seqs.end(), entry.seq) != seqs.end()) return;
        ++missing;
        faults.add({entry.started, id, fmt::format("probe '{}' never arrived whole", probe.name)});
      });
    }
    return verdict(accepted, refused, wrongly_refused, first_refused, arrivals, missing, faults);
  }

 private:
  struct State {
    StreamLife life;
    std::uint64_t intact = 0;                 // bit for each probe that arrived as published
    std::vector<std::uint64_t> altered_seqs;  // arrived, but not as sent; at most 64
  };

  [[nodiscard]] static bool line_break(std::string_view text) {
    return text.find_first_of("\r\n") != std::string_view::npos;
  }

  /// The type is judged when the target lets the publisher set one that fits into a line.
  [[nodiscard]] bool type_as_sent(const Probe& probe, std::string_view type) const {
    if (!types_can_be_set_ || probe.event_type.empty() || line_break(probe.event_type)) return true;
    return type == probe.event_type;
  }

  void on_probe(const Record& record, const fact::Event& event) {
    auto& state = streams_[record.stream];
    const auto probes = wire_probes();
    const Probe* right_data = nullptr;
    bool intact = false;
    for (std::size_t i = 0; i < std::min<std::size_t>(probes.size(), 64); ++i) {
      if (!carries(event.data, *event.envelope, probes[i])) continue;
      // Two probes may differ in nothing but the type: each that fits counts as arrived.
      right_data = &probes[i];
      if (!type_as_sent(probes[i], event.type)) continue;
      intact = true;
      state.intact |= std::uint64_t{1} << i;
    }
    if (intact) return;
    if (state.altered_seqs.size() < 64) state.altered_seqs.push_back(event.envelope->seq);
    if (right_data) {
      altered_.add({record.at, record.stream,
                    fmt::format("probe '{}' came as type '{}' instead of '{}'", right_data->name,
                                printable(event.type), right_data->event_type)});
      return;
    }
    const auto* meant = nearest(event);
    altered_.add({record.at, record.stream,
                  meant
                      ? fmt::format("probe '{}' was altered {}", meant->name,
                                    difference(expected_data(*event.envelope, *meant), event.data))
                      : fmt::format("seq {} is no probe's data: '{}'", event.envelope->seq,
                                    printable(event.data))});
  }

  /// The probe that agrees longest with what came: a guess, for the evidence only.
  [[nodiscard]] static const Probe* nearest(const fact::Event& event) {
    const Probe* best = nullptr;
    std::size_t best_common = 0;
    for (const auto& probe : wire_probes()) {
      const auto expected = expected_data(*event.envelope, probe);
      const auto shorter = std::min(expected.size(), event.data.size());
      const auto common = static_cast<std::size_t>(
          std::mismatch(expected.begin(), expected.begin() + static_cast<std::ptrdiff_t>(shorter),
                        event.data.begin())
              .first -
          expected.begin());
      if (!best || common > best_common) best = &probe, best_common = common;
    }
    return best;
  }

  /// Streams that read all the while, from before the probe to the end of the run.
  [[nodiscard]] static bool expected_at(const State& state, const ProbeBook::Entry& entry) {
    constexpr Duration subscribed = std::chrono::milliseconds{50};
    const auto& life = state.life;
    if (life.channel != entry.channel || !life.ever_open || life.ever_stopped) return false;
    if (life.attempt > 1 || life.opened_at + subscribed > entry.started) return false;
    return life.open || (life.closed && life.ending == Ending::local);
  }

  [[nodiscard]] Finding verdict(std::uint64_t accepted, std::uint64_t refused,
                                std::uint64_t wrongly_refused, const std::string& first_refused,
                                std::uint64_t arrivals, std::uint64_t missing,
                                EvidenceList faults) const {
    auto result = finding(Verdict::pass,
                          fmt::format("{} of {} probes accepted, {} arrivals intact", accepted,
                                      accepted + refused, arrivals),
                          "each accepted probe, byte for byte, on each stream");
    result.counts = {{"accepted", accepted},
                     {"refused", refused},
                     {"intact", arrivals},
                     {"altered", altered_.total()},
                     {"missing", missing}};
    const auto total = altered_.total() + missing;
    faults.merge(altered_);
    if (total > 0) {
      result.verdict = Verdict::fail;
      result.evidence = faults.items();
      result.reason = fmt::format(
          "{} arrivals differ from what was published and {} are missing: {}; write one data line "
          "for each line of the text (CR, LF and CRLF alike) and nothing else",
          altered_.total(), missing,
          altered_.total() > 0 ? altered_.items().front().what : faults.items().front().what);
    } else if (wrongly_refused > 0) {
      result.verdict = Verdict::fail;
      result.reason = fmt::format("{} probes that any server can carry were refused, the first {}",
                                  wrongly_refused, first_refused);
    } else if (arrivals == 0) {
      result.verdict = Verdict::inconclusive;
      result.reason = accepted == 0 ? "no probe was published and accepted"
                                    : "no stream was open before the probes and until the end";
    }
    return result;
  }

  const CheckContext& context_;
  bool types_can_be_set_;
  ProbeBook book_;
  PerStream<State> streams_;
  EvidenceList altered_;
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

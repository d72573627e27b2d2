// backpressure.bounded-memory: what readers that stop cost the target in memory.
//
// Slow readers have a queue, too. The peak of the resident memory while they are stopped (phases
// "fault" and "heal") minus its median in the control phase must fit the queues of the readers that
// stopped, the replay and the contract's slack. A peak counts when two samples in a row show it: a
// process that forks is for a moment there twice. A pass proves something when an unbounded queue
// would have shown: one that copies holds what was published at all of them, one that shares its
// events only once, in either case less what the kernel took. That would have exceeded the bound;
// or it would at least have been twice what the target grew by, however roomy the bound is.
#include <fmt/format.h>

#include <algorithm>

#include "harness/core/check/checks.hpp"
#include "harness/core/check/finding.hpp"
#include "harness/core/check/stopped_reader.hpp"
#include "harness/core/check/timeline.hpp"

namespace streamgauge {

namespace {

class BoundedMemory final : public Fold<BoundedMemory> {
 public:
  static constexpr std::size_t samples_min = 3;
  static constexpr std::size_t control_max = 4096;
  static constexpr std::uint64_t shared_min = 6 << 20;  // allocators may keep so much at hand

  explicit BoundedMemory(const CheckContext& context)
      : context_(context), seen_(context.scenario) {}

  void on(const Record& record) override {
    if (const auto* sample = std::get_if<fact::Sample>(&record.fact)) {
      on_sample(record, *sample);
    } else {
      seen_.on(record);
    }
  }

  void absorb(const BoundedMemory& other) {
    seen_.merge(other.seen_);
    control_.insert(control_.end(), other.control_.begin(), other.control_.end());
    if (other.peak_ > peak_) peak_ = other.peak_, peak_at_ = other.peak_at_;
    faults_ += other.faults_;
  }

  Finding judge(const Noise&) const override {
    const auto event_bytes = seen_.trail.bytes_mean() + event_overhead;
    std::uint64_t stopped = 0, slow = 0, volume = 0, shared = 0;
    seen_.readers.each([&](StreamId, const StoppedReader& reader) {
      if (!reader.life.ever_stopped) {
        slow += reads_slowly(context_.scenario, reader.life.group) ? 1u : 0u;
        return;
      }
      ++stopped;
      const auto at_this_one = seen_.trail.bytes_between(
          reader.life.channel, reader.life.stopped_at, reader.stopped_until(seen_.timeline.end()));
      const auto kernel = kernel_bytes_max(context_.scenario, reader.life.group);
      volume += at_this_one;
      shared = std::max(shared, at_this_one - std::min(at_this_one, kernel));
    });
    const auto queues = (stopped + slow) * queue_bytes(*context_.contract.queue, event_bytes);
    const auto allowed = queues + replay_bytes(event_bytes) + context_.contract.memory.slack_bytes;
    const auto base = median();
    const auto growth = peak_ > base ? peak_ - base : 0;
    auto result =
        finding(Verdict::pass,
                fmt::format("grew by {}, to {}", format_size(growth), format_size(base + growth)),
                fmt::format("{} ({} of it slack)", format_size(allowed),
                            format_size(context_.contract.memory.slack_bytes)));
    result.counts = {{"readers stopped", stopped},     {"published bytes", volume},
                     {"for one, less kernel", shared}, {"growth bytes", growth},
                     {"allowed bytes", allowed},       {"samples", control_.size() + faults_}};
    if (control_.size() < samples_min || faults_ < samples_min) {
      result.verdict = Verdict::inconclusive;
      result.reason = fmt::format("only {} memory samples in the control phase and {} under stress",
                                  control_.size(), faults_);
    } else if (stopped == 0) {
      result.verdict = Verdict::inconclusive;
      result.reason = "no reader stopped reading";
    } else if (growth > allowed) {
      result.verdict = Verdict::fail;
      result.reason = fmt::format(
          "the target grew by {} while {} readers did not read, {} more than its queues may hold; "
          "bound each subscriber's queue and check the result of each write",
          format_size(growth), stopped, format_size(growth - allowed));
      result.evidence = {{peak_at_, no_stream, fmt::format("resident {}", format_size(peak_))}};
    } else if ((volume < 2 * allowed || shared <= allowed) &&
               shared < std::max(2 * growth, shared_min)) {
      result.verdict = Verdict::inconclusive;
      result.reason = fmt::format(
          "only {} were published at one of the readers that stopped beyond what the kernel holds, "
          "{} are needed to tell a bounded queue from an unbounded one; publish more, or state "
          "less "
          "memory.slack",
          format_size(shared), format_size(std::max(2 * growth, shared_min)));
    }
    return result;
  }

 private:
  void on_sample(const Record& record, const fact::Sample& sample) {
    seen_.timeline.see(record.at);
    const auto kind = seen_.timeline.kind_at(record.at);
    if (kind == PhaseKind::control) {
      if (samples_seen_++ % stride_ != 0) return;
      if (control_.size() == control_max) {  // keep every other one
        for (std::size_t i = 0; i < control_max / 2; ++i) control_[i] = control_[2 * i];
        control_.resize(control_max / 2);
        stride_ *= 2;
      }
      control_.push_back(sample.rss_bytes);
    } else if (kind == PhaseKind::fault || kind == PhaseKind::heal) {
      const auto lasting = faults_++ == 0 ? 0 : std::min(previous_, sample.rss_bytes);
      if (lasting > peak_) peak_ = lasting, peak_at_ = record.at;
      previous_ = sample.rss_bytes;
    }
  }

  [[nodiscard]] std::uint64_t median() const {
    if (control_.empty()) return 0;
    auto sorted = control_;
    std::sort(sorted.begin(), sorted.end());
    return sorted[sorted.size() / 2];
  }

  [[nodiscard]] std::uint64_t replay_bytes(std::uint64_t event_bytes) const {
    const auto& replay = context_.contract.replay;
    if (!replay) return 0;
    auto bytes = replay->events_max * event_bytes;
    if (replay->bytes_max > 0) bytes = std::min(bytes, replay->bytes_max);
    return bytes * std::max<std::size_t>(context_.scenario.channels.size(), 1);
  }

  const CheckContext& context_;
  StoppedReaders seen_;
  std::vector<std::uint64_t> control_;
  std::uint64_t samples_seen_ = 0;
  std::uint64_t stride_ = 1;
  std::uint64_t previous_ = 0;
  std::uint64_t peak_ = 0;
  Instant peak_at_{};
  std::uint64_t faults_ = 0;
};

}  // namespace

CheckSpec backpressure_bounded_memory() {
  return {.id = "backpressure.bounded-memory",
          .level = Level::must,
          .requirement = "Readers that stop cost no more memory than their bounded queues.",
          .source = "contract queue, replay, memory.slack",
          .needs = {Capability::publish, Capability::local_process},
          .not_stated = &no_queue,
          .make = &make_check<BoundedMemory>,
          .wants = StreamLife::wants | Timeline::wants | facts<fact::Sample, fact::Published>()};
}

}  // namespace streamgauge

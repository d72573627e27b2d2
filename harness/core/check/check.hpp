// Checks: folds over records that end in a verdict with evidence.
//
// One instance per check and thread sees the records of that thread in order; instances are merged
// when the run is over, then one judges. A check keeps constant state per stream, never a list that
// grows with the run. It must treat too little evidence as `inconclusive`, never as `pass`.
//
// To add one: a file in this folder, a line in table.cpp, hand-written histories in tests/unit.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/core/contract/contract.hpp"
#include "harness/core/history/record.hpp"
#include "harness/core/scenario/scenario.hpp"
#include "harness/core/scenario/target_spec.hpp"

namespace streamgauge {

enum class Verdict : std::uint8_t { pass, info, skip, warn, inconclusive, error, fail };
[[nodiscard]] std::string_view to_string(Verdict verdict);
[[nodiscard]] std::optional<Verdict> verdict_from(std::string_view text);

enum class Level : std::uint8_t { must, should, may };
[[nodiscard]] std::string_view to_string(Level level);

/// One offending (or telling) record: when, which stream, in words.
struct Evidence {
  Instant at{};
  StreamId stream = no_stream;
  std::string what;
  friend bool operator==(const Evidence&, const Evidence&) = default;
};

/// The earliest few by (time, stream, words), whatever the order in which they came: merging
/// threads changes nothing.
class EvidenceList {
 public:
  static constexpr std::size_t max = 5;
  void add(Evidence evidence);
  void merge(const EvidenceList& other);
  [[nodiscard]] const std::vector<Evidence>& items() const { return items_; }
  [[nodiscard]] std::uint64_t total() const { return total_; }

 private:
  std::vector<Evidence> items_;
  std::uint64_t total_ = 0;
};

struct Finding {
  Verdict verdict = Verdict::inconclusive;
  std::string measured;  // "gap 741 ms to 768 ms over 96 heartbeats"
  std::string bound;     // "750 ms +/- 25 % (widened by 4 ms of scheduling lag)"
  std::string reason;    // why not pass, in a sentence that names cause and remedy; empty on pass
  std::vector<std::pair<std::string, std::uint64_t>> counts;
  std::vector<Evidence> evidence;
  std::string repeated{};    // what another attempt at this check said, when there was one
  std::string not_stated{};  // the key whose absence from the contract is the reason of a skip
};

/// The harness's own noise in the run that is being judged.
struct Noise {
  Duration lag_p99{};
  Duration lag_max{};
  bool measured = false;             // no samples: timing checks must be inconclusive
  bool generator_saturated = false;  // publisher or swarm could not keep its schedule
  bool target_starved = false;       // others kept the target from the processors
};

/// What a check may know beside records. Outlives the checks.
struct CheckContext {
  const Contract& contract;
  const Scenario& scenario;
  const TargetSpec& target;
  std::uint32_t run = 0;      // the RUN of this run's envelopes
  std::uint32_t streams = 0;  // number of simulated clients: stream ids are below it
  /// Names of the hops between clients and target, from the clients; empty: a direct path.
  std::vector<std::string> path{};
};

class Check {
 public:
  virtual ~Check() = default;
  virtual void on(const Record& record) = 0;
  /// `other` is of the same type; streams of the two are disjoint, run-wide facts are in both.
  virtual void merge(const Check& other) = 0;
  [[nodiscard]] virtual Finding judge(const Noise& noise) const = 0;
};

struct CheckSpec {
  std::string_view id;  // "heartbeat.cadence"
  Level level;
  std::string_view requirement;  // one sentence
  std::string_view source;       // spec section or contract key
  std::vector<Capability> needs;
  /// Empty when the contract states what the check judges; otherwise which key is missing. May be
  /// null: the check needs no contract.
  std::string (*not_stated)(const Contract&);
  std::unique_ptr<Check> (*make)(const CheckContext&);
  /// The facts that the check folds: bit i stands for Fact's alternative i (see fold.hpp).
  std::uint32_t wants = ~std::uint32_t{0};
  /// It judges how long something took, so that noise may fail it: then it is repeated, alone.
  bool timing = false;
  [[nodiscard]] std::string_view family() const { return id.substr(0, id.find('.')); }
};

/// The table of all checks, in the order in which reports show them.
[[nodiscard]] const std::vector<CheckSpec>& all_checks();
[[nodiscard]] const CheckSpec* find_check(std::string_view id);

/// What a baseline (see core/result/baseline.hpp) makes of a verdict.
enum class Standing : std::uint8_t {
  plain,             // nothing: the verdict counts
  expected_failure,  // it fails, as the baseline says it does: does not fail the run
  stale,             // it passes although the baseline says that it fails: fails the run
  flaky,             // known to be unreliable: never fails the run
};
[[nodiscard]] std::string_view to_string(Standing standing);

/// The verdict on one check in one scenario, ready for reports.
struct CheckResult {
  std::string id, family, scenario, requirement, source;
  Level level = Level::must;
  Finding finding;
  Standing standing = Standing::plain;
  std::string standing_reason{};  // the baseline's
  std::string hop{};  // without this hop of the path it does not fail; empty: none, or not known
};

/// Folds records into every selected check; one Jury per thread, merged at the end.
/// Checks that cannot be judged (capability, contract) are decided at once and see no record.
class Jury final : public RecordSink {
 public:
  /// `ids`: exact ids; the caller has expanded globs and validated them. `context` outlives it.
  Jury(const CheckContext& context, std::vector<std::string> ids);
  ~Jury() override;
  Jury(Jury&&) noexcept;
  void on(const Record& record) override;
  void merge(const Jury& other);
  /// An exception thrown by a check makes its verdict `error`, not the run's end.
  [[nodiscard]] std::vector<CheckResult> judge(const Noise& noise) const;

 private:
  struct Seat;
  const CheckContext& context_;
  std::vector<Seat> seats_;
  std::vector<std::vector<std::uint16_t>> listeners_;
};

}  // namespace streamgauge

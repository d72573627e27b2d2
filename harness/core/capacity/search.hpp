// The search for the highest load that a system holds: an exponential ladder, then bisection, done
// several times, as a pure state machine: what became of a trial goes in, the next one or the
// answer comes out. It knows no unit: a load is a number (streams, events per second and stream).
//
// A load that is held in its first trial is held. One that is not is tried again, up to three
// trials, and two decide: what a machine does once by accident it does not do twice. A pass narrows
// the bracket [held, not held) until its ends are within `resolution`. The first pass climbs from
// `start` (or descends, when that is too much already); the others begin with the bracket that the
// ladder found and owe nothing to the trials in it: an end of the bracket that no trial of the pass
// itself has confirmed is tried before the pass ends there, and given up if it turns out wrong.
// So the passes are repeats of one measurement, and their spread says how far to trust it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

namespace streamgauge::capacity {

/// What one trial says of its load.
enum class Outcome : std::uint8_t {
  held,       // every objective was met
  broken,     // an objective was missed, and it was the target that missed it
  generator,  // missed, but the harness or its machine had no time left: proves nothing of the
              // target
};
[[nodiscard]] std::string_view to_string(Outcome outcome);

struct SearchPlan {
  double start = 500;
  double floor = 1;  // nothing below is tried, nor above `ceiling`
  double ceiling = 1e6;
  double factor = 2;         // of the ladder, above 1
  double resolution = 0.05;  // a pass ends when its bracket is no wider: (high - low) / low
  double agreement = 0.15;   // the passes' answers may differ by so much: (most - least) / least
  unsigned passes = 3;       // at least 1
  unsigned trials_max = 150;
  bool whole = true;  // loads are whole numbers; else they have three significant digits
};

struct Trial {
  double load = 0;
  unsigned pass = 0;     // from 0
  unsigned attempt = 1;  // at this load in a row
  friend bool operator==(const Trial&, const Trial&) = default;
};

enum class Stop : std::uint8_t {
  objective,  // the target broke an objective right above
  generator,  // the harness gave out first: the answer is "at least"
  ceiling,    // held up to the highest load that was allowed: "at least"
  nothing,    // broken at the lowest load, too
  disagree,   // the passes differ by more than `agreement`
  too_many,   // `trials_max` without an answer
  cut_short,  // ended from outside before there was an answer
};
[[nodiscard]] std::string_view to_string(Stop stop);

/// The end of one pass. `held` 0: not even the floor; no `not_held`: the ceiling was held.
struct PassEnd {
  double held = 0;
  std::optional<double> not_held;
  Outcome why = Outcome::held;  // of `not_held`
  friend bool operator==(const PassEnd&, const PassEnd&) = default;
};

struct Answer {
  Stop stop = Stop::too_many;
  double load = 0;  // the median of what the passes held; for "at least" the least of it
  /// The passes saw the knee within: the least that one of them held, the most that one of them saw
  /// broken. No `high`: unknown.
  double low = 0;
  std::optional<double> high{};
  double spread = 0;  // of the passes: (most - least) / least
  std::vector<PassEnd> passes{};
  friend bool operator==(const Answer&, const Answer&) = default;
};
/// There is a knee, and `load` is it.
[[nodiscard]] constexpr bool found(const Answer& answer) {
  return answer.stop == Stop::objective;
}
/// The target holds `load`, and nobody knows how much more.
[[nodiscard]] constexpr bool at_least(const Answer& answer) {
  return answer.stop == Stop::generator || answer.stop == Stop::ceiling;
}

class Search {
 public:
  explicit Search(SearchPlan plan);

  /// The trial to run now, or the answer. The same until record().
  [[nodiscard]] std::variant<Trial, Answer> next() const;
  /// What became of the trial that next() named.
  void record(Outcome outcome);
  /// The answer when nothing more may be tried: of the passes that are over, where they are two or
  /// all that were wanted; else Stop::cut_short, with `low` the most that was held in any trial.
  [[nodiscard]] Answer so_far() const;
  [[nodiscard]] unsigned trials() const { return trials_; }

 private:
  struct End {
    double load;
    bool confirmed;  // by a trial of this pass
    Outcome why;
  };

  [[nodiscard]] double rounded(double load) const;
  [[nodiscard]] double between(double low, double high) const;
  [[nodiscard]] bool close(double low, double high) const;
  [[nodiscard]] std::optional<double> wanted() const;
  void decide(double load, Outcome outcome);
  void end_pass();
  [[nodiscard]] Answer answer() const;
  [[nodiscard]] Answer of_passes() const;

  SearchPlan plan_;
  std::optional<End> low_, high_;
  std::optional<End> ladder_low_, ladder_high_;  // with which later passes begin
  std::vector<Outcome> votes_;                   // at the load that is being tried
  std::vector<PassEnd> passes_;
  unsigned trials_ = 0;
  double most_held_ = 0;
  bool bisecting_ = false;
};

}  // namespace streamgauge::capacity

// Phases and freezes as one thread saw them; every thread is told of all of them.
#pragma once

#include <optional>
#include <vector>

#include "harness/core/check/fold.hpp"

namespace streamgauge {

class Timeline {
 public:
  static constexpr std::uint32_t wants =
      facts<fact::PhaseBegan, fact::FaultBegan, fact::FaultEnded>();
  static constexpr std::size_t freezes_max = 256;  // more are counted as part of the last one

  explicit Timeline(const Scenario& scenario) : scenario_(&scenario) {}

  void on(const Record& record);
  /// For facts of streams, which can only tell how late it is.
  void see(Instant at) {
    if (at > last_) last_ = at;
  }
  void merge(const Timeline& other);

  /// The kind of the phase that `at` falls into; nullopt before the first and after the last.
  [[nodiscard]] std::optional<PhaseKind> kind_at(Instant at) const;
  /// The end of the run (all phases over); otherwise the last moment that any record told of.
  [[nodiscard]] Instant end() const { return ended_ ? *ended_ : last_; }
  /// Start of the first phase of `kind`, if it began.
  [[nodiscard]] std::optional<Instant> first(PhaseKind kind) const;
  [[nodiscard]] bool frozen_between(Instant from, Instant to) const;
  [[nodiscard]] bool frozen_now() const { return !freezes_.empty() && !freezes_.back().over; }
  /// Moves `from` past every freeze that overlaps [from, to], plus `rest` for the target to find
  /// its rhythm again. The answer may lie after `to`: then nothing of the stretch can be judged.
  [[nodiscard]] Instant judged_from(Instant from, Instant to, Duration rest) const;

 private:
  struct Freeze {
    Instant began{};
    Instant ended{};
    bool over = false;
  };
  const Scenario* scenario_;
  std::vector<std::optional<Instant>> phases_;
  std::vector<Freeze> freezes_;
  std::optional<Instant> ended_;
  Instant last_{};
};

}  // namespace streamgauge

// What became of the target's processes, and how ready it said it was: known to whom the engine
// tells it, perhaps to one thread alone, so ask when all have been merged.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "harness/core/check/fold.hpp"

namespace streamgauge {

class TargetTrail {
 public:
  static constexpr std::uint32_t wants = facts<fact::TargetChanged, fact::Readiness>();
  static constexpr std::size_t changes_max = 256;  // a scenario has a handful; more are dropped

  struct Change {
    Instant at{};
    TargetEvent what = TargetEvent::killed;
    std::int32_t code = 0;
    std::string detail;
    friend bool operator==(const Change&, const Change&) = default;
  };
  struct Ready {
    Instant at{};
    int status = 0;
    Duration since_last{};
    friend bool operator==(const Ready&, const Ready&) = default;
  };

  void on(const Record& record) {
    if (const auto* changed = std::get_if<fact::TargetChanged>(&record.fact)) {
      if (changes_.size() == changes_max) return;
      changes_.push_back({record.at, changed->what, changed->code, std::string(changed->detail)});
    } else if (const auto* ready = std::get_if<fact::Readiness>(&record.fact)) {
      if (readiness_.size() == changes_max) return;
      readiness_.push_back({record.at, ready->status, ready->since_last});
    }
  }

  void merge(const TargetTrail& other) {
    unite(changes_, other.changes_);
    unite(readiness_, other.readiness_);
  }

  [[nodiscard]] const std::vector<Change>& changes() const { return changes_; }
  [[nodiscard]] const std::vector<Ready>& readiness() const { return readiness_; }

  /// The first `what` at or after `from`; null when there is none.
  [[nodiscard]] const Change* next(TargetEvent what, Instant from = {}) const {
    const auto found = std::find_if(changes_.begin(), changes_.end(), [&](const Change& change) {
      return change.what == what && change.at >= from;
    });
    return found == changes_.end() ? nullptr : &*found;
  }

  /// Was the target killed, or stopped for good, at a moment within [from, to], or down all along?
  [[nodiscard]] bool down_within(Instant from, Instant to) const {
    for (const auto& change : changes_) {
      const bool gone =
          change.what == TargetEvent::killed || change.what == TargetEvent::stop_ordered;
      if (!gone || change.at > to) continue;
      const auto* back = next(TargetEvent::restarted, change.at);
      if (!back || back->at >= from) return true;
    }
    return false;
  }

 private:
  /// Each thread was told of the same, or of nothing.
  template <class One>
  static void unite(std::vector<One>& mine, const std::vector<One>& theirs) {
    for (const auto& one : theirs) {
      if (std::find(mine.begin(), mine.end(), one) == mine.end()) mine.push_back(one);
    }
    std::stable_sort(mine.begin(), mine.end(),
                     [](const One& a, const One& b) { return a.at < b.at; });
  }

  std::vector<Change> changes_;
  std::vector<Ready> readiness_;
};

}  // namespace streamgauge

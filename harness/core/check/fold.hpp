// What the folds of this folder are made of: masks of facts, state per stream, a stream's life.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "harness/core/check/check.hpp"

namespace streamgauge {

namespace detail {
template <class F, class Variant>
struct FactIndex;
template <class F, class... Fs>
struct FactIndex<F, std::variant<Fs...>> {
  static_assert(sizeof...(Fs) <= 32, "a mask of facts has 32 bits: widen it");
  static constexpr std::uint32_t bit() {
    std::uint32_t index = 0;
    std::uint32_t mask = 0;
    ((mask |= std::is_same_v<F, Fs> ? std::uint32_t{1} << index : 0u, ++index), ...);
    return mask;
  }
};
}  // namespace detail

/// The mask for CheckSpec::wants: facts<fact::Headers, fact::Closed>().
template <class... Fs>
[[nodiscard]] constexpr std::uint32_t facts() {
  return (detail::FactIndex<Fs, Fact>::bit() | ... | 0u);
}

/// Gives a check its typed merge: derive from Fold<Self> and write absorb(const Self&).
template <class Self>
class Fold : public Check {
 public:
  void merge(const Check& other) final {
    static_cast<Self*>(this)->absorb(static_cast<const Self&>(other));
  }
};

template <class T>
[[nodiscard]] std::unique_ptr<Check> make_check(const CheckContext& context) {
  return std::make_unique<T>(context);
}

/// One state for each stream, indexed by its id; a state that was asked for counts as used.
template <class State>
class PerStream {
 public:
  [[nodiscard]] State& operator[](StreamId id) {
    if (id >= slots_.size()) slots_.resize(static_cast<std::size_t>(id) + 1);
    slots_[id].used = true;
    return slots_[id].state;
  }
  /// Streams of the two are disjoint: each comes from the one that has seen it.
  void merge(const PerStream& other) {
    if (slots_.size() < other.slots_.size()) slots_.resize(other.slots_.size());
    for (std::size_t i = 0; i < other.slots_.size(); ++i) {
      if (other.slots_[i].used) slots_[i] = other.slots_[i];
    }
  }
  /// Null for a stream that was never seen.
  [[nodiscard]] const State* find(StreamId id) const {
    return id < slots_.size() && slots_[id].used ? &slots_[id].state : nullptr;
  }
  /// visit(StreamId, const State&) for each stream seen, in the order of ids.
  template <class Visit>
  void each(Visit&& visit) const {
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      if (slots_[i].used) visit(static_cast<StreamId>(i), slots_[i].state);
    }
  }

 private:
  struct Slot {
    State state{};
    bool used = false;
  };
  std::vector<Slot> slots_;
};

/// What every check needs to know of a stream: is it open, does it read, since when.
struct StreamLife {
  static constexpr std::uint32_t wants =
      facts<fact::Joined, fact::Connecting, fact::Connected, fact::Headers, fact::ReadingStopped,
            fact::ReadingResumed, fact::PeerGone, fact::Closed>();

  Instant connected_at{};
  Instant opened_at{};   // complete head of the current (or last) connection
  Instant stopped_at{};  // the first stop
  Instant resumed_at{};
  Instant gone_at{};  // the target was seen to have closed its side
  Instant closed_at{};
  std::uint32_t attempt = 0;
  std::uint16_t group = 0;
  std::uint16_t channel = 0;
  bool connected = false;
  bool open = false;  // answered 200 (or 101) and not closed
  bool ever_open = false;
  bool sends_id = false;  // the current attempt sends Last-Event-ID
  bool stopped = false;
  bool ever_stopped = false;
  bool resumed = false;
  bool gone = false;
  bool closed = false;  // the last connection has ended
  Ending ending = Ending::local;

  void on(const Record& record);
  /// The target ended the connection (not the harness).
  [[nodiscard]] bool ended_by_target() const {
    return gone || (closed && ending != Ending::local && ending != Ending::timed_out);
  }
  /// Still open when the run was over: what the harness itself closes then does not count.
  [[nodiscard]] bool open_at(Instant end) const {
    return !gone && (open || (closed && ending == Ending::local && closed_at >= end));
  }
  [[nodiscard]] Instant ended_at() const { return gone ? gone_at : closed_at; }
};

/// True for streams whose group reads slower than it could: their timings are their own doing.
[[nodiscard]] bool reads_slowly(const Scenario& scenario, std::uint16_t group);

/// Does the scenario ever publish on `channel` (events or probes)?
[[nodiscard]] bool publishes_on(const Scenario& scenario, std::uint16_t channel);

}  // namespace streamgauge

// Who held a place, since when and until when, and who was refused.
//
// Streams of several threads share a limit, so each stream keeps its own story and judge() lays
// them side by side. What is said of the number of places taken is said on the safe side: "surely"
// leaves out what the target may have given up before the client learned of it, "possibly" adds
// what it may not have noticed yet.
#pragma once

#include <array>
#include <map>
#include <string>
#include <vector>

#include "harness/core/check/finding.hpp"
#include "harness/core/check/target_trail.hpp"
#include "harness/core/check/timeline.hpp"

namespace streamgauge {

/// How an admitted stream ended.
enum class Leave : std::uint8_t { by_target, closed, fin, reset, half_close, vanish };

struct Place {
  Instant began{};   // the attempt
  Instant opened{};  // admitted
  Instant ended{};
  Leave how = Leave::closed;
  bool over = false;
};

struct Refusal {
  Instant began{};
  Instant at{};
  int status = 0;
};

/// What became of one stream.
struct Guest {
  static constexpr std::size_t places_max = 4;
  StreamId stream = no_stream;
  StreamLife life;
  std::array<Place, places_max> places;  // the earliest
  std::uint32_t admitted = 0;
  Refusal first, last;  // of its refusals
  std::uint32_t refused = 0;
  Instant began{};  // the current attempt
};

/// The streams that share one limit, judged together.
struct Admission {
  std::uint64_t clients = 0;
  std::uint64_t admitted_most = 0;  // at the same time, surely
  std::uint64_t refused = 0;
  std::uint64_t ended_by_target = 0;
  std::map<int, std::uint64_t> statuses;  // of refusals
  std::array<std::uint64_t, 6> left{};    // by Leave, once the limit had been reached
  std::uint64_t taken_again = 0;          // admitted after the limit was first reached
  EvidenceList early;   // refused though a place was free, and nobody had left before
  EvidenceList ghosts;  // refused though those who had left had to be forgotten
  EvidenceList ended;
  EvidenceList wrong_status;
};

class LimitsFold {
 public:
  static constexpr std::uint32_t wants =
      StreamLife::wants | Timeline::wants | TargetTrail::wants | facts<fact::Aborted>();

  explicit LimitsFold(const CheckContext& context)
      : context_(context), timeline_(context.scenario) {}
  void on(const Record& record);
  void merge(const LimitsFold& other) {
    timeline_.merge(other.timeline_);
    target_.merge(other.target_);
    guests_.merge(other.guests_);
  }

  /// All streams under streams_total; who is refused for being too many of one user is left out.
  [[nodiscard]] Admission in_total(const Noise& noise) const;
  /// Of the users that the scenario gives to several streams, the one with the most to tell.
  [[nodiscard]] Admission of_user(const Noise& noise) const;
  /// A place is free again so long after its stream has ended; nullopt: never promised.
  [[nodiscard]] std::optional<Duration> freed_within(Leave how) const;

 private:
  struct Limit {
    std::uint64_t streams = 0;
    int status = 0;  // of refusals beyond it
  };
  using Guests = std::vector<const Guest*>;

  static void leave(Guest& guest, Instant at, Leave how);
  static void refuse(Guest& guest, Instant at, int status);
  [[nodiscard]] std::string shared_user(const Guest& guest) const;
  [[nodiscard]] Guests everybody() const;
  [[nodiscard]] Admission admission(const Guests& guests, const Limit& limit,
                                    const Noise& noise) const;
  void judge_refusal(const Guests& guests, const Guest& guest, const Refusal& refusal,
                     const Limit& limit, const Noise& noise, Admission& out) const;
  [[nodiscard]] std::uint64_t possibly_taken(const Guests& guests, const Guest& but,
                                             const Refusal& refusal, const Noise& noise) const;
  [[nodiscard]] bool excuses(const Guest& guest, const Refusal& refusal, const Limit& limit,
                             const Noise& noise) const;

  const CheckContext& context_;
  Timeline timeline_;
  TargetTrail target_;
  PerStream<Guest> guests_;
};

}  // namespace streamgauge

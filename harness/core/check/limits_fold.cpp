#include "harness/core/check/limits_fold.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/core/check/members.hpp"

namespace streamgauge {

namespace {

using namespace std::chrono_literals;

constexpr int too_many_of_user = 429;
constexpr int too_many = 503;
/// A stream that the target ended may have been replaced before its client learned of the end.
constexpr Duration end_travels = 250ms;

Leave leave_of(AbortKind kind) {
  switch (kind) {
    case AbortKind::fin:
      return Leave::fin;
    case AbortKind::reset:
      return Leave::reset;
    case AbortKind::half_close:
      return Leave::half_close;
    case AbortKind::vanish:
      return Leave::vanish;
  }
  return Leave::closed;
}

template <class Visit>
void each_place(const Guest& guest, Visit&& visit) {
  const auto kept = std::min<std::size_t>(guest.admitted, Guest::places_max);
  for (std::size_t i = 0; i < kept; ++i) visit(guest.places[i]);
}

/// The most places surely taken at one time; and when that was `reached` for the first time.
std::uint64_t most_at_once(const std::vector<const Guest*>& guests, std::uint64_t limit,
                           Duration slack, std::optional<Instant>& reached) {
  std::vector<std::pair<Instant, int>> steps;
  for (const auto* guest : guests) {
    each_place(*guest, [&](const Place& place) {
      auto ended = place.ended;
      if (place.how == Leave::by_target) ended -= end_travels + slack;
      if (place.over && ended <= place.opened) return;
      steps.emplace_back(place.opened, 1);
      if (place.over) steps.emplace_back(ended, -1);
    });
  }
  std::sort(steps.begin(), steps.end());  // at the same moment, who leaves goes first
  std::int64_t taken = 0, most = 0;
  for (const auto& [at, change] : steps) {
    taken += change;
    most = std::max(most, taken);
    if (!reached && taken >= static_cast<std::int64_t>(limit)) reached = at;
  }
  return static_cast<std::uint64_t>(most);
}

}  // namespace

void LimitsFold::on(const Record& record) {
  if (record.stream == no_stream) {
    timeline_.on(record);
    target_.on(record);
    return;
  }
  timeline_.see(record.at);
  auto& guest = guests_[record.stream];
  guest.stream = record.stream;
  if (std::holds_alternative<fact::Connecting>(record.fact)) {
    guest.began = record.at;
  } else if (const auto* headers = std::get_if<fact::Headers>(&record.fact)) {
    if (headers->status == 200) {
      if (guest.admitted < Guest::places_max) {
        guest.places[guest.admitted] = {guest.began, record.at, {}, Leave::closed, false};
      }
      ++guest.admitted;
    } else if (headers->status >= 400) {
      refuse(guest, record.at, headers->status);
    }
  } else if (const auto* aborted = std::get_if<fact::Aborted>(&record.fact)) {
    if (guest.life.open) leave(guest, record.at, leave_of(aborted->kind));
  } else if (const auto* closed = std::get_if<fact::Closed>(&record.fact)) {
    const bool own = closed->ending == Ending::local || closed->ending == Ending::timed_out ||
                     closed->ending == Ending::silent || closed->ending == Ending::over_limit;
    if (guest.life.open) leave(guest, record.at, own ? Leave::closed : Leave::by_target);
  }
  guest.life.on(record);
}

void LimitsFold::leave(Guest& guest, Instant at, Leave how) {
  if (guest.admitted == 0 || guest.admitted > Guest::places_max) return;
  auto& place = guest.places[guest.admitted - 1];
  if (place.over) return;  // the close that follows an abort
  place.over = true;
  place.ended = at;
  place.how = how;
}

void LimitsFold::refuse(Guest& guest, Instant at, int status) {
  guest.last = {guest.began, at, status};
  if (guest.refused++ == 0) guest.first = guest.last;
}

std::optional<Duration> LimitsFold::freed_within(Leave how) const {
  // Who closes one half and goes on reading may be kept as the listener that it is (RFC 9293, 3.6).
  if (how == Leave::half_close) return std::nullopt;
  const auto& contract = context_.contract;
  Duration prompt = 1s;
  // Who reads nothing of its clients learns of their end when it writes: twice, to be sure.
  if (contract.heartbeat) {
    const auto& heartbeat = *contract.heartbeat;
    prompt = std::max(prompt, scaled(heartbeat.every, 2 * (1 + heartbeat.tolerance)));
  }
  if (how != Leave::vanish) return prompt;
  if (!contract.eviction) return std::nullopt;
  return scaled(contract.eviction->stalled_after, 1 + contract.eviction->tolerance) + prompt;
}

std::string LimitsFold::shared_user(const Guest& guest) const {
  return streamgauge::shared_user(context_.scenario, guest.life.group);
}

LimitsFold::Guests LimitsFold::everybody() const {
  Guests guests;
  guests_.each([&](StreamId, const Guest& guest) { guests.push_back(&guest); });
  return guests;
}

Admission LimitsFold::in_total(const Noise& noise) const {
  const auto limit = context_.contract.limits.streams_total.value_or(0);
  return admission(everybody(), {limit, too_many}, noise);
}

Admission LimitsFold::of_user(const Noise& noise) const {
  std::map<std::string, Guests> users;
  for (const auto* guest : everybody()) {
    if (const auto user = shared_user(*guest); !user.empty()) users[user].push_back(guest);
  }
  const auto limit = context_.contract.limits.streams_per_user.value_or(0);
  std::optional<Admission> worst;
  for (const auto& [user, guests] : users) {
    const auto rank = [&](const Admission& one) {
      const bool wrong =
          one.admitted_most > limit ||
          one.early.total() + one.ghosts.total() + one.ended_by_target + one.wrong_status.total() >
              0;
      return std::pair{wrong, one.refused};
    };
    auto one = admission(guests, {limit, too_many_of_user}, noise);
    if (!worst || rank(one) > rank(*worst)) worst = std::move(one);
  }
  return worst.value_or(Admission{});
}

Admission LimitsFold::admission(const Guests& guests, const Limit& limit,
                                const Noise& noise) const {
  Admission out;
  std::optional<Instant> reached;
  out.admitted_most = most_at_once(guests, limit.streams, 2 * noise.lag_max, reached);
  for (const auto* guest : guests) {
    out.clients += guest->life.attempt > 0 ? 1 : 0;
    each_place(*guest, [&](const Place& place) {
      if (reached && place.began > *reached) ++out.taken_again;
      if (!place.over || place.ended >= timeline_.end()) return;
      if (reached && place.ended >= *reached) ++out.left[static_cast<std::size_t>(place.how)];
      if (place.how != Leave::by_target) return;
      if (target_.down_within(place.ended - 1s, place.ended)) return;
      ++out.ended_by_target;
      out.ended.add({place.ended, guest->stream, "admitted, and ended by the target"});
    });
    if (guest->refused == 0) continue;
    judge_refusal(guests, *guest, guest->first, limit, noise, out);
    if (guest->refused > 1) judge_refusal(guests, *guest, guest->last, limit, noise, out);
  }
  return out;
}

void LimitsFold::judge_refusal(const Guests& guests, const Guest& guest, const Refusal& refusal,
                               const Limit& limit, const Noise& noise, Admission& out) const {
  if (excuses(guest, refusal, limit, noise)) return;
  const bool limiting = refusal.status == too_many || refusal.status == too_many_of_user;
  const auto taken = possibly_taken(guests, guest, refusal, noise);
  if (taken < limit.streams && !limiting) return;  // refused for another reason
  ++out.refused;
  ++out.statuses[refusal.status];
  if (taken < limit.streams) {
    const bool left = std::any_of(guests.begin(), guests.end(), [&](const Guest* other) {
      bool gone = false;
      each_place(*other, [&](const Place& place) {
        gone = gone || (place.over && place.ended < refusal.began);
      });
      return gone;
    });
    (left ? out.ghosts : out.early)
        .add({refusal.at, guest.stream,
              fmt::format("status {} with {} of {} places taken", refusal.status, taken,
                          limit.streams)});
  } else if (refusal.status != limit.status) {
    out.wrong_status.add({refusal.at, guest.stream, fmt::format("status {}", refusal.status)});
  }
}

std::uint64_t LimitsFold::possibly_taken(const Guests& guests, const Guest& but,
                                         const Refusal& refusal, const Noise& noise) const {
  std::uint64_t taken = 0;
  for (const auto* other : guests) {
    if (other == &but) continue;
    bool holds = other->admitted > Guest::places_max;  // its later places are not known
    each_place(*other, [&](const Place& place) {
      if (place.began > refusal.at) return;
      const auto within = freed_within(place.how);
      holds = holds || !place.over || !within ||
              place.ended + *within + 2 * noise.lag_max >= refusal.began;
    });
    taken += holds ? 1 : 0;
  }
  return taken;
}

/// Is the refusal the other limit's, or that of a target that was going down?
bool LimitsFold::excuses(const Guest& guest, const Refusal& refusal, const Limit& limit,
                         const Noise& noise) const {
  if (target_.down_within(refusal.began - 1s, refusal.at)) return true;
  const auto& limits = context_.contract.limits;
  if (limit.status == too_many) {
    return limits.streams_per_user && refusal.status == too_many_of_user &&
           !shared_user(guest).empty();
  }
  return limits.streams_total && refusal.status == too_many &&
         possibly_taken(everybody(), guest, refusal, noise) >= *limits.streams_total;
}

}  // namespace streamgauge

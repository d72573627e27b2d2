#include "harness/core/check/lag_fold.hpp"

#include <algorithm>
#include <charconv>

namespace streamgauge {

std::optional<std::uint64_t> first_number(std::string_view text) {
  const auto digit = text.find_first_of("0123456789");
  if (digit == std::string_view::npos) return std::nullopt;
  std::uint64_t number = 0;
  const auto* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data() + digit, end, number);
  (void)rest;
  if (error != std::errc{}) return std::nullopt;
  return number;
}

void LagFold::on(const Record& record) {
  if (const auto* published = std::get_if<fact::Published>(&record.fact)) {
    trail_.on(*published, record.at);
    return;
  }
  if (record.stream == no_stream) return;
  auto& state = streams_[record.stream];
  if (const auto* event = std::get_if<fact::Event>(&record.fact)) {
    on_event(record, state, *event);
    return;
  }
  (void)state.reader.on(record);
  if (const auto* joined = std::get_if<fact::Joined>(&record.fact)) {
    state.channel = joined->channel;
  } else if (std::holds_alternative<fact::Headers>(record.fact) ||
             std::holds_alternative<fact::Closed>(record.fact)) {
    close_account(record.stream, state);
  }
}

void LagFold::on_event(const Record& record, State& state, const fact::Event& event) {
  if (!event.envelope) {
    if (lag_event_.empty() || event.type != lag_event_) return;
    ++notices_;
    ++state.notices;
    state.notice_at = record.at;
    state.notice_is_last = true;
    if (const auto number = first_number(event.data)) {
      state.announced += *number;
    } else {
      state.unreadable = true;
    }
  } else {
    if (event.envelope->run != run_) return;
    ++events_;
    const auto arrival = state.ledger.take(event.envelope->seq, record.at);
    const bool was_last = state.notice_is_last;
    state.notice_is_last = false;
    if (arrival == SeqLedger::Arrival::next && !was_last) return;
  }
  if (state.announced == 0 || state.unreadable || state.ledger.overflowed()) return;
  if (state.ledger.missing() != state.announced) return;
  state.ledger.forget_holes();
  settled_ += 1;
  state.announced = state.notices = 0;
}

LagFold::Account LagFold::account_of(StreamId stream, const State& state) {
  Account account;
  account.at = state.ledger.holes().empty() ? state.notice_at : state.ledger.holes().front().at;
  account.stream = stream;
  account.channel = state.channel;
  account.holes = state.ledger.holes();
  account.announced = state.announced;
  account.notices = state.notices;
  account.unreadable = state.unreadable;
  account.notice_is_last = state.notice_is_last;
  account.overflowed = state.ledger.overflowed();
  return account;
}

void LagFold::close_account(StreamId stream, State& state) {
  if (!state.ledger.holes().empty() || state.notices > 0) {
    if (accounts_.size() < accounts_max) {
      accounts_.push_back(account_of(stream, state));
    } else {
      overflowed_ = true;
    }
  }
  state.ledger = SeqLedger{};
  state.announced = state.notices = 0;
  state.unreadable = state.notice_is_last = false;
}

void LagFold::merge(const LagFold& other) {
  streams_.merge(other.streams_);
  trail_.merge(other.trail_);
  accounts_.insert(accounts_.end(), other.accounts_.begin(), other.accounts_.end());
  settled_ += other.settled_;
  notices_ += other.notices_;
  events_ += other.events_;
  overflowed_ = overflowed_ || other.overflowed_;
}

std::vector<LagFold::Account> LagFold::unsettled() const {
  auto all = accounts_;
  streams_.each([&](StreamId id, const State& state) {
    if (state.ledger.holes().empty() && state.notices == 0) return;
    all.push_back(account_of(id, state));
  });
  std::stable_sort(all.begin(), all.end(), [](const Account& a, const Account& b) {
    return std::pair{a.at, a.stream} < std::pair{b.at, b.stream};
  });
  return all;
}

std::uint64_t LagFold::cut() const {
  std::uint64_t count = 0;
  streams_.each([&](StreamId, const State& state) { count += state.reader.cut ? 1u : 0u; });
  return count;
}

}  // namespace streamgauge

// Holes and the notices that announce them, balanced per connection.
//
// An account is opened by a hole or a notice and settled when as many events were announced as are
// missing. Balancing totals instead of single places lets a target announce once what it dropped in
// several places (around critical events, say). What is not settled when the connection ends is
// kept for judge(), which knows the publishes that failed and so were never to arrive.
#pragma once

#include <vector>

#include "harness/core/check/delivery_fold.hpp"
#include "harness/core/check/stopped_reader.hpp"

namespace streamgauge {

class LagFold {
 public:
  static constexpr std::uint32_t wants = StreamLife::wants | facts<fact::Event, fact::Published>();
  static constexpr std::size_t accounts_max = 4096;

  struct Account {
    Instant at{};
    StreamId stream = no_stream;
    std::uint16_t channel = 0;
    std::vector<SeqLedger::Hole> holes;
    std::uint64_t announced = 0;
    std::uint64_t notices = 0;
    bool unreadable = false;      // a notice without a number
    bool notice_is_last = false;  // nothing of the sequence after the last notice: tail unknown
    bool overflowed = false;
  };

  explicit LagFold(const CheckContext& context)
      : run_(context.run),
        lag_event_(context.contract.queue ? context.contract.queue->lag_event : std::string{}) {}

  void on(const Record& record);
  void merge(const LagFold& other);

  /// Every account that never balanced, those still open included, in the order of streams.
  [[nodiscard]] std::vector<Account> unsettled() const;
  [[nodiscard]] const PublishTrail& trail() const { return trail_; }
  [[nodiscard]] std::uint64_t settled() const { return settled_; }
  [[nodiscard]] std::uint64_t notices() const { return notices_; }
  [[nodiscard]] std::uint64_t events() const { return events_; }
  /// Readers that the target cut off after they had stopped.
  [[nodiscard]] std::uint64_t cut() const;
  [[nodiscard]] bool overflowed() const { return overflowed_ || trail_.overflowed(); }
  /// Events of the account that should have arrived.
  [[nodiscard]] std::uint64_t missing(const Account& account) const {
    std::uint64_t sum = 0;
    for (const auto& hole : account.holes) {
      sum += trail_.expected(account.channel, hole.from, hole.to);
    }
    return sum;
  }

 private:
  struct State {
    StoppedReader reader;
    SeqLedger ledger;
    std::uint64_t announced = 0;
    std::uint64_t notices = 0;
    Instant notice_at{};
    std::uint16_t channel = 0;
    bool unreadable = false;
    bool notice_is_last = false;
  };
  void on_event(const Record& record, State& state, const fact::Event& event);
  void close_account(StreamId stream, State& state);
  [[nodiscard]] static Account account_of(StreamId stream, const State& state);

  std::uint32_t run_;
  std::string lag_event_;
  PerStream<State> streams_;
  PublishTrail trail_;
  std::vector<Account> accounts_;
  std::uint64_t settled_ = 0;
  std::uint64_t notices_ = 0;
  std::uint64_t events_ = 0;
  bool overflowed_ = false;
};

/// The first run of digits in a notice's data: "dropped 17 events" -> 17.
[[nodiscard]] std::optional<std::uint64_t> first_number(std::string_view text);

}  // namespace streamgauge

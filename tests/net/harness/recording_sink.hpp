// A sink for tests: keeps every record with its texts, and waits for what is expected to come.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "harness/core/history/record.hpp"

namespace streamgauge::net {

class RecordingSink final : public RecordSink {
 public:
  void on(const Record& record) override {
    const std::lock_guard lock{mutex_};
    if (std::holds_alternative<fact::SchedulingLag>(record.fact)) {
      ++lag_reports_;
    } else {
      records_.push_back(keep(record));
    }
    changed_.notify_all();
  }

  /// Waits, generously, until `enough` holds of the records so far; answers whether it did.
  bool wait_until(const std::function<bool(const std::vector<Record>&)>& enough) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, std::chrono::seconds{90}, [&] { return enough(records_); });
  }

  template <class F>
  bool wait_for(std::size_t count = 1) {
    return wait_until([&](const auto& records) { return count_in<F>(records) >= count; });
  }

  /// Scheduling lag is told about ten times a second: a clock for tests, and left out of records.
  bool wait_for_lag_reports(std::size_t more) {
    std::unique_lock lock{mutex_};
    const std::size_t before = lag_reports_;
    return changed_.wait_for(lock, std::chrono::seconds{90},
                             [&] { return lag_reports_ >= before + more; });
  }

  [[nodiscard]] std::vector<Record> records() const {
    const std::lock_guard lock{mutex_};
    return records_;
  }

  template <class F>
  [[nodiscard]] static std::size_t count_in(const std::vector<Record>& records) {
    std::size_t n = 0;
    for (const Record& r : records) n += std::holds_alternative<F>(r.fact) ? 1 : 0;
    return n;
  }
  template <class F>
  [[nodiscard]] std::size_t count() const {
    const std::lock_guard lock{mutex_};
    return count_in<F>(records_);
  }
  /// All facts of one kind, in order.
  template <class F>
  [[nodiscard]] std::vector<F> all() const {
    const std::lock_guard lock{mutex_};
    std::vector<F> facts;
    for (const Record& r : records_) {
      if (const auto* fact = std::get_if<F>(&r.fact)) facts.push_back(*fact);
    }
    return facts;
  }

 private:
  std::string_view text(std::string_view view) { return texts_.emplace_back(view); }
  Record keep(Record record) {
    std::visit(Overloaded{[&](fact::ConnectFailed& f) { f.reason = text(f.reason); },
                          [&](fact::Headers& f) { f.head = text(f.head); },
                          [&](fact::Comment& f) { f.text = text(f.text); },
                          [&](fact::Event& f) {
                            f.type = text(f.type);
                            f.id = text(f.id);
                            f.data = text(f.data);
                          },
                          [&](fact::Oddity& f) { f.detail = text(f.detail); },
                          [&](fact::Closed& f) { f.detail = text(f.detail); },
                          [&](fact::GaveUp& f) { f.reason = text(f.reason); },
                          [&](fact::FaultBegan& f) { f.name = text(f.name); },
                          [&](fact::FaultEnded& f) { f.name = text(f.name); },
                          [&](fact::TargetDied& f) { f.how = text(f.how); },
                          [&](fact::TargetChanged& f) { f.detail = text(f.detail); },
                          [&](fact::Commanded& f) { f.name = text(f.name); },
                          [&](fact::HopChanged& f) { f.detail = text(f.detail); }, [](auto&) {}},
               record.fact);
    return record;
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Record> records_;
  std::deque<std::string> texts_;
  std::size_t lag_reports_ = 0;
};

}  // namespace streamgauge::net

// Which member of which group a stream is, and the texts by which the target knows it.
#pragma once

#include <cstdint>
#include <string>

#include "harness/core/check/check.hpp"

namespace streamgauge {

struct Member {
  std::uint16_t group = 0;
  std::uint32_t number = 0;  // within its group, from 0
};

/// Stream ids are dense in the order of groups; an id beyond the last is the last group's.
[[nodiscard]] inline Member member_of(const Scenario& scenario, StreamId stream) {
  StreamId first = 0;
  for (std::uint16_t group = 0; group < scenario.groups.size(); ++group) {
    if (stream < first + scenario.groups[group].streams) return {group, stream - first};
    first += scenario.groups[group].streams;
  }
  return {};
}

/// The id that the scenario gives to the stream; empty: one of its own, shared with nobody.
[[nodiscard]] inline std::string identity_of(const Scenario& scenario, StreamId stream) {
  const Member member = member_of(scenario, stream);
  if (member.group >= scenario.groups.size()) return {};
  return member_text(scenario.groups[member.group].id, member.number);
}

/// The user that all members of the group share; empty: each has its own.
[[nodiscard]] inline std::string shared_user(const Scenario& scenario, std::uint16_t group) {
  if (group >= scenario.groups.size()) return {};
  const auto& user = scenario.groups[group].user;
  return member_text(user, 0) == member_text(user, 1) ? user : std::string{};
}

/// When one of the target's commands was first answered with 2xx, and how often it was refused.
/// Only the engine's instance learns of it: ask when all have been merged.
class CommandFold {
 public:
  explicit CommandFold(std::string_view name) : name_(name) {}
  void on(const Record& record) {
    const auto* commanded = std::get_if<fact::Commanded>(&record.fact);
    if (!commanded || commanded->name != name_) return;
    if (commanded->status / 100 != 2) {
      refused_status_ = commanded->status;
    } else {
      if (!sent_ || record.at - commanded->took < *sent_) sent_ = record.at - commanded->took;
      if (!answered_ || record.at > *answered_) answered_ = record.at;
    }
  }
  void merge(const CommandFold& other) {
    if (other.sent_ && (!sent_ || *other.sent_ < *sent_)) sent_ = other.sent_;
    if (other.answered_ && (!answered_ || *other.answered_ > *answered_)) {
      answered_ = other.answered_;
    }
    if (other.refused_status_ != unanswered) refused_status_ = other.refused_status_;
  }
  /// The first was sent, the last was answered; nullopt: none was carried out.
  [[nodiscard]] std::optional<Instant> sent() const { return sent_; }
  [[nodiscard]] std::optional<Instant> answered() const { return answered_; }
  /// Why there is nothing to judge.
  [[nodiscard]] std::string why_not() const {
    if (refused_status_ == unanswered) {
      return "the command '" + std::string(name_) + "' was not given in this run";
    }
    return "the target's command '" + std::string(name_) + "' was answered " +
           (refused_status_ == 0 ? std::string("by nothing") : std::to_string(refused_status_)) +
           "; mend it in the target file";
  }

 private:
  static constexpr int unanswered = -1;
  std::string_view name_;
  std::optional<Instant> sent_, answered_;
  int refused_status_ = unanswered;
};

}  // namespace streamgauge

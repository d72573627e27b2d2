// What a case may demand: small judgments over a trial, each a pure fold, to be put together.
//
// A violation is `fail` for a MUST, `warn` for a SHOULD and `info` for a MAY. Evidence that did not
// come together is never a pass.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/client_case/case.hpp"

namespace streamgauge::client_case {

struct Expected {
  std::string type, data;
  std::optional<std::string> id{};  // nullopt: not looked at
  std::string at{};                 // which part of the script it belongs to, for the reason
};

/// Exactly these events, in this order.
[[nodiscard]] Judge hears(std::vector<Expected> events);
/// Exactly these comments. Events are not looked at.
[[nodiscard]] Judge hears_comments(std::vector<std::string> texts);

/// At least `number` requests come.
[[nodiscard]] Judge comes_back(std::uint32_t number);
/// `number` requests come and then, for as long as the client could have needed, no more.
[[nodiscard]] Judge stays_away_after(std::uint32_t number);
/// Between reply number - 1 and request `number` lie at least / at most that much.
[[nodiscard]] Judge waits_at_least(std::uint32_t number, Duration least);
[[nodiscard]] Judge waits_at_most(std::uint32_t number, Duration most);
/// At most so many requests in all, at least one.
[[nodiscard]] Judge asks_at_most(std::uint32_t number);

/// Request `number` carries Last-Event-ID with that value; nullopt: it carries none.
[[nodiscard]] Judge resumes_with(std::uint32_t number, std::optional<std::string> id);
/// Something about request `number`: `test` answers what is wrong with it; empty: nothing.
[[nodiscard]] Judge request_is(std::uint32_t number, std::string wanted,
                               std::string (*test)(const seen::Requested&));
/// Request `number` names this target, at the first or second port.
[[nodiscard]] Judge asks_for(std::uint32_t number, std::string target, bool elsewhere = false);
/// Request `number` has that field with that value.
[[nodiscard]] Judge sends(std::uint32_t number, std::string field, std::string value);
[[nodiscard]] Judge sends_body(std::uint32_t number, std::string method, std::string body);

/// The client leaves connection `number` no later than that after the script fell silent on it, and
/// not before `least`.
[[nodiscard]] Judge leaves_within(std::uint32_t number, Duration least, Duration most);
/// The client does not leave connection `number` before the case is over.
[[nodiscard]] Judge keeps(std::uint32_t number);
/// The client takes no more than that of connection `number` before it leaves; or, where its memory
/// is measured, does not grow by more however much it takes.
[[nodiscard]] Judge bounded(std::uint32_t number, std::uint64_t bytes_max);
/// The client is still there at the end.
[[nodiscard]] Judge survives();

[[nodiscard]] Judge reports_open(std::uint32_t times);
[[nodiscard]] Judge reports_error();
[[nodiscard]] Judge hears_nothing_after_order();

/// Over repeated connects: the mean wait of the last three is at least `factor` times the first's.
[[nodiscard]] Judge waits_grow(std::uint32_t requests, double factor);
/// Of `requests` waits no more than `share` lie within `window` of each other.
[[nodiscard]] Judge waits_differ(std::uint32_t requests, Duration window, double share);

/// All of them: the worst verdict is the answer.
[[nodiscard]] Judge all_of(std::vector<Judge> parts);

/// Fail, warn or info, by the level.
[[nodiscard]] Verdict violated_grade(Level level);

}  // namespace streamgauge::client_case

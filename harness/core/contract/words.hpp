// The words that contract files use for choices: one table each, for reading and for writing.
#pragma once

#include <array>
#include <string_view>
#include <utility>

#include "harness/core/contract/contract.hpp"

namespace streamgauge::contract_words {

template <class E, std::size_t N>
using Words = std::array<std::pair<E, std::string_view>, N>;

inline constexpr Words<HeartbeatForm, 2> heartbeat_form{{
    {HeartbeatForm::comment, "comment"},
    {HeartbeatForm::event, "event"},
}};
inline constexpr Words<HeartbeatUnderTraffic, 2> under_traffic{{
    {HeartbeatUnderTraffic::fixed, "fixed"},
    {HeartbeatUnderTraffic::reset, "reset"},
}};
inline constexpr Words<Overflow, 3> overflow{{
    {Overflow::disconnect, "disconnect"},
    {Overflow::drop_oldest, "drop-oldest"},
    {Overflow::drop_newest, "drop-newest"},
}};
inline constexpr Words<TooOld, 4> too_old{{
    {TooOld::from_oldest, "from-oldest"},
    {TooOld::reset_event, "reset-event"},
    {TooOld::status_204, "status-204"},
    {TooOld::status_410, "status-410"},
}};

template <class E, std::size_t N>
[[nodiscard]] constexpr std::string_view word(const Words<E, N>& words, E value) {
  for (const auto& [candidate, text] : words) {
    if (candidate == value) return text;
  }
  return "?";
}

}  // namespace streamgauge::contract_words

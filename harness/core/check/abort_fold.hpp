// What becomes of a target's descriptors when clients leave by FIN or reset.
//
// Descriptors after the last of them was due, against those before, each less what the harness
// itself holds open at that time: what is left over is held for clients that are gone.
#pragma once

#include <memory>
#include <string_view>

#include "harness/core/check/check.hpp"

namespace streamgauge {

/// `whose`: "the target" or "the path"; `remedy`: half a sentence for the reason.
struct AbortWords {
  std::string_view whose;
  std::string_view remedy;
};

[[nodiscard]] std::unique_ptr<Check> make_abort_watch(const CheckContext& context,
                                                      AbortWords words);
[[nodiscard]] std::uint32_t abort_watch_wants();

}  // namespace streamgauge

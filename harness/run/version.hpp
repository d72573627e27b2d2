#pragma once

#include <string_view>

namespace streamgauge::run {

inline constexpr std::string_view version = STREAMGAUGE_VERSION;

}  // namespace streamgauge::run

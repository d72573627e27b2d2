// The tables of flaws, one a family; flaws.cpp puts them together. Only that one includes this.
#pragma once

#include <array>

#include "reference-server/core/flaws.hpp"

namespace streamgauge::server {

[[nodiscard]] std::span<const FlawSpec> wire_flaws();
[[nodiscard]] std::span<const FlawSpec> queue_flaws();
[[nodiscard]] std::span<const FlawSpec> delivery_flaws();
[[nodiscard]] std::span<const FlawSpec> access_flaws();
[[nodiscard]] std::span<const FlawSpec> transport_flaws();

}  // namespace streamgauge::server

// Spans of time in few words.
#pragma once

#include "harness/core/scenario/scenario.hpp"

namespace streamgauge {

constexpr Span absolute(Duration d) {
  return {TimeUnit::absolute, d, 0};
}
constexpr Span heartbeats(double n) {
  return {TimeUnit::heartbeat, {}, n};
}
constexpr Span evictions(double n) {
  return {TimeUnit::eviction, {}, n};
}

}  // namespace streamgauge

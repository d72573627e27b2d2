#include "harness/core/compare/pacing.hpp"

#include <utility>

namespace streamgauge::compare {

std::vector<Side> drawn_order(Random& random, std::size_t repeat) {
  std::vector<Side> order(2 * repeat, Side::a);
  for (std::size_t i = repeat; i < order.size(); ++i) order[i] = Side::b;
  for (std::size_t left = order.size(); left > 1; --left) {
    const auto chosen = static_cast<std::size_t>(random.share() * static_cast<double>(left));
    std::swap(order[chosen], order[left - 1]);
  }
  return order;
}

bool another_pair(const Pacing& pacing, std::size_t begun, std::size_t whole, Duration elapsed) {
  if (whole >= pacing.pairs || begun >= pairs_begun_max(pacing)) return false;
  if (!pacing.budget || begun == 0) return true;
  return elapsed + elapsed / static_cast<Duration::rep>(begun) <= *pacing.budget;
}

}  // namespace streamgauge::compare

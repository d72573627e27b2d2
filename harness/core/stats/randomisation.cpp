#include "harness/core/stats/randomisation.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <vector>

#include "harness/core/base/random.hpp"
#include "harness/core/stats/location.hpp"

namespace streamgauge::stats {
namespace {

constexpr double huber_bound = 1.5;

/// Sums of the same numbers in another order differ by rounding.
double slack(std::span<const double> terms) {
  double sum = 0;
  for (const double term : terms) sum += std::abs(term);
  return 1e-9 * sum;
}

double share_of_sample(std::uint64_t hits) {
  return static_cast<double>(hits + 1) / static_cast<double>(drawn_arrangements + 1);
}

std::vector<double> huber_scores(std::span<const double> differences) {
  std::vector<double> sizes;
  for (const double d : differences) sizes.push_back(std::abs(d));
  const double bound = huber_bound * median(sizes);
  std::vector<double> scores(differences.begin(), differences.end());
  if (bound > 0) {
    for (double& score : scores) score = std::clamp(score, -bound, bound);
  }
  return scores;
}

/// All sign patterns in Gray code order: each differs from the one before in one sign.
TestResult all_flips(const std::vector<double>& scores, double seen) {
  const std::uint64_t patterns = std::uint64_t{1} << scores.size();
  std::vector<double> signed_scores = scores;
  double sum = std::accumulate(scores.begin(), scores.end(), 0.0);
  std::uint64_t hits = 0;
  for (std::uint64_t i = 1; i <= patterns; ++i) {
    hits += std::abs(sum) >= seen ? 1 : 0;
    if (i == patterns) break;
    double& turned = signed_scores[static_cast<std::size_t>(std::countr_zero(i))];
    sum -= 2 * turned;
    turned = -turned;
  }
  return {static_cast<double>(hits) / static_cast<double>(patterns), true, patterns};
}

/// Middle ranks, from 1, of `values`.
std::vector<double> ranks_of(const std::vector<double>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t x, std::size_t y) { return values[x] < values[y]; });
  std::vector<double> ranks(values.size());
  for (std::size_t from = 0; from < order.size();) {
    std::size_t to = from + 1;
    while (to < order.size() && values[order[to]] == values[order[from]]) ++to;
    for (std::size_t i = from; i < to; ++i) {
      ranks[order[i]] = static_cast<double>(from + 1 + to) / 2;
    }
    from = to;
  }
  return ranks;
}

/// n over k, as far as it matters here.
std::uint64_t deals(std::size_t n, std::size_t k) {
  k = std::min(k, n - k);
  double ways = 1;
  for (std::size_t i = 1; i <= k; ++i) {
    ways = ways * static_cast<double>(n - k + i) / static_cast<double>(i);
    if (ways > 1e18) return std::uint64_t{1} << 60;
  }
  return static_cast<std::uint64_t>(std::llround(ways));
}

/// The first `k` become k of `ranks`, drawn without replacement.
void deal(std::vector<double>& ranks, std::size_t k, Random& random) {
  for (std::size_t i = 0; i < k; ++i) {
    const auto left = static_cast<double>(ranks.size() - i);
    std::swap(ranks[i], ranks[i + static_cast<std::size_t>(random.share() * left)]);
  }
}

}  // namespace

TestResult sign_flip_test(std::span<const double> differences, std::uint64_t seed) {
  if (differences.empty()) return {};
  const std::vector<double> scores = huber_scores(differences);
  const double sum = std::accumulate(scores.begin(), scores.end(), 0.0);
  const double seen = std::abs(sum) - slack(scores);
  if (scores.size() <= exact_pairs_max) return all_flips(scores, seen);
  Random random(seed);
  std::uint64_t hits = 0;
  for (std::uint64_t i = 0; i < drawn_arrangements; ++i) {
    double flipped = 0;
    std::uint64_t coins = 0;
    for (std::size_t j = 0; j < scores.size(); ++j) {
      if (j % 64 == 0) coins = random.next();
      flipped += (coins & 1) != 0 ? scores[j] : -scores[j];
      coins >>= 1;
    }
    hits += std::abs(flipped) >= seen ? 1 : 0;
  }
  return {share_of_sample(hits), false, drawn_arrangements};
}

TestResult rank_sum_test(std::span<const double> a, std::span<const double> b, std::uint64_t seed) {
  if (a.empty() || b.empty()) return {};
  std::vector<double> all(a.begin(), a.end());
  all.insert(all.end(), b.begin(), b.end());
  std::vector<double> ranks = ranks_of(all);
  const auto n = static_cast<double>(ranks.size());
  const double expected = static_cast<double>(a.size()) * (n + 1) / 2;
  const auto end_of_a = [&] { return ranks.begin() + static_cast<std::ptrdiff_t>(a.size()); };
  const auto distance = [&] {
    return std::abs(std::accumulate(ranks.begin(), end_of_a(), 0.0) - expected);
  };
  const double seen = distance() - slack(ranks);
  const std::uint64_t ways = deals(ranks.size(), a.size());
  std::uint64_t hits = 0;
  if (ways <= exact_deals_max) {
    std::vector<char> chosen(ranks.size(), 0);
    std::fill_n(chosen.begin(), a.size(), 1);
    do {
      double sum = 0;
      for (std::size_t i = 0; i < ranks.size(); ++i) sum += chosen[i] != 0 ? ranks[i] : 0;
      hits += std::abs(sum - expected) >= seen ? 1 : 0;
    } while (std::prev_permutation(chosen.begin(), chosen.end()));
    return {static_cast<double>(hits) / static_cast<double>(ways), true, ways};
  }
  Random random(seed);
  for (std::uint64_t i = 0; i < drawn_arrangements; ++i) {
    deal(ranks, a.size(), random);
    hits += distance() >= seen ? 1 : 0;
  }
  return {share_of_sample(hits), false, drawn_arrangements};
}

double smallest_p_of_pairs(std::size_t pairs) {
  if (pairs > exact_pairs_max) return share_of_sample(0);
  return std::min(1.0, std::ldexp(2.0, -static_cast<int>(pairs)));
}

double smallest_p_of_groups(std::size_t a, std::size_t b) {
  if (a == 0 || b == 0) return 1;
  const std::uint64_t ways = deals(a + b, a);
  if (ways > exact_deals_max) return share_of_sample(0);
  return std::min(1.0, 2.0 / static_cast<double>(ways));
}

}  // namespace streamgauge::stats

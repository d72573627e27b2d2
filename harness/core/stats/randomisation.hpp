// Tests by rearrangement: how often does chance alone, when labels are dealt anew, make a
// difference as large as the one that was seen? No distribution is assumed, and with few runs the
// answer is exact.
//
// The unit is the run. Events of one run share its luck (a compiler that started beside it), so
// that a test over pooled events calls a regression in nearly every A/A trial.
//
// Sources: Fisher, The Design of Experiments (1935), 21 (sign flips); Mann, Whitney (1947), ranks;
// Huber (1964), scores that bound what one run can do; Phipson, Smyth (2010), p of a sample of
// rearrangements is never 0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace streamgauge::stats {

struct TestResult {
  double p = 1;       // two-sided; 1 when there is nothing to compare
  bool exact = true;  // every arrangement was tried; otherwise a seeded sample of them
  std::uint64_t arrangements = 0;
};

/// So many pairs or fewer: all 2^n sign flips are tried.
inline constexpr std::size_t exact_pairs_max = 18;
/// So many ways to deal the labels, or fewer: all are tried.
inline constexpr std::uint64_t exact_deals_max = 200'000;
/// Otherwise so many, drawn by the seed.
inline constexpr std::uint64_t drawn_arrangements = 20'000;

/// Paired: `differences` are B minus A of each pair (log ratios, say). Who went first was drawn for
/// each pair, so that without a difference between A and B each sign is a coin.
/// What is added up are Huber's scores: a difference counts in full up to 1.5 times the median
/// size, and as that much beyond, so that one run in a storm does not hide a shift in all the
/// others. The bound depends on sizes alone, not on signs, and keeps the test exact.
[[nodiscard]] TestResult sign_flip_test(std::span<const double> differences, std::uint64_t seed);

/// Unpaired: the sum of the ranks of `a` among all (Mann-Whitney), with middle ranks for ties.
[[nodiscard]] TestResult rank_sum_test(std::span<const double> a, std::span<const double> b,
                                       std::uint64_t seed);

/// The smallest p that so many runs can show at all, however large the difference.
[[nodiscard]] double smallest_p_of_pairs(std::size_t pairs);
[[nodiscard]] double smallest_p_of_groups(std::size_t a, std::size_t b);

}  // namespace streamgauge::stats

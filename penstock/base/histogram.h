/// Log-bucket histogram of whole numbers with a stated relative error, exact count, sum, min, max.
///
/// Buckets are the values that share an exponent and the next 7 bits, so a quantile is off by at
/// most kRelativeError of itself. Memory is bounded whatever the count; merging adds buckets.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "penstock/base/time.h"

namespace penstock {

class LogHistogram {
 public:
  /// Values are given in fixed point with `fraction_bits` bits below the unit of the histogram.
  explicit LogHistogram(int fraction_bits = 0) : fraction_bits_(fraction_bits) {}

  static constexpr int kMantissaBits = 7;
  /// Half the width of a bucket over its lower end.
  static constexpr double kRelativeError = 0x1p-8;

  /// Adds `count` equal values. Values must not be negative.
  void add(Int128 value, int64_t count = 1) {
    const size_t bucket = bucket_of(static_cast<int64_t>(value >> fraction_bits_));
    if (bucket >= counts_.size()) counts_.resize(bucket + 1, 0);
    counts_[bucket] += count;
    note(value, value, count, value * count);
  }

  /// Adds the values first + i*growth for i in [0, steps), `count` times each: the same as `steps`
  /// calls of `add`, at the cost of the buckets crossed.
  void add_linear(Int128 first, Int128 growth, int64_t steps, int64_t count);

  void merge(const LogHistogram& other);

  [[nodiscard]] int64_t count() const { return count_; }
  /// Smallest and largest value, whole units; 0 when empty.
  [[nodiscard]] int64_t min() const { return static_cast<int64_t>(min_ >> fraction_bits_); }
  [[nodiscard]] int64_t max() const { return static_cast<int64_t>(max_ >> fraction_bits_); }
  /// Exact sum in fixed point.
  [[nodiscard]] Int128 sum() const { return sum_; }
  /// Exact mean as a plain number in the unit of the values; 0 when empty.
  [[nodiscard]] double mean_factor() const;
  /// Value at a quantile in [0, 1]: the smallest bucket middle with at least that share at or
  /// below, clamped to min and max; 0 when empty.
  [[nodiscard]] double quantile_factor(double quantile_fraction) const;
  /// Points (value, share at or below) of the distribution function, one a non-empty bucket.
  [[nodiscard]] std::vector<std::pair<double, double>> cdf() const;

  static size_t bucket_of(int64_t value);
  /// Smallest value of a bucket.
  static int64_t lower_end(size_t bucket);

 private:
  void note(Int128 low, Int128 high, int64_t count, Int128 sum) {
    if (count == 0) return;
    if (count_ == 0 || low < min_) min_ = low;
    if (count_ == 0 || high > max_) max_ = high;
    count_ += count;
    sum_ += sum;
  }

  std::vector<int64_t> counts_;
  int fraction_bits_;
  int64_t count_ = 0;
  Int128 min_ = 0;
  Int128 max_ = 0;
  Int128 sum_ = 0;
};

}  // namespace penstock

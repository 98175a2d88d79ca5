#include "penstock/base/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace penstock {
namespace {

constexpr int64_t kLinear = int64_t{1} << LogHistogram::kMantissaBits;  // exact below this

}  // namespace

size_t LogHistogram::bucket_of(int64_t value) {
  PENSTOCK_DCHECK(value >= 0, "negative value {}", value);
  if (value < kLinear) return static_cast<size_t>(value);
  const auto bits = static_cast<uint64_t>(value);
  const int exponent = 63 - std::countl_zero(bits);
  const int shift = exponent - kMantissaBits;
  const uint64_t mantissa = (bits >> static_cast<unsigned>(shift)) & uint64_t(kLinear - 1);
  return static_cast<size_t>(shift + 1) * static_cast<size_t>(kLinear) + mantissa;
}

int64_t LogHistogram::lower_end(size_t bucket) {
  const auto linear = static_cast<size_t>(kLinear);
  if (bucket < linear) return static_cast<int64_t>(bucket);
  const size_t shift = bucket / linear - 1;
  const uint64_t mantissa = (bucket % linear) | linear;
  return static_cast<int64_t>(mantissa << shift);
}

void LogHistogram::add_linear(Int128 first, Int128 growth, int64_t steps, int64_t count) {
  if (growth == 0 && steps > 0) {
    add(first, steps * count);
    return;
  }
  int64_t at = 0;
  while (at < steps) {
    const Int128 value = first + growth * at;
    const size_t bucket = bucket_of(static_cast<int64_t>(value >> fraction_bits_));
    // the first index whose value leaves this bucket, by the sign of the growth
    const Int128 edge = Int128{lower_end(growth > 0 ? bucket + 1 : bucket)} << fraction_bits_;
    const Int128 ahead =
        growth > 0 ? (edge - first + growth - 1) / growth : (first - edge) / -growth + 1;
    const int64_t next = std::max(at + 1, ahead < steps ? static_cast<int64_t>(ahead) : steps);
    if (bucket >= counts_.size()) counts_.resize(bucket + 1, 0);
    counts_[bucket] += (next - at) * count;
    const Int128 last = first + growth * (next - 1);
    const Int128 sum = (value + last) * (next - at) / 2;
    note(std::min(value, last), std::max(value, last), (next - at) * count, sum * count);
    at = next;
  }
}

void LogHistogram::merge(const LogHistogram& other) {
  PENSTOCK_CHECK(fraction_bits_ == other.fraction_bits_, "merging {} with {} fraction bits",
                 fraction_bits_, other.fraction_bits_);
  if (other.counts_.size() > counts_.size()) counts_.resize(other.counts_.size(), 0);
  for (size_t i = 0; i < other.counts_.size(); ++i) counts_[i] += other.counts_[i];
  note(other.min_, other.max_, other.count_, other.sum_);
}

double LogHistogram::mean_factor() const {
  if (count_ == 0) return 0.0;
  return std::ldexp(static_cast<double>(sum_) / static_cast<double>(count_), -fraction_bits_);
}

double LogHistogram::quantile_factor(double quantile) const {
  if (count_ == 0) return 0.0;
  const auto rank =
      std::max<int64_t>(1, static_cast<int64_t>(std::ceil(quantile * static_cast<double>(count_))));
  int64_t seen = 0;
  for (size_t bucket = 0; bucket < counts_.size(); ++bucket) {
    seen += counts_[bucket];
    if (seen < rank) continue;
    const auto low = static_cast<double>(lower_end(bucket));
    const double high = static_cast<double>(lower_end(bucket + 1)) - 1.0;
    return std::clamp((low + high) / 2.0, static_cast<double>(min()), static_cast<double>(max()));
  }
  return static_cast<double>(max());
}

std::vector<std::pair<double, double>> LogHistogram::cdf() const {
  std::vector<std::pair<double, double>> points;
  int64_t seen = 0;
  for (size_t bucket = 0; bucket < counts_.size(); ++bucket) {
    if (counts_[bucket] == 0) continue;
    seen += counts_[bucket];
    const double value =
        std::min(static_cast<double>(lower_end(bucket + 1)) - 1.0, static_cast<double>(max()));
    points.emplace_back(value, static_cast<double>(seen) / static_cast<double>(count_));
  }
  return points;
}

}  // namespace penstock

#include "penstock/workload/prefix.h"

#include <algorithm>
#include <cmath>

namespace penstock::workload {
namespace {

/// A hash chain as engines compute it: each run's hash covers everything before it. The finaliser
/// of splitmix64 (Steele et al., OOPSLA 2014).
uint64_t chain_hash(uint64_t before) {
  uint64_t x = before + 0x9e3779b97f4a7c15U;
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31U);
}

}  // namespace

PrefixSource::PrefixSource(const PrefixConfig& config, uint64_t seed)
    : config_(config), rng_(seed, "workload/prefix") {
  double sum = 0.0;
  for (int64_t i = 1; i <= config.pool; ++i) {
    sum += std::pow(static_cast<double>(i), -config.skew_factor);
    popularity_.push_back(sum);
  }
  for (double& p : popularity_) p /= sum;
  popularity_.back() = 1.0;
}

PrefixSource::Draw PrefixSource::next() {
  // two draws always, so that `share` does not shift which prefix a request gets
  const bool shared = rng_.uniform_factor() < config_.share_fraction;
  const double u = rng_.uniform_factor();
  if (!shared) return {};
  const auto place = std::upper_bound(popularity_.begin(), popularity_.end(), u);
  const auto index = static_cast<size_t>(
      std::min<ptrdiff_t>(place - popularity_.begin(), std::ssize(popularity_) - 1));
  if (drawn_ != index + 1) {
    drawn_ = index + 1;
    hashes_.resize(static_cast<size_t>(config_.tokens / config_.run_tokens));
    uint64_t hash = chain_hash(drawn_);
    for (uint64_t& h : hashes_) h = hash = chain_hash(hash);
  }
  return {hashes_, config_.tokens};
}

}  // namespace penstock::workload

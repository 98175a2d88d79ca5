/// Random streams by name: counter-based Philox, so adding a consumer never shifts another's draws.
///
/// Distributions are our own (inverse or rejection forms with fixed draw order), because those of
/// the standard library differ between implementations.
/// Source: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011 (Philox4x32-10).
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace penstock {

/// One named stream of a seed. Copying it copies its position.
class Rng {
 public:
  Rng(uint64_t seed, std::string_view name);

  /// Uniform 64 bits.
  uint64_t bits() {
    if (used_ == kWords) refill();
    return words_[used_++];
  }
  /// Uniform in the open interval (0, 1), 53 bits.
  double uniform_factor() { return (static_cast<double>(bits() >> 11U) + 0.5) * 0x1p-53; }
  /// Uniform integer in [0, count). `count` must be positive.
  int64_t below(int64_t count);
  /// Exponential with mean 1.
  double exponential_factor();
  /// Standard normal by the inverse distribution function.
  double normal_factor();
  /// Gamma with the given shape and mean `shape` (Marsaglia and Tsang 2000; boosted below shape 1).
  double gamma_factor(double shape_factor);

 private:
  static constexpr size_t kWords = 2;
  void refill();

  std::array<uint32_t, 2> key_{};
  uint64_t stream_ = 0;
  uint64_t counter_ = 0;
  std::array<uint64_t, kWords> words_{};
  size_t used_ = kWords;
};

/// Distribution function of the standard normal.
double normal_cdf_factor(double z_factor);

/// Inverse of the standard normal distribution function, |error| < 1e-9 relative.
/// Source: Wichura 1988, algorithm AS 241 (PPND16).
double normal_quantile_factor(double probability_fraction);

/// FNV-1a hash of bytes, for names of streams and for content hashes in results.
uint64_t hash_text(std::string_view text);

}  // namespace penstock

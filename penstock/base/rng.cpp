#include "penstock/base/rng.h"

#include <Random123/philox.h>

#include <cmath>

#include "penstock/base/check.h"

namespace penstock {
namespace {

/// Horner's rule over ascending coefficients.
template <size_t N>
double polynomial(const std::array<double, N>& coefficients, double x) {
  double sum = 0.0;
  for (size_t i = N; i-- > 0;) sum = sum * x + coefficients[i];
  return sum;
}

}  // namespace

Rng::Rng(uint64_t seed, std::string_view name)
    : key_{static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32U)},
      stream_(hash_text(name)) {}

void Rng::refill() {
  using Generator = r123::Philox4x32;
  const Generator::ctr_type counter = {
      {static_cast<uint32_t>(counter_), static_cast<uint32_t>(counter_ >> 32U),
       static_cast<uint32_t>(stream_), static_cast<uint32_t>(stream_ >> 32U)}};
  const Generator::key_type key = {{key_[0], key_[1]}};
  const Generator::ctr_type out = Generator{}(counter, key);
  words_ = {(uint64_t{out[1]} << 32U) | out[0], (uint64_t{out[3]} << 32U) | out[2]};
  ++counter_;
  used_ = 0;
}

int64_t Rng::below(int64_t count) {
  PENSTOCK_CHECK(count > 0, "range of {} values", count);
  // multiply-shift; the bias is below 2^-32 for every range used here
  __extension__ using UInt128 = unsigned __int128;
  const UInt128 product = static_cast<UInt128>(bits()) * static_cast<uint64_t>(count);
  return static_cast<int64_t>(product >> 64U);
}

double Rng::exponential_factor() { return -std::log(uniform_factor()); }

double Rng::normal_factor() { return normal_quantile_factor(uniform_factor()); }

double Rng::gamma_factor(double shape) {
  PENSTOCK_CHECK(shape > 0.0, "gamma shape {}", shape);
  if (shape < 1.0) {
    const double boost = std::pow(uniform_factor(), 1.0 / shape);
    return gamma_factor(shape + 1.0) * boost;
  }
  const double d = shape - 1.0 / 3.0;
  const double c = 1.0 / std::sqrt(9.0 * d);
  while (true) {
    const double z = normal_factor();
    const double v = std::pow(1.0 + c * z, 3.0);
    const double u = uniform_factor();
    if (v > 0.0 && std::log(u) < 0.5 * z * z + d - d * v + d * std::log(v)) return d * v;
  }
}

double normal_cdf_factor(double z) { return 0.5 * std::erfc(-z / std::sqrt(2.0)); }

double normal_quantile_factor(double p) {
  // coefficients of AS 241, ascending powers
  static constexpr std::array kA = {3.3871328727963666080e0, 1.3314166789178437745e2,
                                    1.9715909503065514427e3, 1.3731693765509461125e4,
                                    4.5921953931549871457e4, 6.7265770927008700853e4,
                                    3.3430575583588128105e4, 2.5090809287301226727e3};
  static constexpr std::array kB = {1.0,
                                    4.2313330701600911252e1,
                                    6.8718700749205790830e2,
                                    5.3941960214247511077e3,
                                    2.1213794301586595867e4,
                                    3.9307895800092710610e4,
                                    2.8729085735721942674e4,
                                    5.2264952788528545610e3};
  static constexpr std::array kC = {1.42343711074968357734e0,  4.63033784615654529590e0,
                                    5.76949722146069140550e0,  3.64784832476320460504e0,
                                    1.27045825245236838258e0,  2.41780725177450611770e-1,
                                    2.27238449892691845833e-2, 7.74545014278341407640e-4};
  static constexpr std::array kD = {1.0,
                                    2.05319162663775882187e0,
                                    1.67638483018380384940e0,
                                    6.89767334985100004550e-1,
                                    1.48103976427480074590e-1,
                                    1.51986665636164571966e-2,
                                    5.47593808499534494600e-4,
                                    1.05075007164441684324e-9};
  static constexpr std::array kE = {6.65790464350110377720e0,  5.46378491116411436990e0,
                                    1.78482653991729133580e0,  2.96560571828504891230e-1,
                                    2.65321895265761230930e-2, 1.24266094738807843860e-3,
                                    2.71155556874348757815e-5, 2.01033439929228813265e-7};
  static constexpr std::array kF = {1.0,
                                    5.99832206555887937690e-1,
                                    1.36929880922735805310e-1,
                                    1.48753612908506148525e-2,
                                    7.86869131145613259100e-4,
                                    1.84631831751005468180e-5,
                                    1.42151175831644588870e-7,
                                    2.04426310338993978564e-15};
  const double q = p - 0.5;
  if (std::abs(q) <= 0.425) {
    const double r = 0.180625 - q * q;
    return q * polynomial(kA, r) / polynomial(kB, r);
  }
  double r = std::sqrt(-std::log(q < 0.0 ? p : 1.0 - p));
  double z = 0.0;
  if (r <= 5.0) {
    r -= 1.6;
    z = polynomial(kC, r) / polynomial(kD, r);
  } else {
    r -= 5.0;
    z = polynomial(kE, r) / polynomial(kF, r);
  }
  return q < 0.0 ? -z : z;
}

uint64_t hash_text(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3U;
  }
  return hash;
}

}  // namespace penstock

#include <algorithm>
#include <cmath>
#include <numbers>

#include "penstock/workload/renewal.h"

namespace penstock::workload {
namespace {

constexpr Seconds kDay = 24_hours;
constexpr Seconds kAfternoon = 14_hours;

struct DiurnalConfig {
  PerSecond mean_rate{1.0};
  double amplitude = 0.5;
  Seconds period = kDay;
  Seconds peak_at = kAfternoon;
  double burstiness = 1.0;
};

template <class Visitor>
void fields(Visitor& v, DiurnalConfig& c) {
  v.required("mean_rate", c.mean_rate, "Arrival rate averaged over a period.", kRateBounds);
  v.optional("amplitude", c.amplitude,
             "The peak rate is mean_rate times 1 + amplitude, the lowest times 1 - amplitude.",
             {.min = 0.0, .max = 1.0});
  v.optional("period", c.period, "Length of one wave.", {.min = 1.0, .max = kSpanMax.value()});
  v.optional("peak_at", c.peak_at, "When the rate peaks; the run starts at zero, midnight.",
             kSpanBounds);
  v.optional("burstiness", c.burstiness,
             "Standard deviation of the gaps over their mean at a steady rate: 1 is Poisson.",
             {.min = 0.0, .max = GapLaw::kBurstinessMax});
}

/// rate(t) = mean * (1 + amplitude * cos(2 pi (t - peak) / period)).
class WaveProfile {
 public:
  WaveProfile(const DiurnalConfig& config, double load_ratio)
      : mean_(config.mean_rate * load_ratio),
        amplitude_(config.amplitude),
        period_(config.period),
        peak_at_(config.peak_at) {}

  /// Solves (integral of the rate over the next d) = gap for d: Newton's steps inside a bracket.
  bool advance(double gap) {
    const Seconds now = Time::from_picoseconds(now_).seconds();
    const double phase = 2.0 * std::numbers::pi * std::fmod((now - peak_at_) / period_, 1.0);
    // the integral differs from mean * d by at most mean * amplitude * period / pi
    const Seconds wobble = period_ * (amplitude_ / std::numbers::pi);
    const Seconds steady = gap / mean_;
    Seconds low = std::max(Seconds(), steady - wobble);
    Seconds high = steady + wobble;
    const double rate_ratio = 1.0 + amplitude_ * std::cos(phase);
    Seconds d = rate_ratio > 0.0 ? std::clamp(steady / rate_ratio, low, high) : high;
    constexpr int kRounds = 60;  // enough for plain bisection; Newton needs two or three
    for (int i = 0; i < kRounds; ++i) {
      const double half = std::numbers::pi * (d / period_);
      const Seconds wave = wobble * (std::cos(phase + half) * std::sin(half));
      const Seconds excess = d + wave - steady;
      if (std::abs(excess.value()) < kTick.value() + kRounding * steady.value()) break;
      (excess.value() > 0.0 ? high : low) = d;
      const double slope = 1.0 + amplitude_ * std::cos(phase + 2.0 * half);
      const Seconds next = slope > 0.0 ? d - excess / slope : high;
      d = next > low && next < high ? next : 0.5 * (low + high);
    }
    return move_on(now_, picoseconds_of_span(d));
  }
  [[nodiscard]] int64_t picoseconds() const { return now_; }

 private:
  static constexpr Seconds kTick{1e-12};
  static constexpr double kRounding = 1e-15;

  PerSecond mean_;
  double amplitude_;
  Seconds period_;
  Seconds peak_at_;
  int64_t now_ = 0;
};

class Diurnal final : public Described<ArrivalProcess, DiurnalConfig> {
 public:
  [[nodiscard]] PerSecond mean_rate() const override { return config_.mean_rate; }
  [[nodiscard]] std::unique_ptr<ArrivalSource> start(uint64_t seed,
                                                     double load_ratio) const override {
    return std::make_unique<RenewalSource<WaveProfile>>(WaveProfile(config_, load_ratio),
                                                        GapLaw::gamma(config_.burstiness), seed);
  }
};
PENSTOCK_REGISTER(ArrivalProcess, Diurnal, "A rate that swings like day and night, a cosine.");

}  // namespace
}  // namespace penstock::workload

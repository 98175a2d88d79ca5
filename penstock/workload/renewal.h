/// Arrivals as a renewal process seen through a rate profile, compiled as one tight loop.
///
/// Gaps of mean one are drawn in operational time, the integral of the rate; the profile turns them
/// into clock time. So a changing rate keeps the law of the gaps, exactly.
#pragma once

#include <cmath>
#include <cstdint>
#include <span>
#include <utility>

#include "penstock/base/rng.h"
#include "penstock/base/time.h"
#include "penstock/workload/arrival.h"
#include "penstock/workload/gap_law.h"
#include "penstock/workload/limits.h"

namespace penstock::workload {

/// Where arrivals stop, well inside the clock.
constexpr int64_t kLastArrivalPicoseconds =
    static_cast<int64_t>(kSpanMax.value()) * kPicosecondsPerSecond;

/// A span in whole picoseconds, cut at the last arrival.
inline int64_t picoseconds_of_span(Seconds span) {
  const double ps = span.value() * static_cast<double>(kPicosecondsPerSecond);
  return ps < static_cast<double>(kLastArrivalPicoseconds) ? std::llround(ps)
                                                           : kLastArrivalPicoseconds;
}

/// Moves `now` on by `step` and is true, or is false when that passes the last arrival.
inline bool move_on(int64_t& now, int64_t step) {
  if (step >= kLastArrivalPicoseconds - now) return false;
  now += step;
  return true;
}

/// The name of the random stream that all arrival processes draw from.
constexpr std::string_view kArrivalStream = "workload/arrivals";

/// `Profile` has `bool advance(double gap_factor)`, which moves on by a gap of operational time and
/// is false past the last arrival, and `int64_t picoseconds() const`.
template <class Profile>
class RenewalSource final : public ArrivalSource {
 public:
  RenewalSource(Profile profile, GapLaw law, uint64_t seed)
      : profile_(std::move(profile)), law_(std::move(law)), rng_(seed, kArrivalStream) {}

  size_t fill(std::span<Time> out) override {
    size_t count = 0;
    for (Time& time : out) {
      if (!profile_.advance(law_.draw_factor(rng_))) break;
      time = Time::from_picoseconds(profile_.picoseconds());
      ++count;
    }
    return count;
  }

 private:
  Profile profile_;
  GapLaw law_;
  Rng rng_;
};

/// The same rate all the time.
class SteadyRate {
 public:
  explicit SteadyRate(PerSecond rate) : mean_gap_(1.0 / rate) {}

  bool advance(double gap_factor) {
    return move_on(now_, picoseconds_of_span(mean_gap_ * gap_factor));
  }
  [[nodiscard]] int64_t picoseconds() const { return now_; }

 private:
  Seconds mean_gap_;
  int64_t now_ = 0;
};

}  // namespace penstock::workload

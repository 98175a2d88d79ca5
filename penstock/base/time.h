/// The simulated clock: whole picoseconds, so that order never depends on rounding.
///
/// Step times accumulate in fine ticks, a fixed-point unit 2^-16 ps below the clock, in 128 bits.
/// That makes k steps in one closed form equal k steps one by one, to the last bit.
#pragma once

#include <cmath>
#include <compare>
#include <cstdint>
#include <limits>

#include "penstock/base/check.h"
#include "penstock/base/units.h"

namespace penstock {

__extension__ using Int128 = __int128;

constexpr int64_t kPicosecondsPerSecond = 1'000'000'000'000;

/// A point on the simulated clock. Zero is the start of the run; the end is 106 days later.
class Time {
 public:
  constexpr Time() = default;
  static constexpr Time from_picoseconds(int64_t ps) { return Time(ps); }
  /// The earliest clock tick not before `seconds`.
  static Time from_seconds(Seconds seconds) {
    const double ps = std::ceil(seconds.value() * static_cast<double>(kPicosecondsPerSecond));
    PENSTOCK_CHECK(ps >= 0.0 && ps < 9.2e18, "time of {} s is outside the clock", seconds.value());
    return Time(static_cast<int64_t>(ps));
  }
  static constexpr Time max() { return Time(std::numeric_limits<int64_t>::max()); }

  [[nodiscard]] constexpr int64_t picoseconds() const { return ps_; }
  [[nodiscard]] constexpr Seconds seconds() const {
    return Seconds(static_cast<double>(ps_) / static_cast<double>(kPicosecondsPerSecond));
  }

  friend constexpr auto operator<=>(Time, Time) = default;
  /// Span between two instants.
  friend constexpr Seconds operator-(Time later, Time earlier) {
    return Time(later.ps_ - earlier.ps_).seconds();
  }
  /// The instant a span after this one, rounded up to the next tick.
  [[nodiscard]] Time after(Seconds span) const {
    const int64_t ps = from_seconds(span).picoseconds();
    PENSTOCK_CHECK(ps <= max().picoseconds() - ps_, "{} s after {} ps is outside the clock",
                   span.value(), ps_);
    return Time(ps_ + ps);
  }

 private:
  constexpr explicit Time(int64_t ps) : ps_(ps) {}
  int64_t ps_ = 0;
};

constexpr int kFineBits = 16;

/// Fixed-point spans and instants in units of 2^-16 ps.
struct Fine {
  Int128 ticks = 0;

  static constexpr Fine from_time(Time time) { return {Int128{time.picoseconds()} << kFineBits}; }
  /// Nearest tick of a span.
  static Fine from_seconds(Seconds span) {
    const double ticks = span.value() * static_cast<double>(kPicosecondsPerSecond) * 0x1p16;
    PENSTOCK_CHECK(std::abs(ticks) < 0x1p100, "span of {} s is outside the clock", span.value());
    return {static_cast<Int128>(ticks < 0 ? ticks - 0.5 : ticks + 0.5)};
  }
  /// The first clock tick not before this instant.
  [[nodiscard]] constexpr Time clock() const {
    return Time::from_picoseconds(
        static_cast<int64_t>((ticks + ((Int128{1} << kFineBits) - 1)) >> kFineBits));
  }
  [[nodiscard]] constexpr Seconds seconds() const {
    return Seconds(static_cast<double>(ticks) / 0x1p16 /
                   static_cast<double>(kPicosecondsPerSecond));
  }
  friend constexpr auto operator<=>(Fine, Fine) = default;
  friend constexpr Fine operator+(Fine a, Fine b) { return {a.ticks + b.ticks}; }
  friend constexpr Fine operator-(Fine a, Fine b) { return {a.ticks - b.ticks}; }
  constexpr Fine& operator+=(Fine other) {
    ticks += other.ticks;
    return *this;
  }
  friend constexpr Fine operator*(Fine a, int64_t count) { return {a.ticks * count}; }
};

}  // namespace penstock

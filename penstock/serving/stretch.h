/// A run of equal steps: the same batch, each step longer than the last by the same amount.
#pragma once

#include <cstdint>

#include "penstock/base/time.h"

namespace penstock::serving {

/// Steps j = 0, 1, ... count-1 from `start`; step j takes first + j * growth ticks.
struct Stretch {
  Fine start;
  Int128 first = 0;
  Int128 growth = 0;
  int64_t count = 0;

  /// Instant at which the first `steps` steps are over.
  [[nodiscard]] Fine end_of(int64_t steps) const {
    const Int128 n = steps;
    return {start.ticks + n * first + growth * (n * (n - 1) / 2)};
  }
  /// Fewest steps, at least one and at most `count`, whose end is not before `time` on the clock.
  [[nodiscard]] int64_t steps_reaching(Time time) const;
  /// Most steps, from 0 to `count`, whose end is not after `time` on the clock.
  [[nodiscard]] int64_t steps_within(Time time) const;
};

}  // namespace penstock::serving

/// Axes with ticks at round numbers, in units people read. Shared by terminal and page.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "penstock/report/number.h"

namespace penstock::report {

struct Tick {
  double at_fraction = 0.0;  ///< place on the axis, 0 at its start, 1 at its end
  std::string label;         ///< empty for a minor tick
};

/// The span an axis shows, in the unit of the data.
struct Extent {
  double low_factor = 0.0;
  double high_factor = 0.0;
};

struct Axis {
  Extent extent;
  bool logarithmic = false;
  Scale scale;  ///< of the labels of a linear axis; labels of a logarithmic axis carry their units
  std::vector<Tick> ticks;

  /// Place of a value; outside [0, 1] beyond the ends. A logarithmic axis puts what is not positive
  /// at its start.
  [[nodiscard]] double place_fraction(double value_factor) const;
};

/// A linear axis with about `tick_count` ticks. With `round_out` its ends move to the next ticks.
Axis linear_axis(Extent extent, std::string_view unit, int tick_count, bool round_out);

/// A logarithmic axis with ticks at powers of ten, and at 2 and 5 of them when it is short.
Axis log_axis(Extent extent, std::string_view unit, int tick_count);

}  // namespace penstock::report

/// SLOs as people write them on a command line: "ttft.p99<2s,tpot.p99<50ms".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "penstock/base/error.h"
#include "penstock/base/result.h"

namespace penstock::scenario {

/// One limit on a metric. `metric` is the full name: "serving.ttft.p99".
struct SloLimit {
  std::string metric;
  double limit_factor = 0.0;  ///< in the metric's unit
  bool at_least = false;      ///< '>' instead of '<'
  std::string text;           ///< as written

  /// Whether the metrics meet it; a missing metric does not.
  [[nodiscard]] bool met(const std::vector<Metric>& metrics) const;
};

/// Reads a comma-separated list. A name without a world is of serving; without a statistic it is
/// the mean or the plain metric. Mistakes name the nearest metric.
std::vector<SloLimit> parse_slo(std::string_view text, Findings& findings);

}  // namespace penstock::scenario

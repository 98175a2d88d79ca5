/// Timelines as a Chrome trace, which Perfetto (ui.perfetto.dev) and chrome://tracing open.
#pragma once

#include <span>
#include <string>

#include "penstock/base/result.h"

namespace penstock::report {

/// One process a timeline, one thread a lane, one complete event a span. Times are microseconds
/// with up to six decimals, the picoseconds of the simulated clock. Spans that are not finite are
/// left out.
std::string to_chrome_trace(std::span<const Timeline> timelines);

}  // namespace penstock::report

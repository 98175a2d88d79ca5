/// result.json: everything a run answered, for programs and for comparing runs.
#pragma once

#include <string>

#include "penstock/base/result.h"

namespace penstock::report {

/// JSON of a result with stable key order, one metric, row or line per text line. Numbers are the
/// shortest that read back the same; NaN and infinities are null. Timelines are not part of it:
/// they go to the Chrome trace.
std::string to_json(const Result& result);

/// The JSON name of a kind: "line", "stacked", "cdf", "bars", "scatter".
std::string_view plot_kind_name(PlotKind kind);

}  // namespace penstock::report

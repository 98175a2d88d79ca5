/// report.html: one self-contained page with its plots inside, for reading, sharing and printing.
///
/// Plots are drawn here, as SVG; the script only adds a crosshair and sorting, and the page reads
/// without it. It loads nothing, follows the reader's light or dark setting, and prints light.
#pragma once

#include <string>

#include "penstock/base/result.h"

namespace penstock::report {

/// The page of a result. Texts of users are escaped; lines are thinned to at most 400 points with
/// their extremes kept, so that a page of an ordinary run stays below 400 KB.
std::string to_html(const Result& result);

}  // namespace penstock::report

/// `penstock calibrate collectives`: measured collectives in, library entries out.
///
/// Coefficients are fitted as logarithms to log(predicted / measured), robustly; a kernel's switch
/// sizes are searched over powers of two. Residual quantiles come from a fivefold rotation over
/// sizes: each size is predicted by a fit that has not seen it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "penstock/base/result.h"
#include "penstock/calibration/collective_calls.h"

namespace penstock::calibration {

struct CollectiveFitOptions {
  std::string source;  ///< said in the entries: where the rows come from
  std::string date;    ///< of the rows
  size_t thread_count = 1;
  std::function<void(const std::string&)> progress;
};

/// Entries in order of id, and a table of their residuals.
struct CollectiveCalibration {
  std::vector<network::LibraryEntry> entries;
  Result report;
};

/// Fits every library on every system. Same rows, same bytes, for any number of threads. Throws
/// InputError when nothing can be fitted.
CollectiveCalibration calibrate_collectives(const std::vector<measurement::CollectiveRow>& rows,
                                            const catalog::Catalog& catalog,
                                            const CollectiveFitOptions& options);

/// An entry as a file of data/libraries.
std::string library_yaml(const network::LibraryEntry& entry);

}  // namespace penstock::calibration

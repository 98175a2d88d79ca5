/// `penstock calibrate`: measured kernels in, efficiency sets out.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "penstock/base/result.h"
#include "penstock/catalog/catalog.h"
#include "penstock/compute/efficiency.h"
#include "penstock/measurement/kernels.h"

namespace penstock::calibration {

struct CalibrateOptions {
  std::string source;             ///< said in the sets: where the rows come from
  std::string date;               ///< of the rows
  std::vector<std::string> only;  ///< accelerator ids; empty: all that have rows
  size_t thread_count = 1;
  std::function<void(const std::string&)> progress;
};

/// Fitted sets in order of id, and a table of their residuals.
struct Calibration {
  std::vector<compute::Efficiency> sets;
  Result report;
};

/// Fits every family with enough rows on every accelerator. What nobody measured (element-wise
/// kernels, links, power) is taken over from the set that the accelerator has or borrows today.
/// Same rows, same bytes, for any number of threads. Throws InputError when nothing can be fitted.
Calibration calibrate(const measurement::KernelRows& rows, const catalog::Catalog& catalog,
                      const CalibrateOptions& options);

/// A set as a file of data/efficiency.
std::string efficiency_yaml(const compute::Efficiency& set);

}  // namespace penstock::calibration

/// Fits exchange kernels: a few coefficients for each library's kernel and call on an accelerator.
///
/// Coefficients are fitted as logarithms to log(predicted / measured), robustly. Which of them are
/// free follows from the kernel and from what the rows vary. A group of few rows starts from its
/// kin's coefficients and moves only its base and its shares. Residual quantiles come from a
/// fivefold rotation over shapes.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "penstock/base/result.h"
#include "penstock/calibration/dispatch_calls.h"
#include "penstock/network/dispatch_set.h"

namespace penstock::calibration {

struct DispatchFitOptions {
  std::string source;  ///< said in the sets; empty: as the rows say it
  std::string date;
  size_t thread_count = 1;
};

/// Sets in order of id, and a table of their residuals.
struct DispatchCalibration {
  std::vector<network::DispatchSet> sets;
  Result report;
};

/// Fewer rows of one kernel and call are not fitted.
constexpr size_t kDispatchRowsMin = 3;

/// Id of the set that a row's library and release make.
std::string dispatch_set_id(const measurement::DispatchRow& row);

/// Same rows, same bytes, for any number of threads. Throws InputError without any group to fit.
DispatchCalibration calibrate_dispatch(const std::vector<measurement::DispatchRow>& rows,
                                       const catalog::Catalog& catalog,
                                       const DispatchFitOptions& options);

/// A set as a file of data/dispatch; coefficients that do not limit are left out.
std::string dispatch_yaml(const network::DispatchSet& set);

}  // namespace penstock::calibration

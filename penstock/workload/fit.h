/// A generator fitted to a recorded trace: what penstock knows of a trace once the rows are gone.
///
/// Arrivals become a piecewise rate with one law of the gaps; input and output become quantile
/// tables joined by a Gaussian copula. Silences, gaps far beyond the mean, are pieces of rate zero.
/// Of two profiles the one whose gaps come closer to the trace is taken: a rate for every few
/// minutes, or one rate between silences (traffic in bursts, whose short gaps do not follow the
/// rate). Shared prefixes and priorities are not fitted.
#pragma once

#include <cstdint>

#include "penstock/base/units.h"
#include "penstock/workload/trace.h"
#include "penstock/workload/workload.h"

namespace penstock::workload {

struct FitOptions {
  Seconds piece{180.0};     ///< wanted length of a piece; longer for sparse and very long traces
  int64_t knot_count = 28;  ///< most knots of each table
};

/// The trace needs a request.
GeneratorConfig fit_generator(const Trace& trace, const FitOptions& options = {});

}  // namespace penstock::workload

/// A realistic made-up result for the tests of the report: every kind of plot, units, bands, texts.
#pragma once

#include "penstock/base/result.h"

namespace penstock::report {

/// An hour of serving with bursts: as many points as a real run has. Always the same.
Result realistic_result();

/// One that cannot be: no metrics, a reason.
Result infeasible_result();

/// Texts that would break a page, a terminal or a file that trusts them.
Result hostile_result();

}  // namespace penstock::report

/// Tables as CSV (RFC 4180) with the unit in the header: "duration (s)".
#pragma once

#include <string>

#include "penstock/base/result.h"

namespace penstock::report {

/// Numbers in the SI unit of their column, the shortest that read back the same; NaN and infinities
/// are empty. Lines end in CR LF, as the RFC asks.
std::string to_csv(const Table& table);

}  // namespace penstock::report

/// Limits of workloads: values that no sane traffic reaches and that keep arithmetic in range.
#pragma once

#include <cstdint>

#include "penstock/base/fields.h"
#include "penstock/base/units.h"

namespace penstock::workload {

/// Largest token count a config or a trace may hold; what a model cannot take, serving rejects.
constexpr int64_t kTokensMax = 1'000'000'000'000;
/// Largest number of requests asked of one stream.
constexpr int64_t kRequestsMax = 1'000'000'000'000;
/// Longest profile, span and duration: 100 days, inside the clock's 106.
constexpr Seconds kSpanMax{8'640'000.0};

/// Bounds of a token count, of a number of requests and of a rate. A rate below 1e-7/s brings less
/// than one request in 100 days; above 1e9/s arrivals come closer than the clock needs to tell.
constexpr Bounds kTokenBounds{.min = 1.0, .max = static_cast<double>(kTokensMax)};
constexpr Bounds kRequestBounds{.min = 1.0, .max = static_cast<double>(kRequestsMax)};
constexpr Bounds kRateBounds{.min = 1e-7, .max = 1e9};
constexpr Bounds kSpanBounds{.min = 0.0, .max = kSpanMax.value()};
/// Bounds of a number of users: ten million wait at once in no service.
constexpr Bounds kConcurrencyBounds{.min = 1.0, .max = 1e7};
/// Bounds of a multiplier of the load: a millionth to a million.
constexpr Bounds kLoadBounds{.min = 1e-6, .max = 1e6};

}  // namespace penstock::workload

/// The kernel families that calibration fits, and measured rows as their calls.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "penstock/calibration/family_fit.h"
#include "penstock/compute/kernels/gemm.h"
#include "penstock/measurement/kernels.h"

namespace penstock::calibration {

using GemmModel = FamilyModel<compute::GemmCall, compute::GemmShared, compute::GemmGroup>;

/// Dense products: libraries in a format share what their tiles do, engines have their own fixed
/// time and quantisation.
GemmModel gemm_model();

/// The call of a measured row. Collectors cycle through 5 to 6 copies of small weights.
compute::GemmCall gemm_call(const measurement::GemmRow& row);

/// The origin of a kernel row, for group look-ups.
compute::KernelOrigin origin_of(const measurement::Timing& timing, compute::KernelFormat format);

/// Rows of one family as calls, by accelerator id. Releases that only power was measured under
/// count as old.
template <class Call>
using CallsByAccelerator = std::map<std::string, std::vector<MeasuredCall<Call>>>;

CallsByAccelerator<compute::GemmCall> gemm_calls(const std::vector<measurement::GemmRow>& rows);

/// Mixes whole numbers into a hash that is the same on every machine.
uint64_t shape_hash(std::initializer_list<int64_t> numbers);

}  // namespace penstock::calibration

/// Fused expert layers as a family that calibration fits.
#pragma once

#include <string_view>
#include <vector>

#include "penstock/calibration/families.h"
#include "penstock/compute/kernels/experts.h"

namespace penstock::calibration {

using ExpertsModel =
    FamilyModel<compute::ExpertsCall, compute::ExpertsShared, compute::ExpertsGroup>;

/// How a kernel walks over experts; kernels of a class treat rows and copies alike.
enum class ExpertsKernel : uint8_t {
  kGrouped,    ///< rows sorted by expert, then a grouped product: CUTLASS, DeepGEMM
  kGenerated,  ///< TensorRT-LLM's generated kernels, FlashInfer's included
  kTriton,     ///< one kernel over padded tiles
  kMasked,     ///< Triton's for fp8 blocks in TensorRT-LLM, which computes other ranks' copies too
  kMarlin,     ///< 4-bit weights unpacked on the way
};

/// By the label of a kernel and its engine.
ExpertsKernel experts_kernel(const compute::KernelOrigin& origin);

/// An engine's class of kernel in a format has its own fixed time and shares of the peaks; what an
/// expert and a row cost beside products is a class's, and so is what it does with other ranks'
/// copies, which SGLang's collector sees after an exchange and the others' before it.
ExpertsModel experts_model();

/// The call of a measured row.
compute::ExpertsCall experts_call(const measurement::MoeRow& row);

CallsByAccelerator<compute::ExpertsCall> experts_calls(
    const std::vector<measurement::MoeRow>& rows);

}  // namespace penstock::calibration

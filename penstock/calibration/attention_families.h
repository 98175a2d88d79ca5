/// Attention kernels as families that calibration fits, and measured rows as their calls.
#pragma once

#include <functional>
#include <vector>

#include "penstock/calibration/families.h"
#include "penstock/compute/kernels/attention_decode.h"
#include "penstock/compute/kernels/attention_prefill.h"
#include "penstock/compute/kernels/latent_attention.h"

namespace penstock::calibration {

using AttentionPrefillModel =
    FamilyModel<compute::AttentionPrefillCall, compute::AttentionPrefillShared,
                compute::AttentionPrefillGroup>;
using AttentionDecodeModel =
    FamilyModel<compute::AttentionDecodeCall, compute::AttentionDecodeShared,
                compute::AttentionDecodeGroup>;
using LatentPrefillModuleModel =
    FamilyModel<compute::LatentPrefillModuleCall, compute::LatentPrefillModuleShared,
                compute::LatentPrefillModuleGroup>;
using LatentDecodeModuleModel =
    FamilyModel<compute::LatentDecodeModuleCall, compute::LatentDecodeModuleShared,
                compute::LatentDecodeModuleGroup>;

/// Kernels of one library share how they tile, pack and split, whichever engine calls them; engines
/// and releases have their own fixed time.
AttentionPrefillModel attention_prefill_model();
AttentionDecodeModel attention_decode_model();

/// The same forms for latent attention's kernels, which are kernels of their own.
AttentionPrefillModel latent_prefill_model();
AttentionDecodeModel latent_decode_model();

/// Whole modules. A group's formats are those of the cache and of the projections' products; where
/// the attention itself multiplies in 8 bits, its label says so.
LatentPrefillModuleModel latent_prefill_module_model();
LatentDecodeModuleModel latent_decode_module_model();

/// Whose kernel a row measured: vLLM and flashinfer run prompts of one token with the kernel of
/// generation steps, as the label says.
measurement::Phase kernel_phase(const measurement::AttentionRow& row);

compute::AttentionPrefillCall attention_prefill_call(const measurement::AttentionRow& row);
compute::AttentionDecodeCall attention_decode_call(const measurement::AttentionRow& row);
compute::AttentionPrefillCall latent_prefill_call(const measurement::MlaRow& row);
compute::AttentionDecodeCall latent_decode_call(const measurement::MlaRow& row);

CallsByAccelerator<compute::AttentionPrefillCall> attention_prefill_calls(
    const std::vector<measurement::AttentionRow>& rows);
CallsByAccelerator<compute::AttentionDecodeCall> attention_decode_calls(
    const std::vector<measurement::AttentionRow>& rows);
CallsByAccelerator<compute::AttentionPrefillCall> latent_prefill_calls(
    const std::vector<measurement::MlaRow>& rows);
CallsByAccelerator<compute::AttentionDecodeCall> latent_decode_calls(
    const std::vector<measurement::MlaRow>& rows);

compute::KernelOrigin latent_origin(const measurement::MlaRow& row);

/// Duration of a dense product on an accelerator under an engine.
using ProductPrice = std::function<Seconds(const std::string& accelerator,
                                           const std::string& engine, const compute::GemmCall&)>;

CallsByAccelerator<compute::LatentPrefillModuleCall> latent_prefill_module_calls(
    const std::vector<measurement::MlaRow>& rows, const ProductPrice& price);
CallsByAccelerator<compute::LatentDecodeModuleCall> latent_decode_module_calls(
    const std::vector<measurement::MlaRow>& rows, const ProductPrice& price);

}  // namespace penstock::calibration

#include "penstock/calibration/families.h"

#include <fmt/format.h>

namespace penstock::calibration {

using catalog::Dtype;
using compute::KernelFormat;
using compute::KernelOrigin;

namespace {

std::string text(KernelFormat format) {
  return fmt::format("{}/{}", enum_name(format.stored), enum_name(format.computed));
}

std::string text(const KernelOrigin& origin) {
  return fmt::format("{} {} {} {}", origin.engine, origin.version, origin.kernel,
                     text(origin.format));
}

}  // namespace

uint64_t shape_hash(std::initializer_list<int64_t> numbers) {
  // the finaliser of splitmix64 (Steele et al. 2014), chained
  uint64_t hash = 0;
  for (const int64_t number : numbers) {
    uint64_t z = hash + static_cast<uint64_t>(number) + 0x9E3779B97F4A7C15ULL;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
    hash = z ^ (z >> 31U);
  }
  return hash;
}

KernelOrigin origin_of(const measurement::Timing& timing, KernelFormat format) {
  return {timing.framework, timing.framework_version, timing.kernel, format};
}

GemmModel gemm_model() {
  GemmModel model;
  model.name = "gemm";
  model.duration = compute::gemm_duration;
  model.tie = [](const KernelOrigin& origin, std::string_view coefficient) {
    if (coefficient == "fixed") return text(origin);
    const bool quantises = origin.format.computed != Dtype::kBf16;
    // an engine's quantising kernel stays the same from one release to the next
    if (coefficient == "per_row") {
      return quantises ? origin.engine + text(origin.format) : std::string();
    }
    // TensorRT-LLM brings 8- and 4-bit kernels of its own; all else is cuBLAS, CUTLASS or DeepGEMM
    const bool own = origin.engine == "trtllm" && (origin.format.computed == Dtype::kFp8 ||
                                                   origin.format.computed == Dtype::kNvfp4);
    return text(origin.format) + (own ? " own" : "");
  };
  return model;
}

compute::GemmCall gemm_call(const measurement::GemmRow& row) {
  constexpr double kCopies = 5.5;  // source: README of the measurements, "5-6 copies"
  return {row.m, row.n, row.k, row.format.weight, row.format.compute, kCopies};
}

CallsByAccelerator<compute::GemmCall> gemm_calls(const std::vector<measurement::GemmRow>& rows) {
  CallsByAccelerator<compute::GemmCall> calls;
  for (const measurement::GemmRow& row : rows) {
    const compute::GemmCall call = gemm_call(row);
    calls[row.timing.accelerator].push_back(
        {origin_of(row.timing, {call.weights, call.compute}), !row.timing.power.has_value(), call,
         row.timing.latency, shape_hash({call.m, call.n, call.k})});
  }
  return calls;
}

}  // namespace penstock::calibration

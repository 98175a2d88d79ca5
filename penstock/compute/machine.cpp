#include "penstock/compute/machine.h"

#include "penstock/base/check.h"

namespace penstock::compute {

namespace {
constexpr double kUnknownMultiprocessors = 100.0;
constexpr Bytes kUnknownCache = 0.032_GB;
}  // namespace

Machine Machine::of(const catalog::Accelerator& accelerator) {
  const auto base = accelerator.peak_for(catalog::Dtype::kBf16);
  PENSTOCK_CHECK(base.has_value(), "{} has no matrix peak", accelerator.id);
  Machine machine;
  machine.bandwidth = accelerator.memory_bandwidth.value;
  if (accelerator.multiprocessor_count) {
    machine.multiprocessor_count_factor = static_cast<double>(*accelerator.multiprocessor_count);
  } else {
    machine.multiprocessor_count_factor = kUnknownMultiprocessors;
  }
  machine.cache = accelerator.cache ? accelerator.cache->value : kUnknownCache;
  for (const auto& [dtype, name] : EnumText<catalog::Dtype>::kNames) {
    machine.peaks_[static_cast<size_t>(dtype)] = accelerator.peak_for(dtype).value_or(*base);
  }
  return machine;
}

}  // namespace penstock::compute

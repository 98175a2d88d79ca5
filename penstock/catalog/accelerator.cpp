#include "penstock/catalog/accelerator.h"

#include <initializer_list>

namespace penstock::catalog {
namespace {

using Peak = MaybeSourced<FlopPerSecond>;

std::optional<FlopPerSecond> first_of(std::initializer_list<const Peak*> peaks) {
  for (const Peak* peak : peaks) {
    if (peak->has_value()) return (*peak)->value;
  }
  return std::nullopt;
}

}  // namespace

std::optional<FlopPerSecond> Accelerator::peak_for(Dtype dtype) const {
  switch (dtype) {
    case Dtype::kFp32: return first_of({&peak.fp32});
    case Dtype::kBf16:
    case Dtype::kInt4: return first_of({&peak.bf16});
    case Dtype::kFp8:
    case Dtype::kFp8Block: return first_of({&peak.fp8, &peak.bf16});
    case Dtype::kInt8: return first_of({&peak.int8, &peak.bf16});
    case Dtype::kMxfp4:
    case Dtype::kNvfp4: return first_of({&peak.fp4, &peak.fp8, &peak.bf16});
  }
  return std::nullopt;
}

Accelerator read_accelerator(const Node& node, Findings& findings) {
  Accelerator accelerator = read_entry<Accelerator>(node, findings);
  const PeakRates& peak = accelerator.peak;
  const bool any = peak.fp4 || peak.fp8 || peak.int8 || peak.bf16 || peak.tf32 || peak.fp32;
  const Node* group = node.find("peak");
  if (group != nullptr && group->is_map() && !any) {
    findings.add(group->mark, "'peak' must hold at least one rate, for example bf16: 312 TFLOP/s");
  }
  return accelerator;
}

}  // namespace penstock::catalog

/// What kernel models know of an accelerator: rates, width and cache, nothing else.
#pragma once

#include "penstock/catalog/accelerator.h"

namespace penstock::compute {

struct Machine {
  BytesPerSecond bandwidth;                  ///< of device memory, peak
  double multiprocessor_count_factor = 1.0;  ///< SMs, CUs or AI cores that run tiles at once
  Bytes cache;                               ///< last level, shared by the multiprocessors

  /// Dense peak for products computed in `dtype`; see catalog::Accelerator::peak_for.
  [[nodiscard]] FlopPerSecond peak(catalog::Dtype dtype) const {
    return peaks_[static_cast<size_t>(dtype)];
  }

  /// Where the catalog does not say, a hundred multiprocessors and 32 MB of cache stand in: kernel
  /// models then see an accelerator of the 2020s, and their band is wide anyway.
  static Machine of(const catalog::Accelerator& accelerator);

 private:
  std::array<FlopPerSecond, catalog::kDtypeCount> peaks_{};
};

}  // namespace penstock::compute

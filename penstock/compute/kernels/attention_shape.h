/// What attention kernels share: the layer's heads on one rank, its formats, and the form in which
/// compute and memory overlap.
#pragma once

#include <algorithm>
#include <cstdint>

#include "penstock/catalog/dtype.h"
#include "penstock/compute/machine.h"

namespace penstock::compute {

/// One layer's attention on one rank.
///
/// Multi-head latent attention has two forms. Up-projected (prompts): as many key as query heads,
/// keys and values in bf16, while the cache keeps `latent_dim` elements a token. Absorbed
/// (generation): one key head of `latent_dim` whose first `value_dim` elements are the value.
struct AttentionShape {
  int64_t query_head_count = 0;
  int64_t kv_head_count = 0;
  int64_t key_dim = 0;
  int64_t value_dim = 0;
  int64_t latent_dim = 0;     ///< cached elements a token of latent attention; 0: none
  int64_t window_tokens = 0;  ///< sliding window; 0: none
  catalog::Dtype compute = catalog::Dtype::kBf16;  ///< of both products
  catalog::Dtype cache = catalog::Dtype::kBf16;    ///< of keys and values

  /// Query heads a KV head.
  [[nodiscard]] double group_factor() const {
    return static_cast<double>(query_head_count) / static_cast<double>(kv_head_count);
  }
  /// Elements that the cache keeps a token.
  [[nodiscard]] double cached_elements_factor() const {
    return static_cast<double>(latent_dim > 0 ? latent_dim : kv_head_count * (key_dim + value_dim));
  }
  /// Elements of queries read and of results written, a token.
  [[nodiscard]] double query_elements_factor() const {
    return static_cast<double>(query_head_count * (key_dim + value_dim));
  }
  /// Highest rate at which a kernel may multiply: kernels over an 8-bit cache are free to multiply
  /// in 8 bits, and TensorRT-LLM's do.
  [[nodiscard]] FlopPerSecond highest_peak(const Machine& machine) const {
    return std::max(machine.peak(compute), machine.peak(cache));
  }
};

namespace detail {

/// Time of two streams of work of which the shorter hides but for a share.
inline Seconds overlapped(Seconds a, Seconds b, double visible_fraction) {
  return std::max(a, b) + visible_fraction * std::min(a, b);
}

/// Bytes that still cross memory when the cache may hold all of them, with a smooth step to what
/// it cannot hold.
inline Bytes uncached(Bytes bytes, Bytes cache, double left_fraction) {
  const double ratio = bytes / cache;
  const double squared = ratio * ratio;
  return bytes * ((left_fraction + squared) / (1.0 + squared));
}

}  // namespace detail

}  // namespace penstock::compute

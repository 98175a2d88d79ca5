#include "penstock/serving/decode_pace.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace penstock::serving {

DecodePace DecodePace::of(const std::optional<SpeculationConfig>& speculation,
                          int64_t page_tokens) {
  if (!speculation) return {};
  constexpr int64_t kPageParts = int64_t{1} << 20;
  constexpr int64_t kTokenParts = int64_t{1} << 10;
  const int64_t unit = std::clamp<int64_t>(kPageParts / page_tokens, 1, kTokenParts);
  double yield = 0.0;
  double all_stand = 1.0;
  for (int64_t i = 0; i <= speculation->draft_tokens; ++i) {
    yield += all_stand;
    all_stand *= speculation->acceptance_fraction;
  }
  const int64_t gain = std::llround(yield * static_cast<double>(unit));
  const int64_t common = std::gcd(gain, unit);
  return {1 + speculation->draft_tokens, gain / common, unit / common};
}

}  // namespace penstock::serving

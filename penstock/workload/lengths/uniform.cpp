#include <algorithm>

#include "penstock/base/rng.h"
#include "penstock/workload/length.h"

namespace penstock::workload {
namespace {

struct UniformConfig {
  int64_t min_tokens = 1;
  int64_t max_tokens = 1;
};

template <class Visitor>
void fields(Visitor& v, UniformConfig& c) {
  v.required("min_tokens", c.min_tokens, "Smallest count.", kTokenBounds);
  v.required("max_tokens", c.max_tokens, "Largest count; drawn as often as any other.",
             kTokenBounds);
}

void check(const UniformConfig& c, const Node& node, Findings& findings) {
  const Node* top = node.find("max_tokens");
  if (top != nullptr && c.max_tokens < c.min_tokens) {
    findings.add(top->mark, fmt::format("'max_tokens' {} is below 'min_tokens' {}", c.max_tokens,
                                        c.min_tokens));
  }
}

class Uniform final : public Described<LengthDistribution, UniformConfig> {
 public:
  [[nodiscard]] Tokens mean() const override {
    return Tokens(
        (static_cast<double>(config_.min_tokens) + static_cast<double>(config_.max_tokens)) / 2.0);
  }
  void tokens_at(std::span<const double> scores, std::span<int64_t> out) const override {
    const int64_t last = config_.max_tokens - config_.min_tokens;
    const double count = static_cast<double>(last + 1);
    for (size_t i = 0; i < out.size(); ++i) {
      const auto step = static_cast<int64_t>(normal_cdf_factor(scores[i]) * count);
      out[i] = config_.min_tokens + std::min(step, last);
    }
  }
};
PENSTOCK_REGISTER(LengthDistribution, Uniform, "Whole counts of a range, equally likely.");

}  // namespace
}  // namespace penstock::workload

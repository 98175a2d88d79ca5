#include <algorithm>
#include <cmath>

#include "penstock/base/rng.h"
#include "penstock/workload/length.h"

namespace penstock::workload {
namespace {

struct LognormalConfig {
  int64_t median_tokens = 1;
  double sigma = 1.0;
  int64_t min_tokens = 1;
  int64_t max_tokens = kTokensMax;
};

template <class Visitor>
void fields(Visitor& v, LognormalConfig& c) {
  v.required("median_tokens", c.median_tokens, "Half of the requests have no more.", kTokenBounds);
  v.required("sigma", c.sigma, "Standard deviation of the natural logarithm.",
             {.min = 0.0, .max = 5.0});
  v.optional("min_tokens", c.min_tokens, "Smaller draws are raised to this.", kTokenBounds);
  v.optional("max_tokens", c.max_tokens, "Larger draws are cut to this.", kTokenBounds);
}

void check(const LognormalConfig& c, const Node& node, Findings& findings) {
  if (c.max_tokens < c.min_tokens) {
    const Node* top = node.find("max_tokens");
    findings.add(
        top != nullptr ? top->mark : node.mark,
        fmt::format("'max_tokens' {} is below 'min_tokens' {}", c.max_tokens, c.min_tokens));
  }
}

class Lognormal final : public Described<LengthDistribution, LognormalConfig> {
 public:
  /// Of the continuous distribution, cuts included; rounding to whole tokens moves it by less than
  /// half a token.
  [[nodiscard]] Tokens mean() const override {
    const auto low = static_cast<double>(config_.min_tokens);
    const auto high = static_cast<double>(config_.max_tokens);
    const auto median = static_cast<double>(config_.median_tokens);
    const double sigma = config_.sigma;
    if (sigma == 0.0) return Tokens(std::clamp(median, low, high));
    const double low_score = std::log(low / median) / sigma;
    const double high_score = std::log(high / median) / sigma;
    const double inside =
        median * std::exp(sigma * sigma / 2.0) *
        (normal_cdf_factor(high_score - sigma) - normal_cdf_factor(low_score - sigma));
    return Tokens(low * normal_cdf_factor(low_score) + inside +
                  high * normal_cdf_factor(-high_score));
  }
  void tokens_at(std::span<const double> scores, std::span<int64_t> out) const override {
    const double log_median = std::log(static_cast<double>(config_.median_tokens));
    const auto low = static_cast<double>(config_.min_tokens);
    const auto high = static_cast<double>(config_.max_tokens);
    for (size_t i = 0; i < out.size(); ++i) {
      const double drawn = std::exp(log_median + config_.sigma * scores[i]);
      out[i] = std::llround(std::clamp(drawn, low, high));
    }
  }
};
PENSTOCK_REGISTER(LengthDistribution, Lognormal,
                  "A lognormal, optionally cut: what chat traffic looks like at first sight.");

}  // namespace
}  // namespace penstock::workload

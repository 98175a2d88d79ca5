/// How many rows of a routed layer reach the busiest of the ranks that share its experts.
///
/// Three ways of routing, each in closed form (no draws, well under a microsecond a call):
///  - even: every rank gets the same, rounded up;
///  - random: each token picks its experts uniformly; the busiest of g ranks lies
///    sqrt(2 ln g) standard deviations above the mean;
///  - power law: tokens of an expert are drawn with a density that falls as x^-a between 1 and
///    0.8 of the tokens (0.01 and 2 where there are fewer copies than experts), scaled to add up,
///    rounded, at most all tokens; what rounding and that cap leave over goes evenly to the ranks'
///    least loaded experts. The busiest of g ranks with m experts each has the same law, but its
///    experts' quantiles u are spread as the largest of g' draws are, with probability u^g':
///      g' = 1 + 1.1 (1 + 1.5 (a - 1)) (g - 1)^(1/2 + 1/2 m^-1.5) / sqrt(m)
///    which is about g for single experts (the largest of g draws) and nears 1 as ranks hold more.
///    Against 16 simulated draws of each of 1,500 measured loads (a of 1.01 and 1.2): rows within
///    3 % and experts reached within 1 % in the median, 16 % and 12 % at the 90th percentile; the
///    busiest rank's load grows with a to about 1.5 and falls beyond, as it does in draws.
/// Source: the distribution is that of NVIDIA aiconfigurator's collectors (Apache-2.0,
/// collector/helper.py, power_law_logits_v3), which the measurements name; g' is fitted to
/// simulated draws, not to timings.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

#include "penstock/base/fields.h"
#include "penstock/catalog/dtype.h"

namespace penstock::compute {

enum class Routing : uint8_t { kEven, kRandom, kPowerLaw };

/// The routed experts of one layer on one rank, all in one fused call.
struct ExpertsCall {
  int64_t tokens = 0;        ///< of all ranks that share the experts, before routing
  int64_t hidden = 0;        ///< width that experts read and write
  int64_t width = 0;         ///< columns of an expert on this rank
  int64_t topk = 0;          ///< experts that a token visits
  int64_t experts = 0;       ///< of all ranks together
  int64_t expert_ranks = 1;  ///< ranks that hold different experts
  bool gated = true;         ///< two products in (SwiGLU) or one (ReLU squared)
  /// An exchange before the call leaves only tokens with a copy for this rank; otherwise the call
  /// sees every token of the group and passes over the others' copies.
  bool exchanged = false;
  Routing routing = Routing::kRandom;
  double skew_factor = 0.0;  ///< exponent of the power law
  catalog::Dtype weights = catalog::Dtype::kBf16;
  catalog::Dtype compute = catalog::Dtype::kBf16;

  friend bool operator==(const ExpertsCall&, const ExpertsCall&) = default;
};

/// Expected counts on the busiest rank.
struct ExpertLoad {
  double rows_factor = 0.0;     ///< copies of tokens that its experts process
  double reached_factor = 0.0;  ///< its experts with at least one row
  double tokens_factor = 0.0;   ///< tokens with at least one copy there
};

/// Zeros for a call without tokens or experts.
ExpertLoad expert_load(const ExpertsCall& call);

/// Expected number of distinct experts that `tokens` tokens reach when each picks `topk` of
/// `experts` at random: E (1 - (1 - topk/E)^tokens).
double expected_experts_factor(int64_t experts, int64_t topk, int64_t tokens);

}  // namespace penstock::compute

template <>
struct penstock::EnumText<penstock::compute::Routing> {
  using R = penstock::compute::Routing;
  static constexpr std::array<std::pair<R, std::string_view>, 3> kNames = {
      {{R::kEven, "even"}, {R::kRandom, "random"}, {R::kPowerLaw, "power_law"}}};
};

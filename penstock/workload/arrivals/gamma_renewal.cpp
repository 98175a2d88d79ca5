#include "penstock/workload/renewal.h"

namespace penstock::workload {
namespace {

struct GammaRenewalConfig {
  PerSecond rate{1.0};
  double burstiness = 1.0;
};

template <class Visitor>
void fields(Visitor& v, GammaRenewalConfig& c) {
  v.required("rate", c.rate, "Mean arrival rate, for example 5.5 req/s.", kRateBounds);
  v.required("burstiness", c.burstiness,
             "Standard deviation of the gaps over their mean: 0 is a steady beat, 1 Poisson, more "
             "is burstier. vLLM's --burstiness B is 1/sqrt(B) here.",
             {.min = 0.0, .max = GapLaw::kBurstinessMax});
}

class GammaRenewal final : public Described<ArrivalProcess, GammaRenewalConfig> {
 public:
  [[nodiscard]] PerSecond mean_rate() const override { return config_.rate; }
  [[nodiscard]] std::unique_ptr<ArrivalSource> start(uint64_t seed,
                                                     double load_ratio) const override {
    return std::make_unique<RenewalSource<SteadyRate>>(SteadyRate(config_.rate * load_ratio),
                                                       GapLaw::gamma(config_.burstiness), seed);
  }
};
PENSTOCK_REGISTER(ArrivalProcess, GammaRenewal,
                  "Independent gamma gaps at a steady rate, as bursty as wanted.");

}  // namespace
}  // namespace penstock::workload

#include "penstock/workload/renewal.h"

namespace penstock::workload {
namespace {

struct PoissonConfig {
  PerSecond rate{1.0};
};

template <class Visitor>
void fields(Visitor& v, PoissonConfig& c) {
  v.required("rate", c.rate, "Mean arrival rate, for example 5.5 req/s.", kRateBounds);
}

class Poisson final : public Described<ArrivalProcess, PoissonConfig> {
 public:
  [[nodiscard]] PerSecond mean_rate() const override { return config_.rate; }
  [[nodiscard]] std::unique_ptr<ArrivalSource> start(uint64_t seed,
                                                     double load_ratio) const override {
    return std::make_unique<RenewalSource<SteadyRate>>(SteadyRate(config_.rate * load_ratio),
                                                       GapLaw::gamma(1.0), seed);
  }
};
PENSTOCK_REGISTER(ArrivalProcess, Poisson,
                  "Independent arrivals at a steady rate: exponential gaps.");

}  // namespace
}  // namespace penstock::workload

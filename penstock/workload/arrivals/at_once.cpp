#include <algorithm>

#include "penstock/workload/arrival.h"

namespace penstock::workload {
namespace {

struct AtOnceConfig {};

template <class Visitor>
void fields(Visitor& /*v*/, AtOnceConfig& /*c*/) {}

class AtOnceSource final : public ArrivalSource {
 public:
  size_t fill(std::span<Time> out) override {
    std::fill(out.begin(), out.end(), Time());
    return out.size();
  }
};

class AtOnce final : public Described<ArrivalProcess, AtOnceConfig> {
 public:
  [[nodiscard]] PerSecond mean_rate() const override {
    return PerSecond(std::numeric_limits<double>::infinity());
  }
  [[nodiscard]] std::unique_ptr<ArrivalSource> start(uint64_t /*seed*/,
                                                     double /*load_ratio*/) const override {
    return std::make_unique<AtOnceSource>();
  }
};
PENSTOCK_REGISTER(ArrivalProcess, AtOnce,
                  "Everything at time zero, as offline benchmarks do; needs a number of requests.");

}  // namespace
}  // namespace penstock::workload

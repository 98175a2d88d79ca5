#include "penstock/workload/renewal.h"

namespace penstock::workload {
namespace {

struct ConstantConfig {
  PerSecond rate{1.0};
};

template <class Visitor>
void fields(Visitor& v, ConstantConfig& c) {
  v.required("rate", c.rate, "Arrival rate, for example 5.5 req/s; the first comes at zero.",
             kRateBounds);
}

/// The n-th arrival is computed from n, so a long run does not drift.
class ConstantSource final : public ArrivalSource {
 public:
  explicit ConstantSource(PerSecond rate) : gap_(1.0 / rate) {}

  size_t fill(std::span<Time> out) override {
    size_t count = 0;
    for (Time& time : out) {
      const int64_t now = picoseconds_of_span(gap_ * static_cast<double>(arrived_));
      if (now >= kLastArrivalPicoseconds) break;
      time = Time::from_picoseconds(now);
      ++arrived_;
      ++count;
    }
    return count;
  }

 private:
  Seconds gap_;
  int64_t arrived_ = 0;
};

class Constant final : public Described<ArrivalProcess, ConstantConfig> {
 public:
  [[nodiscard]] PerSecond mean_rate() const override { return config_.rate; }
  [[nodiscard]] std::unique_ptr<ArrivalSource> start(uint64_t /*seed*/,
                                                     double load_ratio) const override {
    return std::make_unique<ConstantSource>(config_.rate * load_ratio);
  }
};
PENSTOCK_REGISTER(ArrivalProcess, Constant, "A steady beat: equal gaps, no randomness.");

}  // namespace
}  // namespace penstock::workload

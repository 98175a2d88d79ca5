#include "penstock/serving/router.h"

namespace penstock::serving {
namespace {

/// Source: Mitzenmacher 2001, "The power of two choices in randomized load balancing".
class PowerOfTwo final : public Router {
 public:
  size_t choose(const RouterView& view, const workload::Request&, Rng& rng) override {
    const auto count = static_cast<int64_t>(view.replica_count());
    const auto a = static_cast<size_t>(rng.below(count));
    const auto b = static_cast<size_t>(rng.below(count));
    return view.load(b).request_count < view.load(a).request_count ? b : a;
  }
};

PENSTOCK_REGISTER(Router, PowerOfTwo,
                  "Two replicas at random, then the one with fewer requests in flight.");

}  // namespace
}  // namespace penstock::serving

#include "penstock/serving/router.h"

namespace penstock::serving {
namespace {

class LeastOutstandingTokens final : public Router {
 public:
  size_t choose(const RouterView& view, const workload::Request&, Rng&) override {
    size_t best = 0;
    for (size_t i = 1; i < view.replica_count(); ++i) {
      if (view.load(i).prompt_tokens < view.load(best).prompt_tokens) best = i;
    }
    return best;
  }
};

PENSTOCK_REGISTER(Router, LeastOutstandingTokens,
                  "The replica with the fewest prompt tokens in requests not yet answered.");

}  // namespace
}  // namespace penstock::serving

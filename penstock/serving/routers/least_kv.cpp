#include "penstock/serving/router.h"

namespace penstock::serving {
namespace {

class LeastKv final : public Router {
 public:
  size_t choose(const RouterView& view, const workload::Request&, Rng&) override {
    size_t best = 0;
    int64_t best_pages = view.pages_used(0);
    for (size_t i = 1; i < view.replica_count(); ++i) {
      const int64_t pages = view.pages_used(i);
      // requests sent but not yet in memory break ties, so a burst does not pile up
      const bool fewer = pages != best_pages
                             ? pages < best_pages
                             : view.load(i).prompt_tokens < view.load(best).prompt_tokens;
      if (fewer) {
        best = i;
        best_pages = pages;
      }
    }
    return best;
  }
};

PENSTOCK_REGISTER(Router, LeastKv, "The replica with the fewest KV pages in use right now.");

}  // namespace
}  // namespace penstock::serving

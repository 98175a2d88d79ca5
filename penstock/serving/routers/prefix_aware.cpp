#include "penstock/serving/router.h"

namespace penstock::serving {
namespace {

/// The longest cached prefix wins unless its replica is clearly busier than the least busy one;
/// then load decides. Source of the shape: SGLang's cache-aware router (balance thresholds).
class PrefixAware final : public Router {
 public:
  size_t choose(const RouterView& view, const workload::Request& request, Rng&) override {
    size_t longest = 0;
    size_t idlest = 0;
    int64_t longest_tokens = -1;
    for (size_t i = 0; i < view.replica_count(); ++i) {
      const int64_t tokens = view.cached_tokens(i, request);
      if (tokens > longest_tokens) {
        longest = i;
        longest_tokens = tokens;
      }
      if (view.load(i).prompt_tokens < view.load(idlest).prompt_tokens) idlest = i;
    }
    const int64_t ahead = view.load(longest).prompt_tokens - view.load(idlest).prompt_tokens;
    // reuse pays as long as the work it saves exceeds the work that waits in front of it
    const bool worth = longest_tokens > 0 && ahead <= kPatience * longest_tokens;
    return worth ? longest : idlest;
  }

 private:
  static constexpr int64_t kPatience = 4;
};

PENSTOCK_REGISTER(Router, PrefixAware,
                  "The replica that caches most of the prompt, unless it is much busier.");

}  // namespace
}  // namespace penstock::serving

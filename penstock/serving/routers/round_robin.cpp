#include "penstock/serving/router.h"

namespace penstock::serving {
namespace {

class RoundRobin final : public Router {
 public:
  size_t choose(const RouterView& view, const workload::Request&, Rng&) override {
    return next_++ % view.replica_count();
  }

 private:
  size_t next_ = 0;
};

PENSTOCK_REGISTER(Router, RoundRobin, "Takes the replicas in turn.");

}  // namespace
}  // namespace penstock::serving

/// How a request finds its instance: one policy a file in routers/, over a read-only view.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "penstock/base/registry.h"
#include "penstock/base/rng.h"
#include "penstock/serving/instance.h"
#include "penstock/workload/request.h"

namespace penstock::serving {

/// What a router knows of one replica from its own traffic.
struct ReplicaLoad {
  int64_t request_count = 0;  ///< sent there and not ended
  int64_t prompt_tokens = 0;  ///< of those requests
};

/// The fleet at the instant of a decision.
class RouterView {
 public:
  RouterView(std::span<const ReplicaLoad> loads, const std::vector<Instance>& instances, Time now)
      : loads_(loads), instances_(instances), now_(now) {}

  [[nodiscard]] size_t replica_count() const { return loads_.size(); }
  [[nodiscard]] const ReplicaLoad& load(size_t replica) const { return loads_[replica]; }
  /// KV pages in use now.
  [[nodiscard]] int64_t pages_used(size_t replica) const {
    return instances_[replica].pages_used(now_);
  }
  /// Tokens of a prompt's prefix that the replica's cache holds now.
  [[nodiscard]] int64_t cached_tokens(size_t replica, const workload::Request& request) const {
    return instances_[replica].pages().cache().match(request.prefix_hashes) *
           request.prefix_run_tokens;
  }

 private:
  std::span<const ReplicaLoad> loads_;
  const std::vector<Instance>& instances_;
  Time now_;
};

class Router {
 public:
  virtual ~Router() = default;
  /// The replica for a request. Ties go to the smaller index unless the policy says otherwise.
  virtual size_t choose(const RouterView& view, const workload::Request& request, Rng& rng) = 0;
};

}  // namespace penstock::serving

/// A fleet of idle instances for router tests: loads are set by hand.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "penstock/serving/deployment.h"
#include "penstock/serving/router.h"

namespace penstock::serving {

class RouterFleet {
 public:
  explicit RouterFleet(size_t replica_count) : loads(replica_count) {
    model_.id = "tiny";
    model_.hidden_size = 1024;
    model_.vocab_size = 1000;
    model_.max_position = 100000;
    catalog::LayerGroup layers;
    layers.count = 2;
    layers.attention.head_count = 8;
    layers.attention.kv_head_count = 8;
    layers.attention.head_dim = 128;
    layers.attention.value_head_dim = 128;
    layers.feed_forward.intermediate_size = 4096;
    model_.layers = {layers};
    accelerator_.id = "test";
    accelerator_.memory_bandwidth.value = 1.0_TBps;
    accelerator_.memory_capacity.value = 80.0_GB;
    accelerator_.peak.bf16 = catalog::Sourced<FlopPerSecond>{100.0_TFLOPps, {}, {}};
    compute::Efficiency efficiency;
    efficiency.id = "test";
    efficiency.kernels = {compute::KernelEfficiency{}};
    forward_ =
        std::make_unique<compute::Forward>(model_, compute::ParallelPlan{}, compute::Precision{});
    steps_ = std::make_unique<StepModel>(*forward_, compute::Roofline(accelerator_, efficiency),
                                         Links{nullptr, 100.0_GBps},
                                         StepModel::Options{Seconds(), Seconds(), 2048, 256});
    InstanceSetup setup;
    setup.page_count = 1000;
    setup.page = 1.0_MiB;
    setup.model_len_max = 100000;
    instances_.reserve(replica_count);
    for (size_t i = 0; i < replica_count; ++i) {
      instances_.emplace_back(static_cast<int32_t>(i), setup, *steps_, pool_, collector_, log_);
    }
  }

  size_t choose(std::string_view router, const workload::Request& request = {}) {
    if (name_ != router) {
      name_ = router;
      router_ = Registry<Router>::find(router)->make();
    }
    return router_->choose(RouterView(loads, instances_, now), request, rng);
  }

  /// Lets a replica process one prompt of this many tokens with these prefix hashes to its end.
  void serve(size_t replica, int64_t tokens, int64_t output, std::span<const uint64_t> hashes = {},
             bool to_end = true) {
    workload::Request request;
    request.arrival = now;
    request.input_tokens = tokens;
    request.output_tokens = output;
    request.prefix_hashes = hashes;
    request.prefix_run_tokens = hashes.empty() ? 0 : 16;
    Instance& instance = instances_[replica];
    instance.enqueue(pool_.take(request), now);
    for (int event = 0; event < (to_end ? 1000 : 2) && instance.next_event() != Time::max();
         ++event) {
      now = instance.next_event();
      instance.at_boundary(now);
    }
  }

  std::vector<ReplicaLoad> loads;
  Time now;
  Rng rng{1, "router"};

 private:
  catalog::Model model_;
  catalog::Accelerator accelerator_;
  std::unique_ptr<compute::Forward> forward_;
  std::unique_ptr<StepModel> steps_;
  RequestPool pool_;
  Collector collector_{SloConfig{}, 0};
  StepLog log_{1};
  std::vector<Instance> instances_;
  std::string name_;
  std::unique_ptr<Router> router_;
};

}  // namespace penstock::serving

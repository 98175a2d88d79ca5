/// A pool of tiny instances over a handful of requests made by hand, for tests of the scheduler.
///
/// Every run is made twice, in closed form and one step at a time, and both must agree.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "penstock/serving/simulation.h"

namespace penstock::serving {

/// A request by hand. Prefix hashes stand for runs of `prefix_run_tokens`.
struct Ask {
  Seconds arrival;
  int64_t input_tokens = 1;
  int64_t output_tokens = 1;
  int32_t priority = 0;
  std::vector<uint64_t> prefix_hashes = {};
  int64_t prefix_run_tokens = 16;
};

/// Ranks that talk at 100 GB/s and add nothing to it.
inline Links ideal_links() {
  network::LibraryEntry entry;
  entry.id = "ideal";
  entry.plain.emplace().ring = {Seconds(), Seconds(), 1.0, 1.0, 0.0};
  return {std::make_shared<const network::Library>(std::move(entry), nullptr), 100.0_GBps};
}

class AskStream final : public workload::RequestStream {
 public:
  explicit AskStream(const std::vector<Ask>& asks) : asks_(asks) {}
  bool next(workload::Request& out) override {
    if (at_ == asks_.size()) return false;
    const Ask& ask = asks_[at_];
    out = {};
    out.id = static_cast<int64_t>(at_++);
    out.arrival = Time::from_seconds(ask.arrival);
    out.input_tokens = ask.input_tokens;
    out.output_tokens = ask.output_tokens;
    out.priority = ask.priority;
    out.prefix_hashes = ask.prefix_hashes;
    out.prefix_run_tokens = ask.prefix_hashes.empty() ? 0 : ask.prefix_run_tokens;
    return true;
  }

 private:
  const std::vector<Ask>& asks_;
  size_t at_ = 0;
};

/// A model of two layers on a made-up accelerator, so that steps last some microseconds.
class TinyModel {
 public:
  /// Routed experts in place of the dense feed-forward part.
  struct Experts {
    int64_t count, topk, width;
  };

  explicit TinyModel(compute::ParallelPlan plan = {}, StepModel::Options options = kOptions,
                     Experts experts = {0, 0, 0}) {
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
    if (experts.count > 0) {
      layers.feed_forward.kind = catalog::FeedForwardKind::kMoe;
      layers.feed_forward.intermediate_size = 0;
      layers.feed_forward.expert_count = experts.count;
      layers.feed_forward.experts_per_token = experts.topk;
      layers.feed_forward.expert_intermediate_size = experts.width;
    }
    model_.layers = {layers};
    accelerator_.id = "test";
    accelerator_.memory_bandwidth.value = 1.0_TBps;
    accelerator_.memory_capacity.value = 80.0_GB;
    accelerator_.peak.bf16 = catalog::Sourced<FlopPerSecond>{100.0_TFLOPps, {}, {}};
    compute::Efficiency efficiency;
    efficiency.id = "test";
    efficiency.kernels = {compute::KernelEfficiency{}};
    forward_ = std::make_unique<compute::Forward>(model_, plan, compute::Precision{},
                                                  options.pace.queries - 1);
    steps_ = std::make_unique<StepModel>(*forward_, compute::Roofline(accelerator_, efficiency),
                                         ideal_links(), options);
  }
  StepModel& steps() { return *steps_; }

  static constexpr StepModel::Options kOptions{Seconds(1e-5), Seconds(1e-6), 1 << 16, 256};

 private:
  catalog::Model model_;
  catalog::Accelerator accelerator_;
  std::unique_ptr<compute::Forward> forward_;
  std::unique_ptr<StepModel> steps_;
};

/// What happened: each request as it ended, and the sums.
struct SceneOutcome {
  std::map<int64_t, RequestState> requests;
  SimulationOutput out;

  [[nodiscard]] const RequestState& at(int64_t id) const { return requests.at(id); }
  [[nodiscard]] int64_t ended(Outcome outcome) const {
    return out.collector.ended[static_cast<size_t>(outcome)];
  }
};

struct Scene {
  EngineConfig engine = {};
  int64_t page_count = 10000;
  int64_t model_len_max = 100000;
  int64_t replica_count = 1;
  compute::ParallelPlan plan = {};
  std::optional<SpeculationConfig> speculation = {};
  std::optional<Seconds> timeout = {};
  std::optional<ClosedLoop> closed_loop = {};
  std::string router = "round_robin";
  std::vector<Ask> asks = {};

  [[nodiscard]] SceneOutcome run_with(Stepping stepping) const {
    StepModel::Options options = TinyModel::kOptions;
    options.pace = DecodePace::of(speculation, engine.page_tokens);
    TinyModel tiny(plan, options);
    SimulationInput input;
    input.instance = {engine, page_count, 1.0_MiB, model_len_max, stepping};
    input.model = &tiny.steps();
    input.replica_count = replica_count;
    input.router = router;
    input.request_timeout = timeout;
    input.closed_loop = closed_loop;
    input.traced_step_count = 100000;
    std::map<int64_t, RequestState> requests;
    input.on_end = [&](const RequestState& state) { requests[state.id] = state; };
    AskStream stream(asks);
    SimulationOutput out = simulate(input, stream);
    return {std::move(requests), std::move(out)};
  }

  /// Runs both ways, compares, checks the books, returns the closed form.
  [[nodiscard]] SceneOutcome run() const {
    SceneOutcome closed = run_with(Stepping::kClosedForm);
    const SceneOutcome steps = run_with(Stepping::kOneByOne);
    EXPECT_EQ(closed.requests.size(), steps.requests.size());
    for (const auto& [id, a] : closed.requests) {
      const auto b = steps.requests.find(id);
      if (b == steps.requests.end()) continue;
      EXPECT_EQ(a.scheduled, b->second.scheduled) << "request " << id;
      EXPECT_EQ(a.first_token, b->second.first_token) << "request " << id;
      EXPECT_EQ(a.last_token, b->second.last_token) << "request " << id;
      EXPECT_EQ(a.generated, b->second.generated) << "request " << id;
      EXPECT_EQ(a.preempted_count, b->second.preempted_count) << "request " << id;
    }
    EXPECT_EQ(closed.out.busy, steps.out.busy);
    EXPECT_TRUE(closed.out.collector.token_gap.sum() == steps.out.collector.token_gap.sum());
    EXPECT_EQ(closed.out.collector.token_gap.count(), steps.out.collector.token_gap.count());
    check_books(closed.out);
    return closed;
  }

 private:
  static void check_books(const SimulationOutput& out) {
    const Collector& c = out.collector;
    int64_t ended = 0;
    for (const int64_t count : c.ended) ended += count;
    EXPECT_EQ(out.arrived_count, ended);
    EXPECT_EQ(out.requests_inside, 0);
    EXPECT_EQ(out.pages_left_in_use, 0);
    EXPECT_EQ(out.generated_tokens, c.completed_output_tokens + c.dropped_output_tokens);
  }
};

}  // namespace penstock::serving

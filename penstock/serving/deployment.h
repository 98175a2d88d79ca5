/// A serving config with everything looked up and priced: ready to simulate, or the reason why not.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "penstock/catalog/accelerator.h"
#include "penstock/catalog/model.h"
#include "penstock/compute/efficiency.h"
#include "penstock/compute/memory.h"
#include "penstock/serving/config.h"
#include "penstock/serving/instance.h"
#include "penstock/serving/step_model.h"

namespace penstock::serving {

/// What a deployment is made of.
struct DeploymentInput {
  catalog::Model model;
  catalog::Accelerator accelerator;
  compute::Efficiency efficiency;
  EngineConfig engine;
  ServingConfig serving;
  std::shared_ptr<const network::Library> library;  ///< of the engine's collectives
};

/// The same with every kernel and collective at one end of its band.
DeploymentInput at_band_end(DeploymentInput input, bool high);

/// Owns what the step model refers to. Built per run: step models cache as they go.
class Deployment {
  struct Private {};

 public:
  /// Only `make` builds one.
  Deployment(Private, const DeploymentInput& input);
  /// The deployment, or why no request could ever run on it.
  static std::variant<std::unique_ptr<Deployment>, Infeasible> make(const DeploymentInput& input);

  [[nodiscard]] const DeploymentInput& input() const { return input_; }
  /// KV pages of an instance: those of one rank times its attention groups, since the ranks of a
  /// group hold parts, or copies, of the same pages.
  [[nodiscard]] int64_t instance_page_count() const;
  [[nodiscard]] const compute::MemorySplit& memory() const { return memory_; }
  [[nodiscard]] const compute::Forward& forward() const { return *forward_; }
  StepModel& step_model() { return *step_model_; }
  [[nodiscard]] InstanceSetup instance_setup() const;
  /// Longest prompt plus output that an instance takes.
  [[nodiscard]] int64_t model_len_max() const;

 private:
  DeploymentInput input_;
  std::unique_ptr<compute::Forward> forward_;
  compute::MemorySplit memory_;
  std::unique_ptr<StepModel> step_model_;
};

/// All links of an accelerator into its scale-up domain, each way; without any, ranks meet over PCI
/// Express.
BytesPerSecond scale_up_bandwidth(const catalog::Accelerator& accelerator);

}  // namespace penstock::serving

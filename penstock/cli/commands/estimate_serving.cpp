#include <fmt/format.h>

#include "penstock/cli/session.h"
#include "penstock/scenario/estimate.h"

namespace penstock::cli {
namespace {

// far beyond any benchmark, small enough that no product overflows
constexpr Bounds kCount{.min = 1.0, .max = 1e6};
constexpr Bounds kTokens{.min = 1.0, .max = 1e7};
constexpr Bounds kRanks{.min = 1.0, .max = 1024.0};

class EstimateServing final : public Command {
 public:
  [[nodiscard]] CommandSpec spec() const override {
    CommandSpec spec;
    spec.path = "estimate serving";
    spec.description =
        "Simulates one instance under clients in a closed loop, as serving benchmarks drive it: "
        "TTFT, TPOT, throughput, with their bands.";
    spec.options = {
        {"--model", "M", "Model id, or a path to a config.json.", ValueKind::kModel, false, true},
        {"--accelerator", "A", "Accelerator id; or --system.", ValueKind::kAccelerator},
        {"--system", "S", "System whose accelerators serve, for example hgx_h200.",
         ValueKind::kText},
        {"--tp", "N", "Ranks of a stage (1).", ValueKind::kNumber},
        {"--pp", "N", "Pipeline stages (1).", ValueKind::kNumber},
        {"--attention-dp", "N", "Ranks that split the sequences for attention (1).",
         ValueKind::kNumber},
        {"--ep", "N", "Ranks that hold different experts (1).", ValueKind::kNumber},
        {"--concurrency", "N", "Clients (1).", ValueKind::kNumber},
        {"--input", "N", "Nominal prompt tokens (1024).", ValueKind::kNumber},
        {"--output", "N", "Nominal output tokens (1024).", ValueKind::kNumber},
        {"--prompts", "N", "Prompts of each client (10).", ValueKind::kNumber},
        {"--engine", "NAME", "Engine preset (vllm_large).", ValueKind::kText},
        {"--weights", "DTYPE", "Format of the weights (as published).", ValueKind::kText},
        {"--kv", "DTYPE", "Format of the KV cache (bf16).", ValueKind::kText}};
    spec.examples = {
        "penstock estimate serving --model deepseek-r1 --system hgx_h200 --tp 8 --concurrency 64 "
        "--input 1024 --output 1024"};
    return spec;
  }

  int run(Arguments& arguments) const override {
    scenario::ServingQuery query;
    query.model = arguments.text("--model").value_or("");
    query.accelerator = arguments.text("--accelerator").value_or("");
    query.system = arguments.text("--system");
    if (query.accelerator.empty() == !query.system.has_value()) {
      arguments.findings().add("--accelerator", "name an accelerator or a --system, one of them");
    }
    query.tensor_parallel = arguments.integer("--tp", 1, kRanks);
    query.pipeline_parallel = arguments.integer("--pp", 1, {.min = 1.0, .max = 256.0});
    query.attention_data_parallel = arguments.integer("--attention-dp", 1, kRanks);
    query.expert_parallel = arguments.integer("--ep", 1, kRanks);
    query.concurrency = arguments.integer("--concurrency", 1, {.min = 1.0, .max = 100000.0});
    query.input_tokens = arguments.integer("--input", query.input_tokens, kTokens);
    query.output_tokens = arguments.integer("--output", query.output_tokens, kTokens);
    query.prompts_of_client = arguments.integer("--prompts", query.prompts_of_client, kCount);
    query.engine = arguments.text("--engine").value_or(query.engine);
    query.precision.weights = arguments.choice<catalog::Dtype>("--weights");
    query.precision.kv_cache = arguments.choice<catalog::Dtype>("--kv");
    arguments.check();
    const catalog::Catalog catalog = open_catalog(arguments);
    return answer(scenario::estimate_serving(query, catalog), arguments, false);
  }
};

PENSTOCK_REGISTER(Command, EstimateServing,
                  "TTFT, TPOT and throughput of one instance under clients in a closed loop.");

}  // namespace
}  // namespace penstock::cli

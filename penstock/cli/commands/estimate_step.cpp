#include <fmt/format.h>

#include "penstock/cli/session.h"
#include "penstock/scenario/estimate.h"

namespace penstock::cli {
namespace {

// far beyond any step, small enough that no product overflows
constexpr double kCountMax = 1e9;
constexpr double kBatchMax = 1e6;
constexpr double kPromptMax = 1e7;
constexpr double kRanksMax = 1024.0;

class EstimateStep final : public Command {
 public:
  [[nodiscard]] CommandSpec spec() const override {
    CommandSpec spec;
    spec.path = "estimate step";
    spec.description =
        "Prices the step on one rank, operator by operator: shape, operations, bytes, duration, "
        "what binds it, energy.";
    spec.options = {
        {"--model", "M", "Model id, or a path to a config.json.", ValueKind::kModel, false, true},
        {"--accelerator", "A", "Accelerator id.", ValueKind::kAccelerator, false, true},
        {"--tp", "N", "Tensor-parallel ranks (1).", ValueKind::kNumber},
        {"--pp", "N", "Pipeline stages (1).", ValueKind::kNumber},
        {"--attention-dp", "N", "Groups of those ranks with sequences of their own (1).",
         ValueKind::kNumber},
        {"--ep", "N", "Groups of those ranks with experts of their own (1).", ValueKind::kNumber},
        {"--batch", "N", "Decoding sequences (1).", ValueKind::kNumber},
        {"--context", "N", "Tokens in the cache of each sequence (1024).", ValueKind::kNumber},
        {"--prefill", "N", "Prompt tokens processed beside them (0).", ValueKind::kNumber},
        {"--prefill-context", "N", "Tokens of that prompt already in the cache (0).",
         ValueKind::kNumber},
        {"--engine", "NAME", "Engine preset (vllm).", ValueKind::kText},
        {"--weights", "DTYPE", "Format of the weights (as published).", ValueKind::kText},
        {"--kv", "DTYPE", "Format of the KV cache (bf16).", ValueKind::kText}};
    spec.examples = {
        "penstock estimate step --model llama-3.1-70b --accelerator h100_sxm --tp 8 "
        "--batch 64 --context 4096"};
    return spec;
  }

  int run(Arguments& arguments) const override {
    const Bounds count{.min = 1.0, .max = kCountMax};
    const Bounds from_zero{.min = 0.0, .max = kCountMax};
    scenario::StepQuery query;
    query.model = arguments.text("--model").value_or("");
    query.accelerator = arguments.text("--accelerator").value_or("");
    query.tensor_parallel = arguments.integer("--tp", 1, {.min = 1.0, .max = kRanksMax});
    query.pipeline_parallel = arguments.integer("--pp", 1, {.min = 1.0, .max = 256.0});
    const Bounds ranks{.min = 1.0, .max = kRanksMax};
    query.attention_data_parallel = arguments.integer("--attention-dp", 1, ranks);
    query.expert_parallel = arguments.integer("--ep", 1, ranks);
    query.batch = arguments.integer("--batch", 1, {.min = 0.0, .max = kBatchMax});
    query.context = arguments.integer("--context", query.context, count);
    query.prefill_tokens = arguments.integer("--prefill", 0, {.min = 0.0, .max = kPromptMax});
    query.prefill_context = arguments.integer("--prefill-context", 0, from_zero);
    query.engine = arguments.text("--engine").value_or(query.engine);
    query.precision.weights = arguments.choice<catalog::Dtype>("--weights");
    query.precision.kv_cache = arguments.choice<catalog::Dtype>("--kv");
    arguments.check();
    const catalog::Catalog catalog = open_catalog(arguments);
    return answer(scenario::estimate_step(query, catalog), arguments, true);
  }
};

PENSTOCK_REGISTER(Command, EstimateStep,
                  "One step of a model on accelerators, operator by operator, and what binds it.");

}  // namespace
}  // namespace penstock::cli

#include "penstock/validation/server_setup.h"

#include <string_view>

namespace penstock::validation {
namespace {

using catalog::Dtype;
using measurement::Precision;
using measurement::StaticRow;

bool is(const StaticRow& row, std::string_view name) {
  return row.model.find(name) != std::string::npos;
}

bool quantised(const StaticRow& row) {
  return row.precision == Precision::kFp8 || row.precision == Precision::kFp4;
}

bool blackwell(const RunSpec& spec) {
  return spec.deployment.accelerator.architecture.starts_with("blackwell");
}

/// One prompt and the tokens of a group's running sequences a step: dsr1_*_trt scripts, rounded up
/// to 64.
int64_t one_prompt_budget(const StaticRow& row, const serving::ServingConfig& serving) {
  constexpr int64_t kRounding = 64;
  const int64_t groups = serving.attention_data_parallel;
  const int64_t sequences = (*row.concurrency + groups - 1) / groups;
  const int64_t tokens = sequences * serving.decode_queries() + row.input_tokens;
  return (tokens + 2 * kRounding - 1) / kRounding * kRounding;
}

void start_trtllm(const StaticRow& row, RunSpec& spec) {
  serving::EngineConfig& engine = spec.deployment.engine;
  engine.chunked_prefill = false;
  const bool one_prompt = is(row, "DeepSeek-R1");
  constexpr int64_t kLargeBudget = 20000;  // source: gptoss_*_trt scripts
  engine.max_num_batched_tokens = one_prompt
                                      ? one_prompt_budget(row, spec.deployment.serving)
                                      : std::max(kLargeBudget, row.input_tokens + *row.concurrency);
  engine.memory_utilization_fraction = one_prompt ? 0.8 : 0.9;
  const bool keeps_bf16 = is(row, "gpt-oss") && !blackwell(spec);
  if (quantised(row) && !keeps_bf16) spec.deployment.serving.precision.kv_cache = Dtype::kFp8;
  if (one_prompt) spec.streamed_together_count = 10;
  // no script on record: measured first tokens come twenty output tokens late, in every run of this
  // one workload and in none of the other two
  const bool short_both = row.input_tokens == row.output_tokens;
  if (is(row, "Llama-3.1-70B") && short_both) spec.streamed_together_count = 20;
}

/// Source: dsr1_*_b200 and qwen3.5_*_b200 scripts; those of the b300 repeat them. The streaming
/// interval is 10 or 30 in them and was changed in between; which one a campaign had is read off
/// its runs of few clients.
void start_sglang_blackwell(const StaticRow& row, RunSpec& spec) {
  const bool qwen = is(row, "Qwen3.5");
  const bool fp4 = row.precision == Precision::kFp4;
  serving::EngineConfig& engine = spec.deployment.engine;
  constexpr int64_t kRareLooks = 30;
  constexpr int64_t kFrequentLooks = 10;
  const int64_t few_clients = qwen && fp4 ? 5 : 16;
  engine.receive_interval_steps = *row.concurrency < few_clients ? kFrequentLooks : kRareLooks;
  const bool b200 = spec.deployment.accelerator.id == "b200_sxm";
  const bool first_fp4 = fp4 && !qwen && row.engine_version.empty();
  spec.streamed_together_count = (qwen && b200) || first_fp4 ? 30 : 10;
  if (quantised(row)) spec.deployment.serving.precision.kv_cache = Dtype::kFp8;
}

void start_sglang(const StaticRow& row, RunSpec& spec) {
  serving::EngineConfig& engine = spec.deployment.engine;
  constexpr int64_t kBudget = 32768;     // source: dsr1_fp8_* scripts
  constexpr int64_t kBudgetFp4 = 16384;  // source: dsr1_fp4_b200 scripts
  engine.max_num_batched_tokens = row.precision == Precision::kFp4 ? kBudgetFp4 : kBudget;
  engine.memory_utilization_fraction = 0.82;
  if (blackwell(spec)) {
    start_sglang_blackwell(row, spec);
  } else {
    spec.streamed_together_count = 10;
  }
}

void start_vllm(const StaticRow& row, RunSpec& spec) {
  // gptoss scripts: the cache in fp8 on Blackwell only. The 70b sweeps and Kimi's in 4 bits ran
  // NVIDIA's checkpoints, whose cache is fp8: with bf16 runs of 64 clients could not have been held
  const bool nvidia =
      is(row, "Llama-3.1-70B") || (is(row, "Kimi") && row.precision == Precision::kFp4);
  const bool small_cache = nvidia || (is(row, "gpt-oss") && blackwell(spec));
  if (small_cache && quantised(row)) spec.deployment.serving.precision.kv_cache = Dtype::kFp8;
}

}  // namespace

void apply_published_setup(const StaticRow& row, RunSpec& spec) {
  spec.deployment.engine.prefix_caching = false;
  if (row.engine == "trtllm") start_trtllm(row, spec);
  if (row.engine == "sglang") start_sglang(row, spec);
  if (row.engine == "vllm") start_vllm(row, spec);
}

std::vector<std::string> setup_rules() {
  return {
      "Servers of the published sweeps are started as their launch scripts say: TensorRT-LLM "
      "without chunks, with a budget of one prompt and the tokens of running sequences (DeepSeek "
      "R1) or of "
      "20,000 tokens; SGLang with 32,768 tokens a step (16,384 in 4 bits); KV cache in fp8 for "
      "quantised models on TensorRT-LLM and on Blackwell (gpt-oss on Hopper: bf16), and where vLLM "
      "runs NVIDIA's checkpoints. SGLang on Blackwell looks at new requests every 10 decode steps "
      "at "
      "few clients, every 30 from 16 on (5 for Qwen3.5 in 4 bits).",
      "Streaming: servers that hand tokens over in groups let the client see the first token when "
      "the first group is full: groups of 10 (DeepSeek R1 on TensorRT-LLM, SGLang), 30 (SGLang on "
      "B200 for Qwen3.5 and for the first campaigns of DeepSeek R1 in 4 bits; scripts have both, "
      "runs of few clients tell which), 20 (Llama 3.1 70B on TensorRT-LLM, 1,024 in and out: "
      "inferred from the runs, all of which show it)."};
}

}  // namespace penstock::validation

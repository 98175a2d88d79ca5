#include "penstock/validation/static_plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "penstock/scenario/scenario.h"
#include "penstock/validation/server_setup.h"

namespace penstock::validation {
namespace {

using catalog::Dtype;
using measurement::ConfigQuality;
using measurement::Precision;
using measurement::ServingMode;
using measurement::StaticRow;

// InferenceX's client: ten prompts a client, lengths down to 0.8 of the nominal ones
constexpr int64_t kPromptsOfClient = 10;
constexpr double kShortestRatio = 0.8;

bool is_4bit(Dtype dtype) {
  return dtype == Dtype::kNvfp4 || dtype == Dtype::kMxfp4 || dtype == Dtype::kInt4;
}

bool is_8bit(Dtype dtype) {
  return dtype == Dtype::kFp8 || dtype == Dtype::kFp8Block || dtype == Dtype::kInt8;
}

bool has_experts(const catalog::Model& model) {
  return std::any_of(model.layers.begin(), model.layers.end(), [](const catalog::LayerGroup& g) {
    return g.feed_forward.kind == catalog::FeedForwardKind::kMoe;
  });
}

/// Whether the weights are published in the row's precision.
bool published_in(const catalog::Model& model, Precision precision) {
  const Dtype main = has_experts(model) ? model.weights.experts : model.weights.feed_forward;
  switch (precision) {
    case Precision::kBf16: return main == Dtype::kBf16;
    case Precision::kFp8: return is_8bit(main);
    case Precision::kFp4: return main == Dtype::kNvfp4 || main == Dtype::kMxfp4;
    case Precision::kInt4: return main == Dtype::kInt4;
  }
  return false;
}

/// Whether a run of unknown protocol caches keys and values in fp8: where its checkpoint says so,
/// as NVIDIA's do.
bool caches_fp8(const StaticRow& row) {
  const bool quantised = row.precision == Precision::kFp8 || row.precision == Precision::kFp4;
  if (row.engine == "trtllm") return quantised;
  return row.engine == "vllm" && quantised && row.model.starts_with("nvidia/");
}

/// Formats of the run. Published weights stay as they are; otherwise the row's formats replace
/// them, in 4 bits only those of the experts where there are any, as NVIDIA's checkpoints have it.
compute::PrecisionConfig precision_of(const StaticRow& row, const catalog::Model& model) {
  compute::PrecisionConfig config;
  if (!published_in(model, row.precision)) {
    const bool experts = has_experts(model);
    if (row.experts && experts) config.experts = row.experts->weight;
    if (row.products && !(experts && is_4bit(row.products->weight))) {
      config.weights = row.products->weight;
      if (experts && !config.experts) config.experts = row.products->weight;
    }
  }
  if (caches_fp8(row)) config.kv_cache = Dtype::kFp8;
  return config;
}

/// Runs of unknown origin with the sweeps' lengths repeat runs of the sweeps, often to the digit.
bool has_published_lengths(const StaticRow& row) {
  constexpr int64_t kShort = 1024;
  constexpr int64_t kLong = 8192;
  const auto either = [](int64_t tokens) { return tokens == kShort || tokens == kLong; };
  return either(row.input_tokens) && either(row.output_tokens) &&
         (row.input_tokens == kShort || row.output_tokens == kShort);
}

/// Whether clients that started together went on in step. Runs of unknown protocol: those of SGLang
/// with lengths of 1,024 to 4,096 wait for whole waves of prompts; in all others first tokens come
/// several times sooner than waves let them, so that their clients must have drifted apart.
bool goes_in_step(const StaticRow& row) {
  constexpr int64_t kShortest = 1024;
  return row.gap_run && row.engine == "sglang" && row.input_tokens % kShortest == 0;
}

// drafts that TensorRT-LLM makes: dsr1_*_trt_mtp scripts
constexpr int64_t kDrafts = 3;
constexpr int64_t kDraftsDataParallel = 1;
// of random prompts in a chat template; fitted to the rows' TPOT (see the rules)
constexpr double kAcceptance = 0.75;

/// TensorRT-LLM 1.0 took much longer between kernels than its successors: a preset of its own.
std::string preset_of(const StaticRow& row) {
  const bool first = row.engine == "trtllm" && row.engine_version.starts_with("1.0");
  return first ? "trtllm_1_0" : row.engine;
}

/// What keeps a row from being predicted before anything is looked up; empty when nothing does.
std::string obstacle(const StaticRow& row) {
  if (row.quality == ConfigQuality::kSuspect) return "configuration suspect";
  if (row.quality == ConfigQuality::kIncomplete) return "configuration incomplete";
  if (row.mode == ServingMode::kDisaggregated) {
    return "disaggregated: pools for prefill and decode are not simulated here";
  }
  if (!row.concurrency) return "no concurrency recorded";
  if (!row.engine_shape.tensor) return "no tensor parallel recorded";
  return {};
}

/// Clients over the recorded batch of all attention groups; 1 where they agree or no batch is
/// recorded.
int64_t hidden_groups(const StaticRow& row, int64_t attention_data) {
  const int64_t batch = row.batch_count.value_or(0) * attention_data;
  return batch > 0 && *row.concurrency % batch == 0 ? *row.concurrency / batch : 1;
}

/// How the ranks of a run share the work. The origin counts tensor parallel ranks of one attention
/// group; where data parallel attention is not recorded, the accelerators or the batch betray it.
void split_ranks(const StaticRow& row, bool experts, serving::ServingConfig& serving) {
  const measurement::WorkerShape& shape = row.engine_shape;
  const int64_t tensor = *shape.tensor;
  serving.pipeline_parallel = shape.pipeline.value_or(1);
  const int64_t counted = row.accelerator_count.value_or(tensor * shape.attention_data.value_or(1));
  // vLLM splits experts over all ranks, also those that data parallel attention adds
  const int64_t of_experts =
      experts ? shape.expert_tensor.value_or(1) * shape.expert_groups.value_or(1) : 1;
  serving.tensor_parallel = std::max({counted / serving.pipeline_parallel, tensor, of_experts});
  serving.attention_data_parallel = serving.tensor_parallel / tensor;
  if (serving.attention_data_parallel == 1) {
    const int64_t groups = hidden_groups(row, 1);
    if (experts && groups == tensor) {
      serving.attention_data_parallel = groups;
    } else {
      serving.replicas = groups;  // engines behind a router
    }
  }
  if (experts) serving.expert_parallel = shape.expert_groups.value_or(1);
}

}  // namespace

const catalog::Model* StaticPlanner::model(const std::string& name) {
  const auto known = models_.find(name);
  if (known != models_.end()) return known->second ? &*known->second : nullptr;
  std::optional<catalog::Model>& model = models_[name];
  if (catalog_->canonical_id("models", name)) {
    Findings findings;
    model = catalog_->model(name, {}, findings);
    findings.throw_if_any();
  }
  return model ? &*model : nullptr;
}

const StaticPlanner::Machine* StaticPlanner::machine(const std::string& id) {
  const auto known = machines_.find(id);
  if (known != machines_.end()) return known->second ? &*known->second : nullptr;
  std::optional<Machine>& machine = machines_[id];
  Findings findings;
  const auto accelerator = catalog_->accelerator(id, {}, findings);
  findings.throw_if_any();
  if (accelerator->peak_for(Dtype::kBf16)) {
    const auto choice = compute::choose_efficiency(*catalog_, *accelerator, findings);
    findings.throw_if_any();
    machine = Machine{*accelerator, choice.efficiency};
  }
  return machine ? &*machine : nullptr;
}

std::shared_ptr<const network::Library> StaticPlanner::library(
    const std::string& name, const catalog::Accelerator& accelerator) {
  const auto [at, added] = libraries_.try_emplace({name, accelerator.id});
  if (added) {
    Findings findings;
    at->second = network::choose_library(*catalog_, name, accelerator, findings).library;
    findings.throw_if_any();
  }
  return at->second;
}

const serving::EngineConfig* StaticPlanner::engine(const std::string& name,
                                                   const catalog::Accelerator& accelerator) {
  // vLLM's defaults are larger from 70 GiB of memory on
  const bool large = name == "vllm" && accelerator.usable_memory() >= 70.0_GiB;
  const std::string preset = large ? name + "_large" : name;
  const auto known = engines_.find(preset);
  if (known != engines_.end()) return known->second ? &*known->second : nullptr;
  std::optional<serving::EngineConfig>& engine = engines_[preset];
  if (catalog_->canonical_id("engines", preset)) {
    Findings findings;
    engine = scenario::read_engine(*catalog_, preset, {}, nullptr, findings);
    findings.throw_if_any();
  }
  return engine ? &*engine : nullptr;
}

const catalog::Model* StaticPlanner::model_of(const StaticRow& row) {
  const catalog::Model* published = model(row.model);
  if (published == nullptr || row.precision != Precision::kFp4) return published;
  // runs in 4 bits take NVIDIA's checkpoint where the catalog has it
  const catalog::Model* quantised = model(published->id + "-nvfp4");
  return quantised != nullptr ? quantised : published;
}

std::variant<RunSpec, Unanswered> StaticPlanner::plan(const StaticRow& row, bool speculative) {
  const std::string stop = obstacle(row);
  if (!stop.empty()) return Unanswered{stop};
  const catalog::Model* model = model_of(row);
  if (model == nullptr) return Unanswered{fmt::format("no model {} in the catalog", row.model)};
  const Machine* machine = this->machine(row.accelerator);
  if (machine == nullptr) return Unanswered{"the accelerator has no published matrix peak"};
  const serving::EngineConfig* engine = this->engine(preset_of(row), machine->accelerator);
  if (engine == nullptr) return Unanswered{fmt::format("no preset of engine {}", row.engine)};

  RunSpec spec;
  serving::DeploymentInput& deployment = spec.deployment;
  deployment.model = *model;
  deployment.accelerator = machine->accelerator;
  deployment.efficiency = machine->efficiency;
  deployment.engine = *engine;
  deployment.library = library(engine->collectives, machine->accelerator);
  // the sweeps size the engine for the load they send
  deployment.engine.max_num_seqs = std::max(engine->max_num_seqs, *row.concurrency);
  split_ranks(row, has_experts(*model), deployment.serving);
  deployment.serving.precision = precision_of(row, *model);
  if (!compute::Forward::plan_mistakes(*model, deployment.serving.plan()).empty()) {
    return Unanswered{"the plan does not divide the model"};
  }
  if (speculative) {
    const bool data_parallel = deployment.serving.attention_data_parallel > 1;
    deployment.serving.speculation = {data_parallel ? kDraftsDataParallel : kDrafts, kAcceptance};
  }
  const bool published = !row.gap_run || has_published_lengths(row);
  if (published) apply_published_setup(row, spec);
  spec.closed_loop = serving::ClosedLoop{*row.concurrency, Seconds()};
  spec.requests = nominal_requests(kPromptsOfClient * *row.concurrency, row.input_tokens,
                                   row.output_tokens, goes_in_step(row) ? 1.0 : kShortestRatio);
  return spec;
}

std::vector<std::string> StaticPlanner::rules() {
  std::vector<std::string> rules = {
      "A run is simulated as its client drove it: `concurrency` clients in a closed loop, all "
      "starting at once, 10 prompts each, lengths drawn evenly from 0.8 to 1.0 of the nominal ones "
      "(InferenceX); TTFT and TPOT are means over requests. Runs of unknown protocol are taken to "
      "be alike, for their first tokens come several times sooner than clients in step would see "
      "them; only those of SGLang with lengths of 1,024 to 4,096 show whole waves of prompts, and "
      "get the nominal lengths.",
      "Formats: the model's published ones where they match the row's precision; otherwise those "
      "of the row, in 4 bits only for routed experts. KV cache in fp8 for quantised models on "
      "TensorRT-LLM and NVIDIA's checkpoints on vLLM, else bf16.",
      "Engines run by their presets, with as many sequences as the run has clients.",
      "Data parallel attention is taken from the row, else from accelerators beyond the tensor "
      "parallel ranks, else from a recorded batch that is the clients over those ranks; a dense "
      "model's smaller batch means engines behind a router.",
      fmt::format("Multi-token prediction makes {} drafts, {} with data parallel attention (launch "
                  "scripts of the sweeps). The chance that a draft stands is {}: one figure for "
                  "all, with which the runs that have it are predicted without bias.",
                  kDrafts, kDraftsDataParallel, kAcceptance),
      "A measured deployment had room for its weights: where the setup's share of memory leaves "
      "none, 97 % are taken."};
  for (const std::string& rule : setup_rules()) rules.push_back(rule);
  return rules;
}

}  // namespace penstock::validation

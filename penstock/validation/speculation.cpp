#include "penstock/validation/speculation.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <system_error>

#include "penstock/base/node.h"
#include "penstock/catalog/model.h"
#include "penstock/validation/score.h"

namespace penstock::validation {
namespace {

using measurement::StaticRow;

/// Models that have prediction modules, by the prefix that entries use and the name that rows use.
constexpr std::array<std::pair<std::string_view, std::string_view>, 2> kModels = {
    {{"dsr1", "deepseek-ai/DeepSeek-R1"}, {"qwen3.5", "Qwen/Qwen3.5-397B-A17B"}}};

std::string text_of(const Node& node, std::string_view key) {
  const Node* value = node.find(key);
  return value != nullptr && value->is_scalar() ? value->text : std::string();
}

int64_t number_of(const Node& node, std::string_view key, int64_t otherwise) {
  const std::string text = text_of(node, key);
  int64_t number = otherwise;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// Concurrencies of a shape: listed, or doubling from start to end.
std::vector<int64_t> concurrencies_of(const Node& shape) {
  std::vector<int64_t> found;
  const Node* list = shape.find("conc-list");
  if (list != nullptr) {
    for (const Node& item : list->items) {
      int64_t number = 0;
      std::from_chars(item.text.data(), item.text.data() + item.text.size(), number);
      found.push_back(number);
    }
  }
  const int64_t end = number_of(shape, "conc-end", 0);
  for (int64_t c = number_of(shape, "conc-start", 1); c > 0 && c <= end; c *= 2) found.push_back(c);
  return found;
}

/// The accelerator of a runner: "cluster:b200-dgxc" is a b200.
std::string_view accelerator_of(std::string_view runner) {
  const size_t colon = runner.find(':');
  if (colon != std::string_view::npos) runner.remove_prefix(colon + 1);
  return runner.substr(0, runner.find('-'));
}

/// A campaign: model, accelerator, engine, precision, release, day.
using Campaign = std::tuple<std::string, std::string, std::string, measurement::Precision,
                            std::string, std::string, bool>;

Campaign campaign_of(const StaticRow& row) {
  return {row.model,          row.accelerator, row.engine, row.precision,
          row.engine_version, row.measured_at, row.gap_run};
}

}  // namespace

SweepEntries SweepEntries::read(const std::string& directory, const catalog::Catalog& catalog,
                                Findings& findings) {
  SweepEntries entries;
  std::vector<std::filesystem::path> files;
  std::error_code code;
  for (const auto& file :
       std::filesystem::directory_iterator(std::filesystem::path(directory) / "protocols", code)) {
    if (file.path().extension() == ".yaml") files.push_back(file.path());
  }
  std::sort(files.begin(), files.end());
  for (const auto& file : files) {
    const size_t before = findings.size();
    const auto source = read_source(file.string(), findings);
    if (findings.size() != before) continue;
    const Node root = parse_yaml(source, findings);
    if (findings.size() != before) continue;
    for (const NodeEntry& entry : root.entries) entries.add(entry.value, catalog);
  }
  return entries;
}

void SweepEntries::add(const Node& entry, const catalog::Catalog& catalog) {
  const std::string prefix = text_of(entry, "model-prefix");
  const auto model = std::find_if(kModels.begin(), kModels.end(),
                                  [&](const auto& known) { return known.first == prefix; });
  const std::string runner = text_of(entry, "runner");
  const auto accelerator = catalog.canonical_id("accelerators", accelerator_of(runner));
  const Node* scenarios = entry.find("scenarios");
  const Node* lengths = scenarios == nullptr ? nullptr : scenarios->find("fixed-seq-len");
  if (model == kModels.end() || !accelerator || lengths == nullptr) return;
  const std::string framework = text_of(entry, "framework");
  for (const Node& length : lengths->items) {
    const Key head{std::string(model->second),
                   *accelerator,
                   framework == "trt" ? "trtllm" : framework,
                   text_of(entry, "precision"),
                   number_of(length, "isl", 0),
                   number_of(length, "osl", 0),
                   0,
                   0,
                   false,
                   0};
    const Node* shapes = length.find("search-space");
    if (shapes == nullptr) continue;
    for (const Node& shape : shapes->items) add_shape(shape, head);
  }
}

void SweepEntries::add_shape(const Node& shape, const Key& head) {
  const int64_t ranks = number_of(shape, "tp", 0);
  if (ranks == 0) return;  // workers of a disaggregated deployment
  const bool speculative = text_of(shape, "spec-decoding") == "mtp";
  for (const int64_t concurrency : concurrencies_of(shape)) {
    Key key = head;
    std::get<6>(key) = ranks;
    std::get<7>(key) = number_of(shape, "ep", 1);
    std::get<8>(key) = text_of(shape, "dp-attn") == "true";
    std::get<9>(key) = concurrency;
    Word& word = words_[key];
    (speculative ? word.speculative : word.plain) = true;
  }
}

std::optional<bool> SweepEntries::speculates(const StaticRow& row) const {
  const measurement::WorkerShape& shape = row.engine_shape;
  const int64_t data = shape.attention_data.value_or(1);
  const Key key{row.model,
                row.accelerator,
                row.engine,
                std::string(enum_name(row.precision)),
                row.input_tokens,
                row.output_tokens,
                row.accelerator_count.value_or(shape.tensor.value_or(0) * data),
                shape.expert_groups.value_or(1),
                data > 1,
                row.concurrency.value_or(0)};
  const auto found = words_.find(key);
  if (found == words_.end() || found->second.plain == found->second.speculative) {
    return std::nullopt;
  }
  return found->second.speculative;
}

bool campaign_speculates(CampaignEvidence evidence) {
  constexpr double kMedian = 0.5;
  if (!evidence.tpot_ratios.empty()) {
    std::sort(evidence.tpot_ratios.begin(), evidence.tpot_ratios.end());
    const double ratio = sorted_quantile_factor(evidence.tpot_ratios, kMedian);
    if (ratio < kSpeculativeRatio) return true;
    if (ratio >= 1.0) return false;
  }
  return evidence.speculative_count > evidence.plain_count;
}

std::vector<bool> speculative_rows(const std::vector<StaticRow>& rows,
                                   const std::vector<std::optional<Seconds>>& plain_tpot,
                                   const SweepEntries& entries, const catalog::Catalog& catalog) {
  std::map<std::string, bool> has_modules;
  const auto can = [&](const std::string& name) {
    const auto known = has_modules.find(name);
    if (known != has_modules.end()) return known->second;
    Findings findings;
    const bool known_model = catalog.canonical_id("models", name).has_value();
    const auto model = known_model ? catalog.model(name, {}, findings) : std::nullopt;
    return has_modules[name] = model && model->mtp_layer_count > 0;
  };
  std::map<Campaign, CampaignEvidence> campaigns;
  for (size_t i = 0; i < rows.size(); ++i) {
    const StaticRow& row = rows[i];
    if (row.mode != measurement::ServingMode::kAggregated || !can(row.model)) continue;
    CampaignEvidence& evidence = campaigns[campaign_of(row)];
    const std::optional<bool> word = entries.speculates(row);
    if (word) ++(*word ? evidence.speculative_count : evidence.plain_count);
    if (plain_tpot[i] && row.concurrency.value_or(kFewClients + 1) <= kFewClients) {
      evidence.tpot_ratios.push_back(row.tpot / *plain_tpot[i]);
    }
  }
  std::vector<bool> verdicts;
  for (const StaticRow& row : rows) {
    const auto campaign = campaigns.find(campaign_of(row));
    verdicts.push_back(campaign != campaigns.end() && campaign_speculates(campaign->second));
  }
  return verdicts;
}

}  // namespace penstock::validation

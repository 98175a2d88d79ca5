#include <fmt/format.h>

#include "penstock/base/text.h"
#include "penstock/scenario/estimate.h"
#include "penstock/scenario/scenario.h"

namespace penstock::scenario {
namespace {

/// The accelerator asked for, or that of the system.
std::string accelerator_of(const ServingQuery& query, const catalog::Catalog& catalog) {
  if (!query.system) return query.accelerator;
  Findings findings;
  const auto system = catalog.system(*query.system, {}, findings);
  if (system && !system->accelerator) {
    findings.add("--system", system->id + " names no accelerator of the catalog");
  }
  if (system && query.tensor_parallel > system->scale_up.accelerator_count.value) {
    findings.add("--tp", fmt::format("{} ranks do not fit one scale-up domain of {} with {}",
                                     query.tensor_parallel, system->id,
                                     system->scale_up.accelerator_count.value));
  }
  findings.throw_if_any();
  return *system->accelerator;
}

/// A text as a scalar of YAML that nothing in it can break out of.
std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("\'\'") : std::string(1, c);
  return out + "'";
}

std::string lengths(std::string_view name, int64_t nominal, double shortest_ratio) {
  const auto least = static_cast<int64_t>(static_cast<double>(nominal) * shortest_ratio);
  return fmt::format("    {}: {{distribution: uniform, min_tokens: {}, max_tokens: {}}}\n", name,
                     std::max<int64_t>(1, least), nominal);
}

std::string precision_text(const compute::PrecisionConfig& precision) {
  std::string text;
  if (precision.weights) text += fmt::format("    weights: {}\n", enum_name(*precision.weights));
  if (precision.kv_cache) text += fmt::format("    kv_cache: {}\n", enum_name(*precision.kv_cache));
  return text.empty() ? text : "  precision:\n" + text;
}

}  // namespace

Result estimate_serving(const ServingQuery& query, const catalog::Catalog& catalog) {
  auto source = std::make_shared<Source>();
  source->name = "flags";
  source->text = fmt::format(
      "name: {}\nbands: true\nworkload:\n  closed_loop: {{concurrency: {}, requests: {}}}\n"
      "  lengths:\n{}{}serving:\n  model: {}\n  accelerator: {}\n  engine: {}\n"
      "  tensor_parallel: {}\n  pipeline_parallel: {}\n  attention_data_parallel: {}\n"
      "  expert_parallel: {}\n{}",
      quoted(fmt::format("{} by {} clients", query.model, query.concurrency)), query.concurrency,
      query.concurrency * query.prompts_of_client,
      lengths("input", query.input_tokens, query.shortest_ratio),
      lengths("output", query.output_tokens, query.shortest_ratio), quoted(query.model),
      quoted(accelerator_of(query, catalog)), quoted(query.engine), query.tensor_parallel,
      query.pipeline_parallel, query.attention_data_parallel, query.expert_parallel,
      precision_text(query.precision));
  Result result = run(read_scenario(source, catalog, {}), {});
  result.notes.push_back(fmt::format(
      "{} clients in a closed loop, all starting at once, {} prompts each; TTFT includes their "
      "queue at the start.",
      query.concurrency, query.prompts_of_client));
  return result;
}

}  // namespace penstock::scenario

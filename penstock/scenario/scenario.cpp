#include "penstock/scenario/scenario.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "penstock/base/text.h"
#include "penstock/compute/forward.h"
#include "penstock/serving/router.h"
#include "penstock/workload/trace_format.h"

namespace penstock::scenario {
namespace {

/// Where a key's value stands, or the whole node when it is not there.
Mark mark_of(const Node& node, std::string_view key) {
  const Node* value = node.find(key);
  return value != nullptr ? value->mark : node.mark;
}

/// The key of the plan that a mistake of it names first, the most special one first.
std::string_view plan_key(std::string_view mistake) {
  constexpr std::array<std::string_view, 4> kKeys = {"expert_exchange", "expert_parallel",
                                                     "attention_data_parallel", "tensor_parallel"};
  for (const std::string_view key : kKeys) {
    if (mistake.find(key) != std::string_view::npos) return key;
  }
  return "pipeline_parallel";
}

std::string stem_of(const std::string& path) { return std::filesystem::path(path).stem().string(); }

/// A path in a scenario is meant relative to the scenario's own folder.
std::string beside(const std::string& scenario_path, const std::string& file) {
  const std::filesystem::path path(file);
  if (path.is_absolute()) return file;
  return (std::filesystem::path(scenario_path).parent_path() / path).string();
}

/// Reads one scenario; a class so that each stage sees the findings so far.
class ScenarioReader {
 public:
  ScenarioReader(std::shared_ptr<const Source> source, const catalog::Catalog& catalog,
                 const ReadOptions& options)
      : source_(std::move(source)), catalog_(catalog), options_(options) {}

  Scenario read() {
    Node root = parse_yaml(source_, findings_);
    apply_options(root);
    findings_.throw_if_any();
    if (!root.is_map()) {
      findings_.add(Mark{source_, 0, 0},
                    "is not a scenario: expected keys such as 'workload:' "
                    "and 'serving:'");
      findings_.throw_if_any();
    }
    scenario_.config = read_config<ScenarioConfig>(root, findings_);
    ScenarioConfig& config = scenario_.config;
    if (config.name.empty()) config.name = stem_of(source_->name);
    const Node nothing;
    const Node* serving = root.find("serving");
    const Node* workload = root.find("workload");
    read_serving(serving != nullptr ? *serving : nothing);
    read_workload(workload != nullptr ? *workload : nothing);
    findings_.throw_if_any();
    seal();
    return std::move(scenario_);
  }

 private:
  void apply_options(Node& root) {
    for (const std::string& assignment : options_.set) {
      const size_t equals = assignment.find('=');
      const std::string origin = "--set " + assignment;
      if (equals == std::string::npos) {
        findings_.add(origin, "needs KEY=VALUE, for example serving.replicas=4");
        continue;
      }
      set_path(root, std::string_view(assignment).substr(0, equals),
               std::string_view(assignment).substr(equals + 1), origin, findings_);
    }
    if (!options_.trace_file) return;
    if (options_.trace_file->empty()) {
      findings_.add("--trace-file", "needs the path of a file; got nothing");
      return;
    }
    // a trace given by flag replaces whatever source the scenario names
    Node* workload = root.find("workload");
    if (workload != nullptr && workload->is_map()) {
      std::erase_if(workload->entries, [](const NodeEntry& entry) {
        return entry.key == "preset" || entry.key == "arrivals" || entry.key == "lengths" ||
               entry.key == "prefix" || entry.key == "trace" || entry.key == "duration";
      });
    }
    const std::string absolute = std::filesystem::absolute(*options_.trace_file).string();
    trace_path_ = *options_.trace_file;
    Node file = scalar_node(absolute, true);
    set_scalar(root, "workload.trace.file", file);
    if (options_.trace_format) {
      set_scalar(root, "workload.trace.format", scalar_node(*options_.trace_format, true));
    }
  }

  void set_scalar(Node& root, std::string_view path, Node value) {
    set_path(root, path, "x", "--trace-file", findings_);
    Node* node = &root;
    for (const std::string_view key : split(path, '.')) node = node->find(key);
    value.mark = node->mark;
    *node = std::move(value);
  }

  void read_serving(const Node& node) {
    serving::ServingConfig& serving = scenario_.config.serving;
    scenario_.engine = read_engine(catalog_, serving.engine, mark_of(node, "engine"),
                                   &scenario_.config.engine_options.node, findings_);
    check_engine(node);
    if (Registry<serving::Router>::find(serving.router) == nullptr) {
      findings_.add(mark_of(node, "router"),
                    fmt::format("no router '{}'{}", serving.router,
                                suggestion(serving.router, Registry<serving::Router>::names())),
                    static_cast<int>(serving.router.size()));
    }
    if (!serving.model.empty()) read_model(node);
    if (!serving.accelerator.empty()) read_accelerator(node);
  }

  void read_model(const Node& node) {
    serving::ServingConfig& serving = scenario_.config.serving;
    std::string name = serving.model;
    const bool path = name.ends_with(".json") || name.find('/') != std::string::npos;
    if (path && catalog_.canonical_id("models", name) == std::nullopt) {
      name = beside(source_->name, name);
    }
    const Mark mark = mark_of(node, "model");
    const auto model = catalog_.model(name, mark, findings_);
    if (!model) return;
    scenario_.model = *model;
    if (!model->not_understood.empty()) {
      scenario_.notes.push_back(fmt::format("{}: these keys of its config had no effect: {}",
                                            model->id, join(model->not_understood)));
    }
    if (serving.speculation && !model->mtp_layer) {
      scenario_.notes.push_back(
          fmt::format("{} has no prediction module: its drafts are verified, but making them costs "
                      "nothing here",
                      model->id));
    }
    for (const std::string& mistake : compute::Forward::plan_mistakes(*model, serving.plan())) {
      findings_.add(mark_of(node, plan_key(mistake)), fmt::format("{}: {}", model->id, mistake));
    }
  }

  void read_accelerator(const Node& node) {
    const Mark mark = mark_of(node, "accelerator");
    const auto accelerator =
        catalog_.accelerator(scenario_.config.serving.accelerator, mark, findings_);
    if (!accelerator) return;
    scenario_.accelerator = *accelerator;
    if (!accelerator->peak_for(catalog::Dtype::kBf16)) {
      findings_.add(mark, fmt::format("{} has no published 16-bit matrix peak, so its steps cannot "
                                      "be priced",
                                      accelerator->id));
      return;
    }
    scenario_.efficiency = compute::choose_efficiency(catalog_, *accelerator, findings_);
    scenario_.library =
        network::choose_library(catalog_, scenario_.engine.collectives, *accelerator, findings_);
    for (const std::string& note :
         {scenario_.efficiency.note(*accelerator), scenario_.library.note(*accelerator)}) {
      if (!note.empty()) scenario_.notes.push_back(note);
    }
  }

  void check_engine(const Node& node) {
    const serving::EngineConfig& engine = scenario_.engine;
    // limits count per attention group
    const int64_t lanes = scenario_.config.serving.pipeline_parallel;
    const int64_t queries = scenario_.config.serving.decode_queries();
    if (engine.max_num_seqs * queries > engine.max_num_batched_tokens * lanes) {
      const Node& options = scenario_.config.engine_options.node;
      const bool own = options.find("max_num_seqs") != nullptr;
      findings_.add(own ? mark_of(options, "max_num_seqs") : mark_of(node, "engine"),
                    fmt::format("max_num_seqs {}{} exceeds max_num_batched_tokens {}: sequences "
                                "could not all decode in one step",
                                engine.max_num_seqs,
                                queries > 1 ? fmt::format(" of {} tokens each", queries) : "",
                                engine.max_num_batched_tokens * lanes));
    }
  }

  void read_workload(const Node& node) {
    workload::WorkloadConfig& config = scenario_.config.workload;
    if (config.preset) read_preset(node);
    if (!node.is_null()) workload::check_workload(config, node, findings_);
    if (!config.trace) return;
    const std::string path =
        trace_path_.empty() ? beside(source_->name, config.trace->file) : trace_path_;
    auto trace = workload::read_trace(path, findings_, config.trace->format);
    for (const std::string& note : trace.notes) scenario_.notes.push_back(note);
    scenario_.trace = std::make_shared<const workload::Trace>(std::move(trace));
  }

  void read_preset(const Node& node) {
    workload::WorkloadConfig& config = scenario_.config.workload;
    const auto tree = catalog_.tree("workloads", *config.preset);
    if (!tree) {
      findings_.add(mark_of(node, "preset"),
                    fmt::format("no workload '{}' in the catalog{}", *config.preset,
                                suggestion(*config.preset, catalog_.ids("workloads"))),
                    static_cast<int>(config.preset->size()));
      return;
    }
    const auto preset = read_config<workload::WorkloadPreset>(*tree, findings_);
    workload::apply_preset(config, preset.generator);
    workload_source_ = preset.source;
  }

  void seal() {
    scenario_.title = title_of(scenario_.config.name, options_);
    note_prefix_runs();
    Node tree = ConfigWriter::write(scenario_.config);
    if (Node* options = tree.find("engine_options")) {
      *options = ConfigWriter::write(scenario_.engine);
      std::erase_if(options->entries, [](const NodeEntry& entry) {
        return entry.key == "aliases" || entry.key == "summary";
      });
    }
    scenario_.resolved_yaml = to_yaml(tree);
    scenario_.scenario_hash = fmt::format("{:016x}", hash_text(scenario_.resolved_yaml));
    const std::vector<std::pair<std::string, std::string>> used = {
        {"accelerators", scenario_.accelerator.id},
        {"models", scenario_.model.id},
        {"efficiency", scenario_.efficiency.efficiency.id},
        {"engines", scenario_.engine.id}};
    scenario_.catalog_hash = fmt::format("{:016x}", catalog_.hash(used));
  }

  /// A cache works in whole pages, so runs that end inside one are never found.
  void note_prefix_runs() {
    const auto& prefix = scenario_.config.workload.prefix;
    const int64_t run = scenario_.trace != nullptr ? scenario_.trace->prefix_run_tokens
                        : prefix                   ? prefix->run_tokens
                                                   : 0;
    const int64_t page = scenario_.engine.page_tokens;
    if (!scenario_.engine.prefix_caching || run % page == 0) return;
    scenario_.notes.push_back(
        fmt::format("No prefix is reused: each hash of a prompt stands for {} tokens, which is no "
                    "multiple of the KV page of {} (engine_options.page_tokens).",
                    run, page));
  }

  std::shared_ptr<const Source> source_;
  const catalog::Catalog& catalog_;
  const ReadOptions& options_;
  Findings findings_;
  Scenario scenario_;
  std::string trace_path_;
  std::string workload_source_;
};

}  // namespace

std::string title_of(const std::string& name, const ReadOptions& options) {
  std::vector<std::string> changes;
  for (const std::string& assignment : options.set) {
    const std::string_view key = std::string_view(assignment).substr(0, assignment.find('='));
    if (key == "name" || key == "description" || key == "bands") continue;
    changes.push_back(assignment);
  }
  if (options.trace_file) {
    changes.push_back("the trace " +
                      std::filesystem::path(*options.trace_file).filename().string());
  }
  return changes.empty() ? name : fmt::format("{} with {}", name, join(changes));
}

serving::EngineConfig read_engine(const catalog::Catalog& catalog, std::string_view preset,
                                  const Mark& mark, const Node* options, Findings& findings) {
  serving::EngineConfig engine;
  const auto tree = catalog.tree("engines", preset);
  if (!tree) {
    findings.add(mark,
                 fmt::format("no engine '{}' in the catalog{}", preset,
                             suggestion(preset, catalog.ids("engines"))),
                 static_cast<int>(preset.size()));
    return engine;
  }
  ConfigReader reader(findings);
  reader.read_struct(*tree, engine);
  if (options != nullptr && !options->is_null()) reader.read_struct(*options, engine);
  return engine;
}

Scenario read_scenario(const std::string& path, const catalog::Catalog& catalog,
                       const ReadOptions& options) {
  Findings findings;
  auto source = read_source(path, findings);
  findings.throw_if_any();
  return read_scenario(std::move(source), catalog, options);
}

Scenario read_scenario(std::shared_ptr<const Source> source, const catalog::Catalog& catalog,
                       const ReadOptions& options) {
  return ScenarioReader(std::move(source), catalog, options).read();
}

Scenario ScenarioText::with(const std::vector<std::string>& more,
                            const catalog::Catalog& catalog) const {
  ReadOptions all = options;
  all.set.insert(all.set.end(), more.begin(), more.end());
  return read_scenario(source, catalog, all);
}

}  // namespace penstock::scenario

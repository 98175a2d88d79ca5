#include <fmt/format.h>

#include "penstock/base/text.h"
#include "penstock/cli/session.h"
#include "penstock/scenario/run.h"

namespace penstock::cli {
namespace {

/// The definition that covers a name: itself, or the name without its last part (p99, mean).
const MetricDoc* find_metric(const std::vector<MetricDoc>& docs, std::string_view name) {
  for (const MetricDoc& doc : docs) {
    const bool statistic =
        name.starts_with(doc.name) && name.size() > doc.name.size() && name[doc.name.size()] == '.';
    if (doc.name == name || statistic) return &doc;
  }
  return nullptr;
}

class Explain final : public Command {
 public:
  [[nodiscard]] CommandSpec spec() const override {
    CommandSpec spec;
    spec.path = "explain";
    spec.description = "Without a name, lists all metrics.";
    spec.positionals = {
        {"METRIC", "Name of a metric, with or without its statistic.", ValueKind::kText, false}};
    spec.examples = {"penstock explain serving.ttft"};
    return spec;
  }

  int run(Arguments& arguments) const override {
    const std::vector<MetricDoc> docs = scenario::metric_docs();
    const std::string name = arguments.positional(0);
    if (name.empty()) {
      Table table{"metrics", "Metrics", {{"metric", ""}, {"unit", ""}, {"meaning", ""}}, {}};
      for (const MetricDoc& doc : docs) {
        table.rows.push_back(
            {std::string(doc.name), std::string(doc.unit), std::string(doc.title)});
      }
      Result result;
      result.name = "metrics";
      result.tables.push_back(table);
      if (arguments.flag("--json")) return answer(result, arguments, true);
      print(report::table_text(table, text_options(arguments)));
      return kAnswered;
    }
    const MetricDoc* doc = find_metric(docs, name);
    if (doc == nullptr) doc = find_metric(docs, "serving." + name);
    if (doc == nullptr) {
      std::vector<std::string> names;
      for (const MetricDoc& d : docs) names.emplace_back(d.name);
      arguments.findings().add("explain",
                               fmt::format("no metric '{}'{}", name, suggestion(name, names)));
      arguments.check();
    }
    if (arguments.flag("--json")) {
      Table table{
          "metric",
          std::string(doc->name),
          {{"name", ""},
           {"unit", ""},
           {"title", ""},
           {"definition", ""},
           {"formula", ""},
           {"source", ""}},
          {{std::string(doc->name), std::string(doc->unit), std::string(doc->title),
            std::string(doc->definition), std::string(doc->formula), std::string(doc->source)}}};
      Result result;
      result.name = doc->name;
      result.tables.push_back(std::move(table));
      return answer(result, arguments, true);
    }
    print(fmt::format("{} - {}{}\n\n{}\n\n  {} = {}\n\nsource: {}\n", doc->name, doc->title,
                      doc->unit.empty() ? "" : fmt::format(" [{}]", doc->unit), doc->definition,
                      doc->name, doc->formula, doc->source));
    return kAnswered;
  }
};

PENSTOCK_REGISTER(Command, Explain, "Prints what a metric means: definition, formula, source.");

}  // namespace
}  // namespace penstock::cli

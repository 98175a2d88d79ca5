#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "penstock/base/text.h"
#include "penstock/cli/session.h"

namespace penstock::cli {
namespace {

constexpr size_t kSourceColumn = 2;  // of catalog::Catalog::figures
constexpr int kWideEnough = 200;     // for a source on every line
constexpr int kPipeWidth = 1000;     // no figure and note is as long

/// Says the source that most figures share once, in the title, instead of on every line.
void lift_common_source(Table& table) {
  std::map<std::string, int> counts;
  for (const auto& row : table.rows) ++counts[std::get<std::string>(row[kSourceColumn])];
  const auto common = std::max_element(counts.begin(), counts.end(),
                                       [](auto& a, auto& b) { return a.second < b.second; });
  if (common == counts.end() || common->second < 2 || common->first.empty()) return;
  const std::string source = common->first;
  for (auto& row : table.rows) {
    if (std::get<std::string>(row[kSourceColumn]) == source) row[kSourceColumn] = std::string();
  }
  table.title += ". Source of figures that name none: " + source;
}

class CatalogShow final : public Command {
 public:
  [[nodiscard]] CommandSpec spec() const override {
    CommandSpec spec;
    spec.path = "catalog show";
    spec.description = "An id that several kinds have shows all of them; KIND/ID picks one.";
    spec.positionals = {{"ID", "Id or alias of an entry.", ValueKind::kText}};
    spec.examples = {"penstock catalog show h100_sxm", "penstock catalog show models/deepseek-r1"};
    return spec;
  }

  int run(Arguments& arguments) const override {
    const catalog::Catalog catalog = open_catalog(arguments);
    std::string name = arguments.positional(0);
    std::string only;
    const size_t slash = name.find('/');
    for (const std::string_view kind : catalog::kinds()) {
      if (slash != std::string::npos && name.substr(0, slash) == kind) only = kind;
    }
    if (!only.empty()) name = name.substr(slash + 1);
    Result result;
    std::vector<std::string> all;
    for (const std::string_view kind : catalog::kinds()) {
      if (!only.empty() && kind != only) continue;
      for (const std::string& id : catalog.ids(kind)) all.push_back(id);
      if (!catalog.canonical_id(kind, name)) continue;
      result.tables.push_back(catalog.figures(kind, name));
    }
    if (result.tables.empty()) {
      arguments.findings().add("catalog show", fmt::format("no entry '{}' in the catalog{}", name,
                                                           suggestion(name, all)));
      arguments.check();
    }
    result.name = name;
    if (arguments.flag("--json")) return answer(result, arguments, true);
    report::TextOptions options = text_options(arguments);
    // whoever reads a pipe (grep, a pager) wants a figure and its source on one line
    if (!on_terminal() && !arguments.flag("--width")) options.width = kPipeWidth;
    for (Table& table : result.tables) {
      if (options.width < kWideEnough) lift_common_source(table);
      print(report::table_text(table, options));
    }
    return kAnswered;
  }
};

PENSTOCK_REGISTER(Command, CatalogShow,
                  "Shows an entry: every figure with unit, source, date and confidence.");

}  // namespace
}  // namespace penstock::cli

#include <fmt/format.h>

#include <algorithm>

#include "penstock/base/text.h"
#include "penstock/cli/session.h"

namespace penstock::cli {
namespace {

class CatalogList final : public Command {
 public:
  [[nodiscard]] CommandSpec spec() const override {
    CommandSpec spec;
    spec.path = "catalog list";
    spec.description = "Without a kind, lists the kinds and how many entries each has.";
    spec.positionals = {{"KIND",
                         "accelerators, systems, models, links, parts, prices, efficiency, "
                         "libraries, engines or workloads.",
                         ValueKind::kKind, false}};
    spec.options = {{"--ids", "", "Only the ids, one a line.", ValueKind::kText}};
    spec.examples = {"penstock catalog list accelerators"};
    return spec;
  }

  int run(Arguments& arguments) const override {
    const std::string kind = arguments.positional(0);
    std::vector<std::string> names;
    for (const std::string_view k : catalog::kinds()) names.emplace_back(k);
    if (!kind.empty() && std::find(names.begin(), names.end(), kind) == names.end()) {
      arguments.findings().add("catalog list",
                               fmt::format("no kind '{}'{}", kind, suggestion(kind, names)));
    }
    arguments.check();
    const catalog::Catalog catalog = open_catalog(arguments);
    if (arguments.flag("--ids")) {
      std::string text;
      for (const std::string& id : catalog.ids(kind)) text += id + "\n";
      print(text);
      return kAnswered;
    }
    Result result;
    result.name = kind.empty() ? "catalog" : kind;
    result.tables.push_back(kind.empty() ? kinds_table(catalog) : entries_table(catalog, kind));
    if (arguments.flag("--json")) return answer(result, arguments, true);
    print(report::table_text(result.tables[0], text_options(arguments)));
    return kAnswered;
  }

 private:
  static Table kinds_table(const catalog::Catalog& catalog) {
    Table table{"kinds", "Catalog", {{"kind", ""}, {"entries", ""}}, {}};
    for (const std::string_view kind : catalog::kinds()) {
      table.rows.push_back({std::string(kind), static_cast<int64_t>(catalog.list(kind).size())});
    }
    return table;
  }

  static Table entries_table(const catalog::Catalog& catalog, const std::string& kind) {
    Table table{kind, kind, {{"id", ""}, {"what", ""}, {"also", ""}}, {}};
    for (const catalog::EntryInfo& entry : catalog.list(kind)) {
      table.rows.push_back({entry.id, entry.summary, join(entry.aliases)});
    }
    return table;
  }
};

PENSTOCK_REGISTER(Command, CatalogList, "Lists catalog entries of a kind, or the kinds.");

}  // namespace
}  // namespace penstock::cli

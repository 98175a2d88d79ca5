#include <fmt/format.h>

#include "penstock/base/text.h"
#include "penstock/cli/session.h"

namespace penstock::cli {
namespace {

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
    for (const Table& table : result.tables) {
      print(report::table_text(table, text_options(arguments)));
    }
    return kAnswered;
  }
};

PENSTOCK_REGISTER(Command, CatalogShow,
                  "Shows an entry: every figure with unit, source, date and confidence.");

}  // namespace
}  // namespace penstock::cli

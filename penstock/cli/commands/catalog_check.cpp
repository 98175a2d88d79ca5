#include <fmt/format.h>

#include "penstock/cli/session.h"
#include "penstock/scenario/catalog_checks.h"

namespace penstock::cli {
namespace {

class CatalogCheck final : public Command {
 public:
  [[nodiscard]] CommandSpec spec() const override {
    CommandSpec spec;
    spec.path = "catalog check";
    spec.description =
        "The folder is laid out as data/: one folder a kind, one file an entry, named after its "
        "id.";
    spec.positionals = {
        {"DIR", "Folder with accelerators/, models/, engines/ and so on.", ValueKind::kDirectory}};
    spec.examples = {"penstock catalog check my_catalog/"};
    return spec;
  }

  int run(Arguments& arguments) const override {
    const std::string folder = arguments.positional(0);
    catalog::check_directory(folder, scenario::catalog_checks()).throw_if_any();
    if (arguments.flag("--json")) {
      Result result;
      result.name = folder;
      result.notes.emplace_back("no mistakes");
      return answer(result, arguments, false);
    }
    if (!arguments.flag("--quiet")) print(fmt::format("{}: no mistakes\n", folder));
    return kAnswered;
  }
};

PENSTOCK_REGISTER(Command, CatalogCheck, "Checks a folder of own catalog entries strictly.");

}  // namespace
}  // namespace penstock::cli

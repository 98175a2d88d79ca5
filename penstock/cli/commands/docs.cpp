#include "penstock/cli/session.h"
#include "penstock/scenario/reference.h"

namespace penstock::cli {
namespace {

class Docs final : public Command {
 public:
  [[nodiscard]] CommandSpec spec() const override {
    CommandSpec spec;
    spec.path = "docs";
    spec.description =
        "The pages come from the descriptions that read scenarios and flags, so "
        "they cannot drift.";
    spec.options = {{"--out", "DIR", "Folder for the pages.", ValueKind::kDirectory, false, true}};
    return spec;
  }

  int run(Arguments& arguments) const override {
    const catalog::Catalog catalog = open_catalog(arguments);
    const std::string folder = arguments.text("--out").value_or("");
    make_folder(folder);
    write_file(folder + "/cli.md", reference_page());
    for (const scenario::ReferencePage& page : scenario::reference_pages(catalog)) {
      write_file(folder + "/" + page.file_name, page.text);
    }
    write_file(folder + "/scenario.schema.json", scenario::scenario_schema());
    return kAnswered;
  }
};

PENSTOCK_REGISTER(Command, Docs, "Writes the reference pages.");

}  // namespace
}  // namespace penstock::cli

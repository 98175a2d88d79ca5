#include "penstock/cli/session.h"
#include "penstock/scenario/reference.h"

namespace penstock::cli {
namespace {

class Schema final : public Command {
 public:
  [[nodiscard]] CommandSpec spec() const override {
    CommandSpec spec;
    spec.path = "schema";
    spec.description = "Editors with a YAML language server complete and check scenarios with it.";
    return spec;
  }

  int run(Arguments&) const override {
    print(scenario::scenario_schema());
    return kAnswered;
  }
};

PENSTOCK_REGISTER(Command, Schema, "Prints the JSON Schema of scenario files.");

}  // namespace
}  // namespace penstock::cli

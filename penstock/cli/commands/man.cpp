#include "penstock/cli/session.h"

namespace penstock::cli {
namespace {

class Man final : public Command {
 public:
  [[nodiscard]] CommandSpec spec() const override {
    CommandSpec spec;
    spec.path = "man";
    spec.examples = {"penstock man | man -l -"};
    return spec;
  }

  int run(Arguments&) const override {
    print(man_page());
    return kAnswered;
  }
};

PENSTOCK_REGISTER(Command, Man, "Prints the manual page (groff).");

}  // namespace
}  // namespace penstock::cli

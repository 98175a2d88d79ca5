#include <fmt/format.h>

#include <algorithm>

#include "penstock/base/text.h"
#include "penstock/cli/session.h"
#include "penstock/scenario/estimate.h"

namespace penstock::cli {
namespace {

// far beyond any machine, small enough that no product overflows
constexpr Bounds kCount{.min = 1.0, .max = 1e8};

class TopologyPlace final : public Command {
 public:
  [[nodiscard]] CommandSpec spec() const override {
    CommandSpec spec;
    spec.path = "topology place";
    spec.description =
        "Lays parallel groups out over a machine: which accelerators each group holds, and the "
        "unit "
        "of the fabric it stays in. The order says which dimension varies fastest.";
    spec.positionals = {{"NAME", "System, cluster or SYSTEM_xN.", ValueKind::kText}};
    spec.options = {
        {"--order", "LIST", "Dimensions, innermost first (tp,ep,cp,pp,dp).", ValueKind::kText},
        {"--tp", "N", "Tensor parallel (1).", ValueKind::kNumber},
        {"--ep", "N", "Expert parallel (1).", ValueKind::kNumber},
        {"--cp", "N", "Context parallel (1).", ValueKind::kNumber},
        {"--pp", "N", "Pipeline parallel (1).", ValueKind::kNumber},
        {"--dp", "N", "Data parallel (1).", ValueKind::kNumber}};
    spec.examples = {"penstock topology place h100_cluster_2048 --tp 8 --pp 4 --dp 64"};
    return spec;
  }

  int run(Arguments& arguments) const override {
    scenario::PlaceQuery q;
    q.system = arguments.positional(0);
    std::vector<std::string> order = split(arguments.text("--order").value_or("tp,ep,cp,pp,dp"));
    const std::vector<std::string> known = {"tp", "ep", "cp", "pp", "dp"};
    for (const std::string& name : known) {
      const int64_t size = arguments.integer("--" + name, 1, kCount);
      if (std::find(order.begin(), order.end(), name) == order.end()) {
        if (size == 1) continue;
        arguments.findings().add("--order", fmt::format("does not say where '{}' goes", name));
      }
    }
    for (const std::string& name : order) {
      if (std::find(known.begin(), known.end(), name) == known.end()) {
        arguments.findings().add("--order",
                                 fmt::format("no dimension '{}'{}", name, suggestion(name, known)));
        continue;
      }
      q.dimensions.push_back({name, arguments.integer("--" + name, 1, kCount)});
      if (std::count(order.begin(), order.end(), name) > 1) {
        arguments.findings().add("--order", fmt::format("names '{}' twice", name));
        break;
      }
    }
    arguments.check();
    const catalog::Catalog catalog = open_catalog(arguments);
    return answer(scenario::place_groups(q, catalog), arguments, true);
  }

 private:
  static std::vector<std::string> split(const std::string& text) {
    std::vector<std::string> words(1);
    for (const char c : text) {
      if (c == ',') {
        words.emplace_back();
      } else {
        words.back() += c;
      }
    }
    return words;
  }
};

PENSTOCK_REGISTER(Command, TopologyPlace,
                  "Parallel groups on a machine: who holds which accelerator, within what unit.");

}  // namespace
}  // namespace penstock::cli

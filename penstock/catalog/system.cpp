#include "penstock/catalog/system.h"

namespace penstock::catalog {
namespace {

template <class T>
void check_range(const Node& node, const MaybeSourced<T>& low, const MaybeSourced<T>& high,
                 std::string_view name, Findings& findings) {
  if (!low || !high || low->value <= high->value) return;
  const Node* place = node.find(fmt::format("{}_low", name));
  findings.add(place != nullptr ? place->mark : node.mark,
               fmt::format("'{0}_low' {1} exceeds '{0}_high' {2}", name, to_text(low->value),
                           to_text(high->value)));
}

}  // namespace

System read_system(const Node& node, Findings& findings) {
  const size_t mistakes = findings.size();
  System system = read_entry<System>(node, findings);
  if (findings.size() != mistakes) return system;
  check_range(node, system.power_low, system.power_high, "power", findings);
  check_range(node, system.price_low, system.price_high, "price", findings);
  if (system.scale_up.accelerator_count.value > system.accelerator_count.value) {
    findings.add(
        node.find("scale_up")->mark,
        fmt::format("a scale-up domain of {} accelerators in a system of {}",
                    system.scale_up.accelerator_count.value, system.accelerator_count.value));
  }
  return system;
}

}  // namespace penstock::catalog

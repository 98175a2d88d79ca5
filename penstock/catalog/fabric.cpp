#include "penstock/catalog/fabric.h"

namespace penstock::catalog {

Fabric read_fabric(const Node& node, Findings& findings) {
  const size_t mistakes = findings.size();
  Fabric fabric = read_entry<Fabric>(node, findings);
  if (findings.size() != mistakes) return fabric;
  if (fabric.tiers.empty()) {
    findings.add(node.find("tiers")->mark, "a fabric has at least one tier of links");
  }
  for (size_t i = 0; i + 1 < fabric.tiers.size(); ++i) {
    const MaybeSourced<Seconds>& near = fabric.tiers[i].latency;
    const MaybeSourced<Seconds>& far = fabric.tiers[i + 1].latency;
    if (near && far && near->value > far->value) {
      findings.add(node.find("tiers")->items[i].mark,
                   fmt::format("tier '{}' has a latency of {}, more than the {} of '{}' beyond it",
                               fabric.tiers[i].name, to_text(near->value), to_text(far->value),
                               fabric.tiers[i + 1].name));
    }
  }
  return fabric;
}

}  // namespace penstock::catalog

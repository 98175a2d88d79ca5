#include "penstock/catalog/part.h"

#include <cmath>

namespace penstock::catalog {
namespace {

template <class Q>
void check_order(const Node& node, std::string_view what, const MaybeSourced<Q>& low,
                 const MaybeSourced<Q>& high, Findings& findings) {
  const std::string low_key = fmt::format("{}_low", what);
  const std::string high_key = fmt::format("{}_high", what);
  if (low.has_value() != high.has_value()) {
    findings.add(node.mark, fmt::format("'{}' and '{}' come together; a single figure is both",
                                        low_key, high_key));
  } else if (low && low->value > high->value) {
    findings.add(node.find(low_key)->mark,
                 fmt::format("'{}' of {} is above '{}' of {}", low_key, to_text(low->value),
                             high_key, to_text(high->value)));
  }
}

/// One end of a total against the sum of the components' ends.
template <class Q>
void check_sum(const Node& node, std::string_view key, const MaybeSourced<Q>& total, Q sum,
               Findings& findings) {
  constexpr double kRounding = 0.01;
  if (!total || std::abs(sum / total->value - 1.0) <= kRounding) return;
  findings.add(node.find(key)->mark, fmt::format("the components make {}; '{}' is {}", to_text(sum),
                                                 key, to_text(total->value)));
}

void check_components(const Node& node, const Part& part, Findings& findings) {
  Watts power_low;
  Watts power_high;
  Dollars price_low;
  Dollars price_high;
  size_t priced = 0;
  const Node& list = *node.find("components");
  for (size_t i = 0; i < part.components.size(); ++i) {
    const OpticsComponent& c = part.components[i];
    for (size_t j = 0; j < i; ++j) {
      if (part.components[j].component == c.component) {
        findings.add(list.items[i].mark,
                     fmt::format("'{}' is listed twice", enum_name(c.component)));
      }
    }
    power_low += c.power_low.value;
    power_high += c.power_high.value;
    check_order<Watts>(list.items[i], "power", c.power_low, c.power_high, findings);
    check_order<Dollars>(list.items[i], "price", c.price_low, c.price_high, findings);
    if (!c.price_low || !c.price_high) continue;
    price_low += c.price_low->value;
    price_high += c.price_high->value;
    ++priced;
  }
  if (priced != 0 && priced != part.components.size()) {
    findings.add(list.mark, "either every component has a price or none has");
  }
  check_sum(node, "power_low", part.power_low, power_low, findings);
  check_sum(node, "power_high", part.power_high, power_high, findings);
  if (priced == 0) return;
  check_sum(node, "price_low", part.price_low, price_low, findings);
  check_sum(node, "price_high", part.price_high, price_high, findings);
}

void check_optics(const Node& node, const Part& part, Findings& findings) {
  const bool optical =
      part.kind == PartKind::kOpticalModule || part.kind == PartKind::kOpticalEngine;
  if (optical && (!part.rate || !part.drive)) {
    findings.add(node.mark, "an optical end needs its 'rate' and its 'drive'");
  }
  if (part.made_from.empty() && !part.without.empty()) {
    findings.add(node.find("without")->mark, "'without' needs 'made_from'");
  }
  if (!part.made_from.empty() && !part.components.empty()) {
    findings.add(node.find("components")->mark,
                 fmt::format("components are those of '{}'; list none here", part.made_from));
  }
  if (part.kind == PartKind::kLaserSource && !part.rate) {
    findings.add(node.mark, "a laser source needs the 'rate' of all engines it serves");
  }
}

}  // namespace

Part read_part(const Node& node, Findings& findings) {
  const size_t mistakes = findings.size();
  Part part = read_entry<Part>(node, findings);
  if (findings.size() != mistakes) return part;
  check_order(node, "power", part.power_low, part.power_high, findings);
  check_order(node, "price", part.price_low, part.price_high, findings);
  check_order(node, "host_saving", part.host_saving_low, part.host_saving_high, findings);
  if (part.passive && part.power_low) {
    findings.add(node.find("passive")->mark, "a passive part has no power");
  }
  check_optics(node, part, findings);
  if (!part.components.empty()) check_components(node, part, findings);
  return part;
}

}  // namespace penstock::catalog

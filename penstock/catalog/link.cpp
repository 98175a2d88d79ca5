#include "penstock/catalog/link.h"

#include <cmath>

namespace penstock::catalog {

Link read_link(const Node& node, Findings& findings) {
  constexpr double kRounding = 0.01;  // makers round the bandwidth of a link
  const size_t mistakes = findings.size();
  Link link = read_entry<Link>(node, findings);
  if (findings.size() != mistakes || !link.link_count || !link.link_bandwidth_each_way) return link;
  const BytesPerSecond product =
      link.link_bandwidth_each_way->value * static_cast<double>(link.link_count->value);
  if (std::abs(product / link.bandwidth_each_way.value - 1.0) > kRounding) {
    findings.add(node.find("bandwidth_each_way")->mark,
                 fmt::format("{} links of {} make {}; 'bandwidth_each_way' is {}",
                             link.link_count->value, to_text(link.link_bandwidth_each_way->value),
                             to_text(product), to_text(link.bandwidth_each_way.value)));
  }
  return link;
}

}  // namespace penstock::catalog

#include "penstock/catalog/price.h"

namespace penstock::catalog {
namespace {

void check_years(const Node& node, const std::vector<YearPrice>& years, Findings& findings) {
  for (size_t i = 0; i < years.size(); ++i) {
    const Mark& mark = node.items[i].mark;
    if (years[i].low.value > years[i].high.value) {
      findings.add(mark, fmt::format("'low' {} exceeds 'high' {}", to_text(years[i].low.value),
                                     to_text(years[i].high.value)));
    }
    if (i > 0 && years[i].year <= years[i - 1].year) {
      findings.add(mark, fmt::format("year {} stands after {}; years go up", years[i].year,
                                     years[i - 1].year));
    }
  }
}

}  // namespace

Price read_price(const Node& node, Findings& findings) {
  const size_t mistakes = findings.size();
  Price price = read_entry<Price>(node, findings);
  if (findings.size() != mistakes) return price;
  const bool tokens = price.tokens.has_value();
  const bool years = price.accelerator && !price.years.empty();
  if (tokens == years) {
    findings.add(node.mark, "a price list holds either 'tokens', or 'accelerator' and its 'years'");
  }
  if (years) check_years(*node.find("years"), price.years, findings);
  return price;
}

}  // namespace penstock::catalog

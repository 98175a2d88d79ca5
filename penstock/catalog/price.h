/// What tokens sell for, and what accelerators have sold for over the years.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "penstock/base/units.h"
#include "penstock/catalog/provenance.h"

namespace penstock::catalog {

/// List prices of a model behind an interface.
struct TokenPrices {
  Sourced<DollarsPerToken> input;
  Sourced<DollarsPerToken> output;
  MaybeSourced<DollarsPerToken> cached_input;  ///< input that hits the provider's prefix cache
};

/// Years of a price list: anything else is a slip of the pen.
constexpr double kYearFirst = 1990;
constexpr double kYearLast = 2100;

/// The street prices of one accelerator in one year.
struct YearPrice {
  int64_t year = 0;
  Sourced<Dollars> low;
  Sourced<Dollars> high;
};

/// A price list: either `tokens` of a model or `years` of an accelerator.
struct Price {
  std::string id;
  std::vector<std::string> aliases;
  std::string summary;
  Provenance provenance;  ///< of every figure that has none of its own
  std::string vendor;     ///< who sells
  std::optional<TokenPrices> tokens;
  std::optional<std::string> accelerator;  ///< catalog id
  std::vector<YearPrice> years;            ///< in order
  std::string notes;
};

template <class Visitor>
void fields(Visitor& v, TokenPrices& t) {
  v.required("input", t.input, "Price of a token of input.");
  v.required("output", t.output, "Price of a token of output.");
  v.optional("cached_input", t.cached_input, "Price of a token of input found in the cache.");
}

template <class Visitor>
void fields(Visitor& v, YearPrice& y) {
  v.required("year", y.year, "Calendar year.", {.min = kYearFirst, .max = kYearLast});
  v.required("low", y.low, "Low end of the year's street prices.");
  v.required("high", y.high, "High end of the year's street prices.");
}

template <class Visitor>
void fields(Visitor& v, Price& p) {
  head_fields(v, p);
  v.optional("vendor", p.vendor, "Who sells.");
  v.optional("tokens", p.tokens, "Prices of a model's tokens.");
  v.optional("accelerator", p.accelerator, "Catalog id of the accelerator that `years` are of.");
  v.optional("years", p.years, "Street prices of an accelerator, year by year.");
  v.optional("notes", p.notes, "What a reader must know to use the entry.");
}

/// Reads an entry of data/prices.
Price read_price(const Node& node, Findings& findings);

}  // namespace penstock::catalog

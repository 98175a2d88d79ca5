/// Quantities as people write them in files: "3.35 TB/s", "400 Gb/s", "50 ms", "$2.10/h", "80 GiB".
///
/// A number without a unit is a mistake, never a guess. Prefixes may be decimal (k M G T P) or
/// binary (Ki Mi Gi Ti); a small b is a bit, a capital B a byte. Sparse peak rates are not a unit.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "penstock/base/units.h"

namespace penstock {

/// A number in base units with the dimension its unit implied.
struct ParsedQuantity {
  double value_factor = 0.0;  ///< multiple of the base unit
  Dim dim;
};

/// Reads a number and its unit. The error says what is wrong and never names a file.
tl::expected<ParsedQuantity, std::string> parse_any_quantity(std::string_view text);

/// Reads a quantity of the expected dimension, as a multiple of its base unit; the error names two
/// ways of writing it ("needs a unit of bytes per second, for example \"3.35 TB/s\"").
tl::expected<double, std::string> parse_quantity(std::string_view text, Dim expected);

/// Typed form of `parse_quantity`.
template <class Q>
tl::expected<Q, std::string> parse(std::string_view text) {
  return parse_quantity(text, Q::kDim).map([](double value) { return Q(value); });
}

/// Prints with a prefix that keeps one to four digits before the point: "3.35 TB/s", "50 ms".
/// The text reads back to the same number to `digits` significant digits.
std::string format_quantity(double value_factor, Dim dim, int digits = 4);

/// Typed form of `format_quantity`.
template <Dim D>
std::string to_text(Quantity<D> quantity, int digits = 4) {
  return format_quantity(quantity.value(), D, digits);
}

/// The SI symbol of a dimension as reports print it: "s", "B/s", "token/s", "J/token".
std::string unit_symbol(Dim dim);

/// The dimension in words with an example, for messages:
/// `bytes per second, for example "3.35 TB/s"`.
std::string describe_dim(Dim dim);

}  // namespace penstock

/// Numbers as people read them: "12.3 ms", "4,512 token/s", "$0.21 per million tokens", "83.1 %".
///
/// Results carry SI units; here a prefix is chosen per number, per table column or per axis. A
/// ratio (empty unit) reads as a percentage while it is at most 1; counts carry their noun
/// ("request").
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/base/result.h"

namespace penstock::report {

/// One way to show a unit: the number is divided, `before` leads it, `unit` follows it.
struct Scale {
  double divisor_ratio = 1.0;
  std::string before;  ///< "$" or empty
  std::string unit;    ///< "ms", "per million tokens"; empty for plain numbers
};

/// The ways to show a unit, smallest divisor first; never empty.
std::vector<Scale> scales_of(std::string_view unit);

/// The scale that keeps a number of this size readable: the largest one not above it.
Scale scale_for(std::string_view unit, double magnitude_factor);

/// From which size on a scale of the unit is used.
double scale_from_factor(std::string_view unit, const Scale& scale);

/// "requests" of "request"; a unit that is not a noun, such as "ms" or "token/s", stays as it is.
std::string plural_of(std::string_view unit);

/// A number and its unit apart, so that each can have its own type size.
struct Human {
  std::string number;  ///< "12.3", "$0.21"; "n/a" when it is not a number
  std::string unit;    ///< may be empty
};

/// With `digits` significant digits; whole parts are never rounded away (4,512).
Human human(double value_factor, std::string_view unit, int digits = 3);

/// `human` in one text.
std::string human_text(double value_factor, std::string_view unit, int digits = 3);

/// A ratio beside others of which `least_factor` is the least: percentages where that one is, so
/// that 989 % stands beside 71.9 %.
std::string ratio_text(double value_factor, double least_factor, int digits = 3);

/// A plain number: commas, significant digits, "n/a" for NaN, "∞" for infinities.
std::string number_text(double value_factor, int digits = 3);

/// With a fixed number of decimals and commas.
std::string fixed_text(double value_factor, int decimals);

/// How all numbers of a column are shown, so that they can be compared by eye.
struct ColumnScale {
  Scale scale;
  int decimals = 0;
};

/// One prefix and one number of decimals for all the finite values of a column.
ColumnScale column_scale(std::span<const double> values, std::string_view unit);

/// A value of the column; what would round to zero but is not prints as "<0.01".
std::string column_text(double value_factor, const ColumnScale& column);

/// "TTFT p99" from "serving.ttft.p99": the world is dropped, acronyms of the field in capitals.
std::string metric_label(std::string_view metric_name);

/// Of a metric; the unit leaves out what the metric's name already says.
Human human(const Metric& metric);

/// "38.9..44.0" in the scale of the metric's value; empty without a band.
std::string band_text(const Metric& metric, std::string_view between = "..");

/// The metrics a summary shows: those the headline names, or all when it names none.
std::vector<const Metric*> headline_of(const Result& result);

}  // namespace penstock::report

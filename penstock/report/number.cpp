#include "penstock/report/number.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include "penstock/base/text.h"
#include "penstock/report/utf8.h"

namespace penstock::report {
namespace {

struct Step {
  double divisor_ratio;
  std::string_view text;
};

// SI; from ten minutes on, minutes read better than seconds, from three hours on hours, from four
// days on days
constexpr std::array kTimeSteps = {
    Step{1e-12, "ps"}, Step{1e-9, "ns"},  Step{1e-6, "µs"},  Step{1e-3, "ms"},
    Step{1.0, "s"},    Step{60.0, "min"}, Step{3600.0, "h"}, Step{86400.0, "days"},
};
constexpr std::array kTimeFrom = {0.0, 1e-9, 1e-6, 1e-3, 1.0, 600.0, 10800.0, 345600.0};

constexpr std::array kSmallSteps = {Step{1e-12, "p"}, Step{1e-9, "n"}, Step{1e-6, "µ"},
                                    Step{1e-3, "m"}};
// SI prefixes, 9th edition of the SI brochure
constexpr std::array kLargeSteps = {Step{1e3, "k"},  Step{1e6, "M"},  Step{1e9, "G"},
                                    Step{1e12, "T"}, Step{1e15, "P"}, Step{1e18, "E"}};

// prices and energies are quoted per million tokens
constexpr double kMillion = 1e6;
// ... and money in millions and billions
constexpr double kBillion = 1e9;
// beyond this a double no longer counts by ones, and digits in front of the point would be invented
constexpr double kLargestPlain = 1e15;
constexpr int kMostDecimals = 8;

bool takes_large_prefix(std::string_view symbol) {
  constexpr std::array kSymbols = {"B", "b", "FLOP", "OP", "J", "W", "Wh", "Hz"};
  return std::find(kSymbols.begin(), kSymbols.end(), symbol) != kSymbols.end();
}

bool takes_small_prefix(std::string_view symbol) {
  return symbol == "J" || symbol == "W" || symbol == "Wh";
}

std::string per(std::string_view denominator) {
  if (denominator.empty()) return {};
  if (denominator == "Mtoken") return "per million tokens";
  if (denominator == "h") return "per hour";
  return fmt::format("per {}", denominator);
}

std::vector<Scale> money_scales(std::string_view denominator) {
  // prices of machines are quoted per hour
  constexpr double kSecondsPerHour = 3600.0;
  double divisor = 1.0;
  if (denominator == "token") {
    divisor = 1.0 / kMillion;
    denominator = "Mtoken";
  } else if (denominator == "s") {
    divisor = 1.0 / kSecondsPerHour;
    denominator = "h";
  }
  const std::string after = per(denominator);
  const std::string_view space = after.empty() ? "" : " ";
  return {{divisor, "$", after},
          {divisor * kMillion, "$", fmt::format("M{}{}", space, after)},
          {divisor * kBillion, "$", fmt::format("B{}{}", space, after)}};
}

std::vector<Scale> prefixed_scales(std::string_view symbol, std::string_view rest) {
  std::vector<Scale> scales;
  const bool per_million = rest == "/Mtoken";
  const auto add = [&](double divisor, std::string_view prefix) {
    scales.push_back({divisor, "",
                      per_million ? fmt::format("{}{} per million tokens", prefix, symbol)
                                  : fmt::format("{}{}{}", prefix, symbol, rest)});
  };
  if (takes_small_prefix(symbol)) {
    for (const Step& step : kSmallSteps) add(step.divisor_ratio, step.text);
  }
  add(1.0, "");
  for (const Step& step : kLargeSteps) add(step.divisor_ratio, step.text);
  return scales;
}

// numbers that people count: written out below a million, then with a prefix before the noun
std::vector<Scale> counted_scales(std::string_view unit) {
  std::vector<Scale> scales = {{1.0, "", std::string(unit)}};
  for (const Step& step : kLargeSteps) {
    if (step.divisor_ratio < kMillion) continue;
    const std::string_view space = unit.empty() ? "" : " ";
    scales.push_back({step.divisor_ratio, "", fmt::format("{}{}{}", step.text, space, unit)});
  }
  return scales;
}

bool takes_plural(std::string_view unit) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || c == '-' || c == ' '; };
  return unit.size() > 2 && std::all_of(unit.begin(), unit.end(), letter) && unit != "min" &&
         unit != "days";
}

std::string insert_commas(std::string text) {
  const size_t start = text.starts_with('-') ? 1 : 0;
  size_t at = std::min(text.find('.'), text.size());
  while (at > start + 3) {
    at -= 3;
    text.insert(at, ",");
  }
  return text;
}

int exponent_of(double magnitude) { return static_cast<int>(std::floor(std::log10(magnitude))); }

}  // namespace

// a percentage is for ratios up to one, and for sums of shares that rounding carries past it
constexpr double kPercentEnd = 1.0 + 5e-4;

std::string ratio_text(double value_factor, double least_factor, int digits) {
  if (scale_for("", least_factor).unit.empty()) return human_text(value_factor, "", digits);
  return fmt::format("{} %", number_text(value_factor * 100.0, digits));
}

std::vector<Scale> scales_of(std::string_view asked) {
  const std::string unit = clean(asked);
  const size_t slash = std::min(unit.find('/'), unit.size());
  const std::string_view symbol = std::string_view(unit).substr(0, slash);
  const std::string_view rest = std::string_view(unit).substr(slash);
  if (symbol == "$") return money_scales(rest.empty() ? rest : rest.substr(1));
  if (unit.empty()) return {{0.01, "", "%"}, {1.0, "", ""}};
  if (unit == "1") return counted_scales("");
  if (unit.starts_with("1/")) return counted_scales(fmt::format("per {}", unit.substr(2)));
  if (unit == "s") {
    std::vector<Scale> scales;
    scales.reserve(kTimeSteps.size());
    for (const Step& step : kTimeSteps) {
      scales.push_back({step.divisor_ratio, "", std::string(step.text)});
    }
    return scales;
  }
  // an intensity such as FLOP/B is compared with other intensities: no prefix on either side
  if (takes_large_prefix(symbol) && rest != "/B") return prefixed_scales(symbol, rest);
  return counted_scales(unit);
}

std::string plural_of(std::string_view unit) {
  if (!takes_plural(unit) || unit.ends_with('s')) return std::string(unit);
  if (unit.ends_with("ch") || unit.ends_with('x')) return fmt::format("{}es", unit);
  return fmt::format("{}s", unit);
}

double scale_from_factor(std::string_view unit, const Scale& scale) {
  if (unit.empty()) return scale.unit.empty() ? kPercentEnd : 0.0;
  if (unit != "s") return scale.divisor_ratio;
  for (size_t i = 0; i < kTimeSteps.size(); ++i) {
    if (kTimeSteps.at(i).divisor_ratio == scale.divisor_ratio) return kTimeFrom.at(i);
  }
  return 0.0;
}

Scale scale_for(std::string_view unit, double magnitude_factor) {
  const std::vector<Scale> scales = scales_of(unit);
  const double magnitude = std::abs(magnitude_factor);
  if (unit.empty()) return magnitude < kPercentEnd || std::isnan(magnitude) ? scales[0] : scales[1];
  if (!std::isfinite(magnitude) || magnitude == 0.0) {
    // zero and missing values show the plain unit
    for (const Scale& scale : scales) {
      if (scale.divisor_ratio >= 1.0) return scale;
    }
    return scales.front();
  }
  // what would round up to a thousand of one prefix is one of the next
  constexpr double kRoundUp = 1.0 + 5e-4;
  size_t best = 0;
  for (size_t i = 0; i < scales.size(); ++i) {
    if (magnitude * kRoundUp >= scale_from_factor(unit, scales[i])) best = i;
  }
  return scales[best];
}

std::string fixed_text(double value_factor, int decimals) {
  std::string text = fmt::format("{:.{}f}", value_factor, decimals);
  // a negative number that rounds to zero has no sign
  if (text.starts_with('-') && text.find_first_not_of("-0.") == std::string::npos) text.erase(0, 1);
  return insert_commas(std::move(text));
}

std::string number_text(double value_factor, int digits) {
  if (std::isnan(value_factor)) return "n/a";
  if (std::isinf(value_factor)) return value_factor > 0 ? "∞" : "-∞";
  const double magnitude = std::abs(value_factor);
  if (magnitude == 0.0) return "0";
  if (magnitude >= kLargestPlain) return fmt::format("{:.{}e}", value_factor, digits - 1);
  if (value_factor == std::floor(value_factor)) return fixed_text(value_factor, 0);
  int decimals = digits - 1 - exponent_of(magnitude);
  if (decimals > kMostDecimals) return fmt::format("{:.{}e}", value_factor, digits - 1);
  // 9.996 with three digits is 10.0, not 10.00
  const double rounded =
      std::round(magnitude * std::pow(10.0, decimals)) / std::pow(10.0, decimals);
  decimals = digits - 1 - exponent_of(rounded);
  return fixed_text(value_factor, std::max(0, decimals));
}

Human human(double value_factor, std::string_view unit, int digits) {
  if (std::isnan(value_factor)) return {"n/a", ""};
  const Scale scale = scale_for(unit, value_factor);
  const double scaled = value_factor / scale.divisor_ratio;
  const bool cents = scale.before == "$" && std::abs(scaled) >= 0.1 && std::abs(scaled) < 100.0;
  std::string number = cents ? fixed_text(scaled, 2) : number_text(scaled, digits);
  // -$5, not $-5
  if (!scale.before.empty()) number.insert(number.starts_with('-') ? 1 : 0, scale.before);
  std::string after = scale.unit;
  if (takes_plural(unit) && scaled != 1.0) {
    after.replace(after.size() - unit.size(), unit.size(), plural_of(unit));
  }
  return {std::move(number), std::move(after)};
}

std::string human_text(double value_factor, std::string_view unit, int digits) {
  const Human parts = human(value_factor, unit, digits);
  if (parts.unit.empty()) return parts.number;
  // "$1.23M" but "12.3 ms" and "$2.10 per hour"
  const bool joined =
      parts.number.find('$') != std::string::npos && (parts.unit[0] == 'M' || parts.unit[0] == 'B');
  return fmt::format("{}{}{}", parts.number, joined ? "" : " ", parts.unit);
}

ColumnScale column_scale(std::span<const double> values, std::string_view unit) {
  double largest = 0.0;
  double smallest = 0.0;
  for (const double value : values) {
    if (!std::isfinite(value) || value == 0.0) continue;
    const double magnitude = std::abs(value);
    largest = std::max(largest, magnitude);
    smallest = smallest == 0.0 ? magnitude : std::min(smallest, magnitude);
  }
  ColumnScale column{scale_for(unit, largest), 0};
  if (largest == 0.0) return column;
  // a latency of half a second reads badly in minutes, whatever stands beside it
  const bool fractions =
      unit == "s" && column.scale.divisor_ratio > 1.0 && smallest < column.scale.divisor_ratio;
  if (fractions) column.scale = scale_for(unit, 1.0);
  bool whole = true;
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    const double scaled = value / column.scale.divisor_ratio;
    whole = whole && std::abs(scaled - std::round(scaled)) <= 1e-9 * std::abs(scaled);
  }
  if (whole) return column;
  // three digits for the largest, and one more decimal where the smallest would vanish
  const int for_largest = 2 - exponent_of(largest / column.scale.divisor_ratio);
  const int for_smallest = -exponent_of(smallest / column.scale.divisor_ratio);
  // two digits of the smallest where seconds stand beside what would read as minutes
  const int more =
      fractions ? std::min(for_smallest + 1, 3) : std::min(for_smallest, for_largest + 1);
  const int wanted = std::max(for_largest, more);
  column.decimals = std::clamp(wanted, 0, kMostDecimals);
  return column;
}

std::string column_text(double value_factor, const ColumnScale& column) {
  if (!std::isfinite(value_factor)) return number_text(value_factor);
  if (value_factor == 0.0) return "0";
  const double scaled = value_factor / column.scale.divisor_ratio;
  if (std::abs(scaled) >= kLargestPlain) return number_text(scaled);
  const double unit_in_last_place = std::pow(10.0, -column.decimals);
  if (scaled != 0.0 && std::abs(scaled) < unit_in_last_place / 2) {
    return fmt::format("{}<{}", scaled < 0 ? "-" : "",
                       fixed_text(unit_in_last_place, column.decimals));
  }
  return fixed_text(scaled, column.decimals);
}

Human human(const Metric& metric) {
  Human parts = human(metric.value_factor, metric.unit);
  // "cost per million output tokens" says it already
  constexpr std::string_view kPerMillion = "per million tokens";
  if (metric.name.find("_per_million_") != std::string::npos && parts.unit.ends_with(kPerMillion)) {
    parts.unit.erase(parts.unit.size() - kPerMillion.size());
    if (parts.unit.ends_with(' ')) parts.unit.pop_back();
  }
  return parts;
}

std::string band_text(const Metric& metric, std::string_view between) {
  if (!metric.low || !metric.high) return {};
  const Scale scale = scale_for(metric.unit, metric.value_factor);
  const auto shown = [&](double value) {
    std::string text = number_text(value / scale.divisor_ratio);
    return text.insert(text.starts_with('-') ? 1 : 0, scale.before);
  };
  return fmt::format("{}{}{}", shown(*metric.low), between, shown(*metric.high));
}

std::vector<const Metric*> headline_of(const Result& result) {
  std::vector<const Metric*> metrics;
  for (const std::string& name : result.headline) {
    if (const Metric* metric = result.find(name)) metrics.push_back(metric);
  }
  if (result.headline.empty()) {
    for (const Metric& metric : result.metrics) metrics.push_back(&metric);
  }
  return metrics;
}

std::string metric_label(std::string_view metric_name) {
  constexpr std::array kAcronyms = {"kv",   "tp",   "pp",  "dp",  "ep",  "moe", "mla", "slo",
                                    "ttft", "tpot", "itl", "mfu", "pue", "tco", "hbm", "e2e"};
  const size_t dot = metric_name.find('.');
  const std::string_view rest =
      dot == std::string_view::npos ? metric_name : metric_name.substr(dot + 1);
  std::string label;
  std::string spaced(rest);
  std::replace(spaced.begin(), spaced.end(), '.', ' ');
  std::replace(spaced.begin(), spaced.end(), '_', ' ');
  for (const std::string_view word : split(spaced, ' ')) {
    if (word.empty()) continue;
    std::string shown(word);
    const bool acronym = std::find(kAcronyms.begin(), kAcronyms.end(), word) != kAcronyms.end();
    const auto upper = [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; };
    if (acronym) {
      std::transform(shown.begin(), shown.end(), shown.begin(), upper);
    } else if (label.empty() && word.size() > 1 && (word[0] != 'p' || word[1] > '9')) {
      shown[0] = upper(shown[0]);
    }
    if (!label.empty()) label += ' ';
    label += shown;
  }
  return label.empty() ? std::string(metric_name) : label;
}

}  // namespace penstock::report

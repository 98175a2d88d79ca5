#include "penstock/base/unit_text.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include "penstock/base/text.h"

namespace penstock {
namespace {

struct Symbol {
  std::string_view text;
  double factor;
  Dim dim;
  bool prefixed;  // may carry k M G T P E or Ki Mi Gi Ti
};

// one row a unit; the first symbol of a dimension is the one printed
constexpr std::array kSymbols = {
    Symbol{"s", 1.0, Dim{.second = 1}, false},
    Symbol{"ms", 1e-3, Dim{.second = 1}, false},
    Symbol{"us", 1e-6, Dim{.second = 1}, false},
    Symbol{"ns", 1e-9, Dim{.second = 1}, false},
    Symbol{"ps", 1e-12, Dim{.second = 1}, false},
    Symbol{"min", 60.0, Dim{.second = 1}, false},
    Symbol{"h", 3600.0, Dim{.second = 1}, false},
    Symbol{"hour", 3600.0, Dim{.second = 1}, false},
    Symbol{"hours", 3600.0, Dim{.second = 1}, false},
    Symbol{"day", 86400.0, Dim{.second = 1}, false},
    Symbol{"days", 86400.0, Dim{.second = 1}, false},
    Symbol{"year", 31557600.0, Dim{.second = 1}, false},
    Symbol{"B", 1.0, Dim{.byte = 1}, true},
    Symbol{"b", 0.125, Dim{.byte = 1}, true},
    Symbol{"bit", 0.125, Dim{.byte = 1}, true},
    Symbol{"bps", 0.125, Dim{.second = -1, .byte = 1}, true},
    Symbol{"FLOP", 1.0, Dim{.flop = 1}, true},
    Symbol{"FLOPS", 1.0, Dim{.second = -1, .flop = 1}, true},
    Symbol{"OP", 1.0, Dim{.flop = 1}, true},
    Symbol{"OPS", 1.0, Dim{.second = -1, .flop = 1}, true},
    Symbol{"J", 1.0, Dim{.joule = 1}, true},
    Symbol{"mJ", 1e-3, Dim{.joule = 1}, false},
    Symbol{"uJ", 1e-6, Dim{.joule = 1}, false},
    Symbol{"nJ", 1e-9, Dim{.joule = 1}, false},
    Symbol{"pJ", 1e-12, Dim{.joule = 1}, false},
    Symbol{"Wh", 3600.0, Dim{.joule = 1}, true},
    Symbol{"W", 1.0, Dim{.second = -1, .joule = 1}, true},
    Symbol{"mW", 1e-3, Dim{.second = -1, .joule = 1}, false},
    Symbol{"$", 1.0, Dim{.dollar = 1}, true},
    Symbol{"USD", 1.0, Dim{.dollar = 1}, true},
    Symbol{"token", 1.0, Dim{.token = 1}, true},
    Symbol{"tokens", 1.0, Dim{.token = 1}, true},
    Symbol{"req", 1.0, Dim{}, true},
    Symbol{"requests", 1.0, Dim{}, false},
    Symbol{"1", 1.0, Dim{}, false},
    Symbol{"Hz", 1.0, Dim{.second = -1}, true},
};

struct Prefix {
  std::string_view text;
  double factor;
};
constexpr std::array kPrefixes = {
    Prefix{"Ki", 0x1p10}, Prefix{"Mi", 0x1p20}, Prefix{"Gi", 0x1p30}, Prefix{"Ti", 0x1p40},
    Prefix{"Pi", 0x1p50}, Prefix{"k", 1e3},     Prefix{"K", 1e3},     Prefix{"M", 1e6},
    Prefix{"G", 1e9},     Prefix{"T", 1e12},    Prefix{"P", 1e15},    Prefix{"E", 1e18},
};

std::optional<ParsedQuantity> parse_symbol(std::string_view text) {
  for (const Symbol& symbol : kSymbols) {
    if (text == symbol.text) return ParsedQuantity{symbol.factor, symbol.dim};
  }
  for (const Prefix& prefix : kPrefixes) {
    if (!text.starts_with(prefix.text)) continue;
    const std::string_view rest = text.substr(prefix.text.size());
    for (const Symbol& symbol : kSymbols) {
      if (symbol.prefixed && rest == symbol.text) {
        return ParsedQuantity{prefix.factor * symbol.factor, symbol.dim};
      }
    }
  }
  return std::nullopt;
}

std::string_view symbol_of(int exponent, std::string_view name) {
  return exponent != 0 ? name : std::string_view{};
}

}  // namespace

tl::expected<ParsedQuantity, std::string> parse_any_quantity(std::string_view text) {
  const std::string_view trimmed = trim(text);
  std::string_view rest = trimmed;
  // "$2.10/h" and "-$5": the dollar sign may lead
  const bool negative = rest.starts_with('-');
  if (negative) rest.remove_prefix(1);
  const bool dollars = rest.starts_with('$');
  if (dollars) rest.remove_prefix(1);
  double number = 0.0;
  const auto [end, code] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
  // a second sign would be read by from_chars
  if (code != std::errc{} || !std::isfinite(number) || rest.starts_with('-')) {
    return tl::unexpected(fmt::format("\"{}\" is not a number with a unit", text));
  }
  rest = trim(rest.substr(static_cast<size_t>(end - rest.data())));
  ParsedQuantity result{negative ? -number : number, dollars ? Dim{.dollar = 1} : Dim{}};
  // a product of symbols, each after a '/' dividing: "GB/s", "J/token", "$/Mtoken"
  bool divide = false;
  bool first = true;
  while (!rest.empty()) {
    if (rest.starts_with('/')) {
      divide = true;
      rest = trim(rest.substr(1));
    } else if (!first) {
      return tl::unexpected(fmt::format("unit of \"{}\" is not understood", text));
    }
    const size_t slash = rest.find('/');
    const std::string_view word = trim(rest.substr(0, slash));
    rest = slash == std::string_view::npos ? std::string_view{} : rest.substr(slash);
    const auto symbol = parse_symbol(word);
    if (!symbol) return tl::unexpected(fmt::format("unknown unit '{}' in \"{}\"", word, text));
    if (divide) {
      result.value_factor /= symbol->value_factor;
      result.dim = result.dim - symbol->dim;
    } else {
      result.value_factor *= symbol->value_factor;
      result.dim = result.dim + symbol->dim;
    }
    first = false;
  }
  return result;
}

tl::expected<double, std::string> parse_quantity(std::string_view text, Dim expected) {
  const auto parsed = parse_any_quantity(text);
  if (!parsed) {
    return tl::unexpected(fmt::format("{}; needs {}", parsed.error(), describe_dim(expected)));
  }
  if (!(parsed->dim == expected)) {
    return tl::unexpected(
        fmt::format("needs a unit of {}; got \"{}\"", describe_dim(expected), trim(text)));
  }
  if (!std::isfinite(parsed->value_factor)) {
    return tl::unexpected(fmt::format("\"{}\" is larger than any number here", trim(text)));
  }
  return parsed->value_factor;
}

std::string unit_symbol(Dim dim) {
  if (dim == Dim{.second = -1, .joule = 1}) return "W";
  std::string above;
  std::string below;
  const auto add = [&](int exponent, std::string_view name) {
    std::string& side = exponent > 0 ? above : below;
    if (exponent == 0) return;
    if (!side.empty()) side += exponent > 0 ? "*" : "/";
    side += symbol_of(exponent, name);
    if (std::abs(exponent) > 1) side += fmt::format("{}", std::abs(exponent));
  };
  add(dim.dollar, "$");
  add(dim.joule, "J");
  add(dim.byte, "B");
  add(dim.flop, "FLOP");
  add(dim.token, "token");
  add(dim.second, "s");
  if (above.empty()) above = "1";
  return below.empty() ? above : above + "/" + below;
}

std::string describe_dim(Dim dim) {
  struct Row {
    Dim dim;
    std::string_view words;
  };
  static constexpr std::array kRows = {
      Row{Dim{.second = 1}, R"(seconds, for example "50 ms" or "1 h")"},
      Row{Dim{.second = -1}, R"(a rate, for example "5.5 req/s")"},
      Row{Dim{.byte = 1}, R"(bytes, for example "80 GB" or "512 MiB")"},
      Row{Dim{.second = -1, .byte = 1},
          R"(bytes per second, for example "3.35 TB/s" or "400 Gb/s")"},
      Row{Dim{.flop = 1}, R"(operations, for example "2 TFLOP")"},
      Row{Dim{.second = -1, .flop = 1}, R"(operations per second, for example "989.5 TFLOP/s")"},
      Row{Dim{.joule = 1}, R"(joules, for example "3.6 MJ" or "1 kWh")"},
      Row{Dim{.second = -1, .joule = 1}, R"(watts, for example "700 W" or "10.2 kW")"},
      Row{Dim{.dollar = 1}, R"(dollars, for example "$25000")"},
      Row{Dim{.second = -1, .dollar = 1}, R"(dollars per time, for example "$2.10/h")"},
      Row{Dim{.joule = -1, .dollar = 1}, R"(dollars per energy, for example "$0.08/kWh")"},
      Row{Dim{.dollar = 1, .token = -1}, R"(dollars per token, for example "$2.19/Mtoken")"},
      Row{Dim{.token = 1}, R"(tokens, for example "4096 tokens")"},
      Row{Dim{.second = -1, .token = 1}, R"(tokens per second, for example "2300 token/s")"},
      Row{Dim{.flop = -1, .joule = 1}, R"(joules per operation, for example "0.5 pJ/FLOP")"},
      Row{Dim{.byte = -1, .joule = 1}, R"(joules per byte, for example "60 pJ/B")"},
      Row{Dim{}, R"(a plain number)"},
  };
  for (const Row& row : kRows) {
    if (row.dim == dim) return std::string(row.words);
  }
  return unit_symbol(dim);
}

std::string format_quantity(double value, Dim dim, int digits) {
  if (!std::isfinite(value)) return fmt::format("{} {}", value, unit_symbol(dim));
  const double size = std::abs(value);
  // seconds read best in their own names; money and plain numbers without a prefix
  if (dim == Dim{.second = 1}) {
    if (size == 0.0 || size >= 1.0) return fmt::format("{:.{}g} s", value, digits);
    if (size >= 1e-3) return fmt::format("{:.{}g} ms", value * 1e3, digits);
    if (size >= 1e-6) return fmt::format("{:.{}g} us", value * 1e6, digits);
    return fmt::format("{:.{}g} ns", value * 1e9, digits);
  }
  if (dim == Dim{.second = -1, .dollar = 1}) return fmt::format("${:.{}g}/h", value * 3600, digits);
  if (dim == Dim{.dollar = 1, .token = -1}) {
    return fmt::format("${:.{}g}/Mtoken", value * 1e6, digits);
  }
  if (dim == Dim{.joule = -1, .dollar = 1}) {
    return fmt::format("${:.{}g}/kWh", value * 3.6e6, digits);
  }
  if (dim == Dim{.dollar = 1}) return fmt::format("${:.{}g}", value, digits);
  const std::string unit = dim == Dim{.second = -1} ? "/s" : unit_symbol(dim);
  if (dim == Dim{}) return fmt::format("{:.{}g}", value, digits);
  if (dim.joule == 1 && (dim.flop == -1 || dim.byte == -1)) {
    return fmt::format("{:.{}g} p{}", value * 1e12, digits, unit);
  }
  static constexpr std::array kSteps = {Prefix{"E", 1e18}, Prefix{"P", 1e15}, Prefix{"T", 1e12},
                                        Prefix{"G", 1e9},  Prefix{"M", 1e6},  Prefix{"k", 1e3}};
  if (dim == Dim{.second = -1}) return fmt::format("{:.{}g} req/s", value, digits);
  for (const Prefix& step : kSteps) {
    if (size >= step.factor) {
      return fmt::format("{:.{}g} {}{}", value / step.factor, digits, step.text, unit);
    }
  }
  return fmt::format("{:.{}g} {}", value, digits, unit);
}

}  // namespace penstock

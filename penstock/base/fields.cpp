#include "penstock/base/fields.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "penstock/base/text.h"

namespace penstock {
namespace {

int width_of(const Node& node) {
  return std::max<int>(1, static_cast<int>(node.text.size()) + (node.quoted ? 2 : 0));
}

std::string kind_text(const Node& node) {
  switch (node.kind) {
    case Node::Kind::kNull: return "nothing";
    case Node::Kind::kScalar: return fmt::format("\"{}\"", node.text.substr(0, 60));
    case Node::Kind::kList: return "a list";
    case Node::Kind::kMap: return "a group of keys";
  }
  return "?";
}

}  // namespace

const Node* ConfigReader::take(std::string_view name) {
  names_.emplace_back(name);
  return node_->find(name);
}

bool ConfigReader::expect_map(const Node& node) {
  if (node.is_map()) return true;
  findings_.add(node.mark, fmt::format("expected a group of keys; got {}", kind_text(node)),
                width_of(node));
  return false;
}

bool ConfigReader::expect_list(const Node& node, std::string_view name) {
  if (node.is_list()) return true;
  findings_.add(node.mark, fmt::format("'{}' must be a list; got {}", name, kind_text(node)),
                width_of(node));
  return false;
}

bool ConfigReader::in_bounds(const Node& node, double number, Bounds bounds, Dim dim,
                             std::string_view name) {
  if (number >= bounds.min && number <= bounds.max) return true;
  std::string range;
  if (std::isinf(bounds.max)) {
    range = fmt::format("at least {}", format_quantity(bounds.min, dim));
  } else if (std::isinf(bounds.min)) {
    range = fmt::format("at most {}", format_quantity(bounds.max, dim));
  } else {
    range = fmt::format("between {} and {}", format_quantity(bounds.min, dim),
                        format_quantity(bounds.max, dim));
  }
  findings_.add(node.mark, fmt::format("'{}' must be {}; got {}", name, range, kind_text(node)),
                width_of(node));
  return false;
}

bool ConfigReader::read_quantity(const Node& node, Dim dim, Bounds bounds, std::string_view name,
                                 double& out) {
  if (!node.is_scalar()) {
    findings_.add(node.mark, fmt::format("'{}' needs a unit of {}; got {}", name, describe_dim(dim),
                                         kind_text(node)));
    return false;
  }
  const auto parsed = parse_quantity(node.text, dim);
  if (!parsed) {
    findings_.add(node.mark, fmt::format("'{}' {}", name, parsed.error()), width_of(node));
    return false;
  }
  if (!in_bounds(node, *parsed, bounds, dim, name)) return false;
  out = *parsed;
  return true;
}

void ConfigReader::read_bool(const Node& node, std::string_view name, bool& out) {
  if (node.is_scalar() && !node.quoted && (node.text == "true" || node.text == "false")) {
    out = node.text == "true";
    return;
  }
  findings_.add(node.mark, fmt::format("'{}' must be true or false; got {}", name, kind_text(node)),
                width_of(node));
}

bool ConfigReader::read_integer(const Node& node, Bounds bounds, std::string_view name,
                                int64_t& out) {
  int64_t number = 0;
  const char* begin = node.text.data();
  const char* end = begin + node.text.size();
  const auto [stop, code] = std::from_chars(begin, end, number);
  if (!node.is_scalar() || node.quoted || code != std::errc{} || stop != end) {
    findings_.add(node.mark,
                  fmt::format("'{}' must be a whole number; got {}", name, kind_text(node)),
                  width_of(node));
    return false;
  }
  if (!in_bounds(node, static_cast<double>(number), bounds, Dim{}, name)) return false;
  out = number;
  return true;
}

void ConfigReader::read_ratio(const Node& node, Bounds bounds, std::string_view name, double& out) {
  std::string_view text = node.text;
  const bool percent = text.ends_with('%');
  if (percent) text = trim(text.substr(0, text.size() - 1));
  double number = 0.0;
  const auto [stop, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = code == std::errc{} && stop == text.data() + text.size();
  if (!node.is_scalar() || node.quoted || !whole || !std::isfinite(number)) {
    findings_.add(node.mark,
                  fmt::format("'{}' must be a number or a percentage (0.9 or 90%); got {}", name,
                              kind_text(node)),
                  width_of(node));
    return;
  }
  if (percent) number /= 100.0;
  if (in_bounds(node, number, bounds, Dim{}, name)) out = number;
}

void ConfigReader::read_string(const Node& node, std::string_view name, std::string& out) {
  if (node.is_scalar()) {
    out = node.text;
    return;
  }
  findings_.add(node.mark, fmt::format("'{}' must be a text; got {}", name, kind_text(node)));
}

void ConfigReader::report_choice(const Node& node, std::string_view name,
                                 const std::vector<std::string>& choices) {
  findings_.add(
      node.mark,
      fmt::format("'{}' must be one of {}; got {}{}", name, join(choices), kind_text(node),
                  node.is_scalar() ? suggestion(node.text, choices) : std::string{}),
      width_of(node));
}

void ConfigReader::report_missing(std::string_view name) {
  findings_.add(node_->mark, fmt::format("missing key '{}'", name));
}

void ConfigReader::report_unknown_keys(const Node& node) {
  for (const NodeEntry& entry : node.entries) {
    if (std::find(names_.begin(), names_.end(), entry.key) != names_.end()) continue;
    findings_.add(entry.key_mark,
                  fmt::format("unknown key '{}'{}", entry.key, suggestion(entry.key, names_)),
                  static_cast<int>(entry.key.size()));
  }
}

std::string ConfigDescriber::bounds_text(Bounds bounds) {
  const bool low = std::isfinite(bounds.min);
  const bool high = std::isfinite(bounds.max);
  if (low && high) return fmt::format(" ({:g} to {:g})", bounds.min, bounds.max);
  if (low) return fmt::format(" (at least {:g})", bounds.min);
  if (high) return fmt::format(" (at most {:g})", bounds.max);
  return {};
}

std::string ConfigDescriber::default_text(const Node& node) {
  if (node.is_null()) return "none";
  if (node.is_scalar()) return node.text.empty() ? "\"\"" : node.text;
  if (node.is_list() && node.items.empty()) return "[]";
  if (node.is_map() && node.entries.empty()) return "{}";
  std::string text = std::string(trim(to_yaml(node)));
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

}  // namespace penstock

/// Config structs are described once, by a `fields` function; reader, writer, docs and JSON Schema
/// are visitors of that description.
///
///     template <class Visitor> void fields(Visitor& v, PoolConfig& c) {
///       v.required("accelerator", c.accelerator, "Catalog id, for example h100_sxm.");
///       v.optional("power_cap", c.power_cap, "Pool power limit; unset means none.");
///       v.optional("replicas", c.replicas, "Instances.", {.min = 1});
///     }
///
/// Members may be quantities, int64_t, bool, double (a pure ratio), std::string, enums with
/// EnumText, std::optional, std::vector, std::map<std::string, T> and structs with `fields`.
#pragma once

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "penstock/base/node.h"
#include "penstock/base/unit_text.h"

namespace penstock {

/// Allowed range of a number, in base units. Both ends belong to it.
struct Bounds {
  // tidy: allow double (ends of a range in base units; the field knows its dimension)
  double min = -std::numeric_limits<double>::infinity();
  // tidy: allow double (ends of a range in base units; the field knows its dimension)
  double max = std::numeric_limits<double>::infinity();
};

/// Names of an enum's values in files. Specialise with
/// `static constexpr std::array<std::pair<E, std::string_view>, N> kNames`.
template <class E>
struct EnumText;

template <class E>
concept NamedEnum = std::is_enum_v<E> && requires { EnumText<E>::kNames; };

template <NamedEnum E>
constexpr std::string_view enum_name(E value) {
  for (const auto& [v, name] : EnumText<E>::kNames) {
    if (v == value) return name;
  }
  return "?";
}

template <class T>
struct IsQuantity : std::false_type {};
template <Dim D>
struct IsQuantity<Quantity<D>> : std::true_type {};

/// One described field, as docs and the schema see it.
struct FieldDoc {
  std::string path;          ///< "serving.engine_options.max_num_seqs"
  std::string type;          ///< in words: "bytes per second", "whole number", "one of a, b"
  std::string default_text;  ///< empty when required
  std::string doc;
  bool required = false;
};

/// Reads structs out of a tree; every mistake becomes a finding with its place.
class ConfigReader {
 public:
  explicit ConfigReader(Findings& findings) : findings_(findings) {}

  /// Reads a whole struct from a map node. Unknown keys are mistakes.
  template <class T>
  void read_struct(const Node& node, T& out) {
    if (!expect_map(node)) return;
    const Node* outer = std::exchange(node_, &node);
    std::vector<std::string> names = std::exchange(names_, {});
    fields(*this, out);
    report_unknown_keys(node);
    node_ = outer;
    names_ = std::move(names);
  }

  template <class T>
  void required(std::string_view name, T& member, std::string_view /*doc*/, Bounds bounds = {}) {
    const Node* value = take(name);
    if (value == nullptr) {
      report_missing(name);
    } else {
      read(*value, member, bounds, name);
    }
  }

  template <class T>
  void optional(std::string_view name, T& member, std::string_view /*doc*/, Bounds bounds = {}) {
    const Node* value = take(name);
    if (value != nullptr) read(*value, member, bounds, name);
  }

  /// The map being read, for structs whose keys need more than one pass.
  [[nodiscard]] const Node& node() const { return *node_; }
  Findings& findings() { return findings_; }

  template <class T>
  void read(const Node& node, T& out, Bounds bounds, std::string_view name) {
    if constexpr (IsQuantity<T>::value) {
      double number = out.value();
      if (read_quantity(node, T::kDim, bounds, name, number)) out = T(number);
    } else if constexpr (std::is_same_v<T, bool>) {
      read_bool(node, name, out);
    } else if constexpr (std::is_same_v<T, int64_t> || std::is_same_v<T, int>) {
      int64_t number = out;
      if (read_integer(node, bounds, name, number)) out = static_cast<T>(number);
    } else if constexpr (std::is_same_v<T, double>) {
      read_ratio(node, bounds, name, out);
    } else if constexpr (std::is_same_v<T, std::string>) {
      read_string(node, name, out);
    } else if constexpr (NamedEnum<T>) {
      read_enum(node, name, out);
    } else {
      read_compound(node, out, bounds, name);
    }
  }

 private:
  template <class T>
  void read_compound(const Node& node, std::optional<T>& out, Bounds bounds,
                     std::string_view name) {
    if (node.is_null()) {
      out.reset();
      return;
    }
    T value{};
    read(node, value, bounds, name);
    out = std::move(value);
  }
  template <class T>
  void read_compound(const Node& node, std::vector<T>& out, Bounds bounds, std::string_view name) {
    out.clear();
    if (!expect_list(node, name)) return;
    for (const Node& item : node.items) {
      T value{};
      read(item, value, bounds, name);
      out.push_back(std::move(value));
    }
  }
  template <class T>
  void read_compound(const Node& node, std::map<std::string, T>& out, Bounds bounds,
                     std::string_view name) {
    out.clear();
    if (!expect_map(node)) return;
    for (const NodeEntry& entry : node.entries) {
      read(entry.value, out[entry.key], bounds, name);
    }
  }
  template <class T>
  void read_compound(const Node& node, T& out, Bounds, std::string_view) {
    if constexpr (requires { read_custom(*this, node, out); }) {
      read_custom(*this, node, out);
    } else {
      read_struct(node, out);
    }
  }

  template <NamedEnum E>
  void read_enum(const Node& node, std::string_view name, E& out) {
    std::vector<std::string> choices;
    for (const auto& [value, text] : EnumText<E>::kNames) {
      if (node.is_scalar() && node.text == text) {
        out = value;
        return;
      }
      choices.emplace_back(text);
    }
    report_choice(node, name, choices);
  }

  const Node* take(std::string_view name);
  bool expect_map(const Node& node);
  bool expect_list(const Node& node, std::string_view name);
  bool read_quantity(const Node& node, Dim dim, Bounds bounds, std::string_view name, double& out);
  void read_bool(const Node& node, std::string_view name, bool& out);
  bool read_integer(const Node& node, Bounds bounds, std::string_view name, int64_t& out);
  void read_ratio(const Node& node, Bounds bounds, std::string_view name, double& out);
  void read_string(const Node& node, std::string_view name, std::string& out);
  void report_choice(const Node& node, std::string_view name,
                     const std::vector<std::string>& choices);
  void report_missing(std::string_view name);
  void report_unknown_keys(const Node& node);
  bool in_bounds(const Node& node, double number, Bounds bounds, Dim dim, std::string_view name);

  Findings& findings_;
  const Node* node_ = nullptr;
  std::vector<std::string> names_;  // fields of the struct being read, for unknown keys
};

/// Reads the whole tree into a default-constructed T.
template <class T>
T read_config(const Node& node, Findings& findings) {
  T out{};
  ConfigReader(findings).read_struct(node, out);
  return out;
}

/// Writes a struct back to a tree: the resolved config, every default filled in.
class ConfigWriter {
 public:
  template <class T>
  static Node write(const T& value) {
    T copy = value;
    ConfigWriter writer;
    writer.node_.kind = Node::Kind::kMap;
    fields(writer, copy);
    return std::move(writer.node_);
  }

  template <class T>
  void required(std::string_view name, T& member, std::string_view, Bounds = {}) {
    node_.entries.push_back({std::string(name), Mark{}, to_node(member)});
  }
  template <class T>
  void optional(std::string_view name, T& member, std::string_view, Bounds = {}) {
    required(name, member, {});
  }

  template <class T>
  static Node to_node(const T& value) {
    if constexpr (IsQuantity<T>::value) {
      return scalar_node(format_quantity(value.value(), T::kDim, 12));
    } else if constexpr (std::is_same_v<T, bool>) {
      return scalar_node(value ? "true" : "false");
    } else if constexpr (std::is_arithmetic_v<T>) {
      return scalar_node(fmt::format("{}", value));
    } else if constexpr (std::is_same_v<T, std::string>) {
      return scalar_node(value, value.empty());
    } else if constexpr (NamedEnum<T>) {
      return scalar_node(std::string(enum_name(value)));
    } else {
      return compound(value);
    }
  }

 private:
  template <class T>
  static Node compound(const std::optional<T>& value) {
    return value ? to_node(*value) : Node{};
  }
  template <class T>
  static Node compound(const std::vector<T>& values) {
    Node node;
    node.kind = Node::Kind::kList;
    for (const T& value : values) node.items.push_back(to_node(value));
    return node;
  }
  template <class T>
  static Node compound(const std::map<std::string, T>& values) {
    Node node;
    node.kind = Node::Kind::kMap;
    for (const auto& [key, value] : values) {
      node.entries.push_back({key, Mark{}, to_node(value)});
    }
    return node;
  }
  template <class T>
  static Node compound(const T& value) {
    if constexpr (requires { write_custom(value); }) {
      return write_custom(value);
    } else {
      return write(value);
    }
  }

  Node node_;
};

/// Collects the fields of a struct for docs and JSON Schema.
class ConfigDescriber {
 public:
  template <class T>
  static std::vector<FieldDoc> describe(std::string path = {}) {
    ConfigDescriber describer;
    describer.path_ = std::move(path);
    T value{};
    fields(describer, value);
    return std::move(describer.docs_);
  }

  template <class T>
  void required(std::string_view name, T& member, std::string_view doc, Bounds bounds = {}) {
    add(name, member, doc, bounds, true);
  }
  template <class T>
  void optional(std::string_view name, T& member, std::string_view doc, Bounds bounds = {}) {
    add(name, member, doc, bounds, false);
  }

 private:
  template <class T>
  struct Inner {
    using type = T;
  };
  template <class T>
  struct Inner<std::optional<T>> {
    using type = T;
  };

  template <class T>
  static std::string type_name() {
    if constexpr (IsQuantity<T>::value) {
      return describe_dim(T::kDim);
    } else if constexpr (std::is_same_v<T, bool>) {
      return "true or false";
    } else if constexpr (std::is_integral_v<T>) {
      return "whole number";
    } else if constexpr (std::is_same_v<T, double>) {
      return "ratio";
    } else if constexpr (std::is_same_v<T, std::string>) {
      return "text";
    } else if constexpr (NamedEnum<T>) {
      std::string text = "one of";
      for (const auto& [value, name] : EnumText<T>::kNames) text += fmt::format(" {},", name);
      text.pop_back();
      return text;
    } else if constexpr (requires { typename T::mapped_type; }) {
      return "map of " + type_name<typename T::mapped_type>();
    } else if constexpr (requires { typename T::value_type; }) {
      return "list of " + type_name<typename T::value_type>();
    } else {
      return "group";
    }
  }

  template <class T>
  static constexpr bool is_group() {
    return std::is_class_v<T> && !IsQuantity<T>::value && !std::is_same_v<T, std::string> &&
           !requires { typename T::value_type; } &&
           !requires(ConfigReader& r, const Node& n, T& t) { read_custom(r, n, t); };
  }

  template <class T>
  void add(std::string_view name, T& member, std::string_view doc, Bounds bounds, bool required) {
    using Value = typename Inner<T>::type;
    const std::string path = path_.empty() ? std::string(name) : fmt::format("{}.{}", path_, name);
    docs_.push_back({path, type_name<Value>() + bounds_text(bounds), std::string{},
                     std::string(doc), required});
    if constexpr (is_group<Value>()) {
      const std::string outer = std::exchange(path_, path);
      Value inner{};
      fields(*this, inner);
      path_ = outer;
    } else if (!required) {
      docs_.back().default_text = default_text(ConfigWriter::to_node(member));
    }
  }

  static std::string bounds_text(Bounds bounds);
  static std::string default_text(const Node& node);

  std::string path_;
  std::vector<FieldDoc> docs_;
};

}  // namespace penstock

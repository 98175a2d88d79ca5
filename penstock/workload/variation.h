/// Members of an open set as config: `{process: poisson, rate: 5.5 req/s}`, where one key names the
/// variation and the others are its own fields.
#pragma once

#include <fmt/format.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "penstock/base/fields.h"
#include "penstock/base/node.h"
#include "penstock/base/registry.h"
#include "penstock/base/text.h"

namespace penstock::workload {

/// Gives a variation its reader, writer and description from the `fields` of its Config. A
/// `check(const Config&, const Node&, Findings&)` beside them sees what single fields cannot.
template <class Interface, class Config>
class Described : public Interface {
 public:
  void read(ConfigReader& reader, const Node& node) override {
    reader.read_struct(node, config_);
    if constexpr (requires { check(config_, node, reader.findings()); }) {
      check(config_, node, reader.findings());
    }
  }
  [[nodiscard]] Node write() const override { return ConfigWriter::write(config_); }
  [[nodiscard]] std::vector<FieldDoc> describe(std::string path) const override {
    return ConfigDescriber::describe<Config>(std::move(path));
  }

 protected:
  Config config_;
};

/// A chosen variation: its registered name and its immutable config.
template <class Interface>
struct Variation {
  std::string name;
  std::shared_ptr<const Interface> model;

  [[nodiscard]] const Interface* operator->() const { return model.get(); }
};

/// Reads a variation whose name stands under Interface::kKey. A mistake leaves `model` unset.
template <class Interface>
void read_custom(ConfigReader& reader, const Node& node, Variation<Interface>& out) {
  const std::vector<std::string> names = Registry<Interface>::names();
  const Node* name = node.find(Interface::kKey);
  if (name == nullptr || !name->is_scalar()) {
    reader.findings().add(node.mark,
                          fmt::format("needs '{}: NAME', one of {}", Interface::kKey, join(names)));
    return;
  }
  const auto* entry = Registry<Interface>::find(name->text);
  if (entry == nullptr) {
    reader.findings().add(name->mark,
                          fmt::format("no {} '{}'; it is one of {}{}", Interface::kKey, name->text,
                                      join(names), suggestion(name->text, names)),
                          static_cast<int>(name->text.size()));
    return;
  }
  Node rest = node;
  std::erase_if(rest.entries, [](const NodeEntry& e) { return e.key == Interface::kKey; });
  std::unique_ptr<Interface> model = entry->make();
  const size_t findings_before = reader.findings().size();
  model->read(reader, rest);
  // a model is only ever used when its config is sound
  if (reader.findings().size() > findings_before) return;
  out.name = entry->name;
  out.model = std::move(model);
}

template <class Interface>
Node write_custom(const Variation<Interface>& variation) {
  if (variation.model == nullptr) return {};
  Node node = variation.model->write();
  node.entries.insert(node.entries.begin(),
                      {std::string(Interface::kKey), Mark{}, scalar_node(variation.name)});
  return node;
}

/// What every variation of a set takes, for the reference docs: name, one line, fields.
struct VariationDoc {
  std::string name;
  std::string doc;
  std::vector<FieldDoc> fields;
};

template <class Interface>
std::vector<VariationDoc> describe_variations(const std::string& path) {
  std::vector<VariationDoc> docs;
  for (const auto& entry : Registry<Interface>::entries()) {
    docs.push_back({entry.name, entry.doc, entry.make()->describe(path)});
  }
  return docs;
}

}  // namespace penstock::workload

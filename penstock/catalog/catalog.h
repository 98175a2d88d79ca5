/// The built-in catalog and the user's overlay: accelerators, systems, models, links, parts,
/// prices, efficiencies, exchange libraries, engines and workloads by id or alias.
///
/// The built-in entries are compiled into the binary as pre-parsed trees: only what is asked for is
/// decoded, so start-up stays in the low milliseconds. Names match without regard to case, and '-',
/// '_' and ' ' are one: H100-SXM is h100_sxm.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "penstock/base/error.h"
#include "penstock/base/node.h"
#include "penstock/base/result.h"
#include "penstock/catalog/accelerator.h"
#include "penstock/catalog/cluster.h"
#include "penstock/catalog/fabric.h"
#include "penstock/catalog/link.h"
#include "penstock/catalog/model.h"
#include "penstock/catalog/part.h"
#include "penstock/catalog/price.h"
#include "penstock/catalog/system.h"

namespace penstock::catalog {

/// The folders of data/: "accelerators", "systems", "clusters", "fabrics", "models", "links",
/// "parts", "prices", "efficiency", "libraries", "dispatch", "engines", "workloads".
std::span<const std::string_view> kinds();

/// One entry as the index holds it.
struct EntryInfo {
  std::string kind;
  std::string id;
  std::vector<std::string> aliases;
  std::string summary;
};

class Catalog {
 public:
  /// The built-in entries.
  static Catalog built_in();
  /// Adds or replaces entries by those of a folder laid out as data/; mistakes become findings.
  void overlay(const std::string& directory, Findings& findings);

  /// All entries of a kind in id order.
  [[nodiscard]] std::vector<EntryInfo> list(std::string_view kind) const;
  /// The tree of an entry by id or alias; nullopt when there is none.
  [[nodiscard]] std::optional<Node> tree(std::string_view kind, std::string_view name) const;
  /// The canonical id for an id or alias; nullopt when unknown.
  [[nodiscard]] std::optional<std::string> canonical_id(std::string_view kind,
                                                        std::string_view name) const;
  /// Ids (not aliases) of a kind, for suggestions.
  [[nodiscard]] std::vector<std::string> ids(std::string_view kind) const;
  /// As `tree`; an unknown name is a finding at `mark` with the nearest ids and aliases.
  [[nodiscard]] std::optional<Node> find(std::string_view kind, std::string_view name,
                                         const Mark& mark, Findings& findings) const;

  /// Typed look-ups. An unknown name is a finding at `mark` with the nearest ids, and nullopt.
  [[nodiscard]] std::optional<Accelerator> accelerator(std::string_view name, const Mark& mark,
                                                       Findings& findings) const;
  [[nodiscard]] std::optional<System> system(std::string_view name, const Mark& mark,
                                             Findings& findings) const;
  [[nodiscard]] std::optional<Cluster> cluster(std::string_view name, const Mark& mark,
                                               Findings& findings) const;
  [[nodiscard]] std::optional<Fabric> fabric(std::string_view name, const Mark& mark,
                                             Findings& findings) const;
  [[nodiscard]] std::optional<Link> link(std::string_view name, const Mark& mark,
                                         Findings& findings) const;
  [[nodiscard]] std::optional<Part> part(std::string_view name, const Mark& mark,
                                         Findings& findings) const;
  [[nodiscard]] std::optional<Price> price(std::string_view name, const Mark& mark,
                                           Findings& findings) const;
  /// `name` may also be a path to a Hugging Face config.json (it ends in .json or is a folder).
  [[nodiscard]] std::optional<Model> model(std::string_view name, const Mark& mark,
                                           Findings& findings) const;

  /// Every figure of an entry with unit, source, date and confidence, for `catalog show`.
  [[nodiscard]] Table figures(std::string_view kind, std::string_view name) const;
  /// Hash over the trees of the entries, for result files.
  [[nodiscard]] uint64_t hash(std::span<const std::pair<std::string, std::string>> entries) const;

 private:
  struct Overlay;
  std::shared_ptr<const Overlay> overlay_;
};

/// Reads one kind of entry strictly, for folders whose schema lies in a module above the catalog.
struct KindCheck {
  std::string_view kind;
  void (*check)(const Node& tree, Findings& findings);
};

/// Every mistake in a folder laid out as data/: names, YAML, each entry by its kind's schema (the
/// catalog's own and `more`), and accelerators that neither the folder nor the catalog has.
Findings check_directory(const std::string& directory, std::span<const KindCheck> more = {});

}  // namespace penstock::catalog

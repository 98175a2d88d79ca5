/// Reading a folder laid out as data/: the user's overlay, and `catalog check`.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/base/error.h"
#include "penstock/base/node.h"
#include "penstock/catalog/catalog.h"
#include "penstock/catalog/names.h"

namespace penstock::catalog {

/// An entry of a folder: what the index needs, and its tree.
struct DirectoryEntry {
  EntryInfo info;
  Node tree;
};

/// All entries of the folder in order of kind and id, each read strictly by the schema of its kind
/// as far as the catalog or `more` knows one. An accelerator that an entry names must be in the
/// folder or in `below`.
std::vector<DirectoryEntry> read_directory(const std::string& directory,
                                           std::span<const KindCheck> more, const Catalog& below,
                                           Findings& findings);

/// Reads a tree by the catalog's own schema of its kind; kinds of other modules pass.
void check_tree(std::string_view kind, const Node& tree, Findings& findings);

/// Id, aliases and summary of an entry's tree; `stem` is the name of its file.
EntryInfo info_of(std::string_view kind, std::string_view stem, const Node& tree);

}  // namespace penstock::catalog

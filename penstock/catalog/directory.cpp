#include "penstock/catalog/directory.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "penstock/base/text.h"

namespace penstock::catalog {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> kind_names() { return {kinds().begin(), kinds().end()}; }

/// What lies in a folder, in name order; an unreadable folder is a finding.
std::vector<fs::path> sorted_children(const fs::path& folder, Findings& findings) {
  std::vector<fs::path> children;
  std::error_code code;
  fs::directory_iterator at(folder, code);
  while (!code && at != fs::directory_iterator()) {
    children.push_back(at->path());
    at.increment(code);
  }
  if (code) {
    findings.add(folder.string(), fmt::format("cannot be read as a folder: {}", code.message()));
  }
  std::sort(children.begin(), children.end());
  return children;
}

void check_head(const EntryInfo& info, const Node& tree, Findings& findings) {
  if (!tree.is_map()) {
    findings.add(tree.mark, "an entry is a group of keys");
    return;
  }
  const Node* id = tree.find("id");
  if (id != nullptr && id->text != info.id) {
    findings.add(id->mark,
                 fmt::format("'id' must be the file's name '{}'; got \"{}\"", info.id, id->text));
  }
}

DirectoryEntry read_file(const fs::path& file, const std::string& kind,
                         std::span<const KindCheck> more, Findings& findings) {
  const size_t mistakes = findings.size();
  std::shared_ptr<const Source> source = read_source(file.string(), findings);
  DirectoryEntry entry;
  if (findings.size() != mistakes) return entry;
  entry.tree = parse_yaml(source, findings);
  if (entry.tree.mark.source == nullptr) entry.tree.mark = Mark{source, 0, 0};
  entry.info = info_of(kind, file.stem().string(), entry.tree);
  if (findings.size() != mistakes) return entry;
  check_head(entry.info, entry.tree, findings);
  check_tree(kind, entry.tree, findings);
  for (const KindCheck& check : more) {
    if (check.kind == kind) check.check(entry.tree, findings);
  }
  return entry;
}

/// Two entries of a kind that answer to one name cannot both be found.
void check_names(const std::vector<DirectoryEntry>& entries, Findings& findings) {
  for (size_t i = 0; i < entries.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      const EntryInfo& later = entries[i].info;
      const EntryInfo& first = entries[j].info;
      if (later.kind != first.kind) continue;
      std::vector<std::string> taken = first.aliases;
      taken.push_back(first.id);
      std::vector<std::string> names = later.aliases;
      names.push_back(later.id);
      for (const std::string& name : names) {
        const bool clash = std::any_of(taken.begin(), taken.end(),
                                       [&](const std::string& t) { return same_name(t, name); });
        if (clash) {
          findings.add(entries[i].tree.mark,
                       fmt::format("name '{}' is already taken by '{}'", name, first.id));
        }
      }
    }
  }
}

/// An entry that another names: of the folder itself or of the catalog it is laid over.
void check_named(const Node* name, std::string_view kind,
                 const std::vector<DirectoryEntry>& entries, const Catalog& below,
                 Findings& findings) {
  if (name == nullptr || !name->is_scalar()) return;
  const bool own = std::any_of(entries.begin(), entries.end(), [&](const DirectoryEntry& other) {
    return other.info.kind == kind && same_name(other.info.id, name->text);
  });
  if (!own) static_cast<void>(below.find(kind, name->text, name->mark, findings));
}

/// Systems and prices name accelerators, fabrics and parts name parts.
void check_references(const std::vector<DirectoryEntry>& entries, const Catalog& below,
                      Findings& findings) {
  for (const DirectoryEntry& entry : entries) {
    const Node& tree = entry.tree;
    const auto part = [&](const Node& node, std::string_view key) {
      check_named(node.find(key), "parts", entries, below, findings);
    };
    if (entry.info.kind == "systems" || entry.info.kind == "prices") {
      check_named(tree.find("accelerator"), "accelerators", entries, below, findings);
    } else if (entry.info.kind == "parts") {
      for (const char* key : {"made_from", "laser_part", "fibre_part"}) part(tree, key);
    } else if (entry.info.kind == "fabrics") {
      part(tree, "nic_part");
      const Node* tiers = tree.find("tiers");
      if (tiers == nullptr) continue;
      for (const Node& tier : tiers->items) {
        for (const char* key : {"switch_part", "cable_part", "module_part"}) part(tier, key);
      }
    }
  }
}

}  // namespace

EntryInfo info_of(std::string_view kind, std::string_view stem, const Node& tree) {
  EntryInfo info{std::string(kind), std::string(stem), {}, {}};
  if (const Node* aliases = tree.find("aliases"); aliases != nullptr) {
    for (const Node& alias : aliases->items) info.aliases.push_back(alias.text);
  }
  if (const Node* summary = tree.find("summary"); summary != nullptr) info.summary = summary->text;
  return info;
}

std::vector<DirectoryEntry> read_directory(const std::string& directory,
                                           std::span<const KindCheck> more, const Catalog& below,
                                           Findings& findings) {
  std::vector<DirectoryEntry> entries;
  const std::vector<std::string> known = kind_names();
  for (const fs::path& folder : sorted_children(directory, findings)) {
    std::error_code code;
    if (!fs::is_directory(folder, code)) continue;
    const std::string kind = folder.filename().string();
    if (kind.starts_with('.')) continue;
    if (std::find(known.begin(), known.end(), kind) == known.end()) {
      findings.add(folder.string(),
                   fmt::format("'{}' is not a kind of entry{}", kind, suggestion(kind, known)));
      continue;
    }
    for (const fs::path& file : sorted_children(folder, findings)) {
      const std::string extension = file.extension().string();
      if (extension == ".yml") findings.add(file.string(), "entries end in .yaml");
      if (extension != ".yaml") continue;
      entries.push_back(read_file(file, kind, more, findings));
    }
  }
  if (entries.empty() && findings.empty()) {
    findings.add(directory,
                 fmt::format("holds no entries; they lie in folders named {}", join(known)));
  }
  check_names(entries, findings);
  check_references(entries, below, findings);
  return entries;
}

Findings check_directory(const std::string& directory, std::span<const KindCheck> more) {
  Findings findings;
  static_cast<void>(read_directory(directory, more, Catalog::built_in(), findings));
  return findings;
}

void check_tree(std::string_view kind, const Node& tree, Findings& findings) {
  if (kind == "accelerators") static_cast<void>(read_accelerator(tree, findings));
  if (kind == "systems") static_cast<void>(read_system(tree, findings));
  if (kind == "models") static_cast<void>(read_model_entry(tree, findings));
  if (kind == "clusters") static_cast<void>(read_cluster(tree, findings));
  if (kind == "fabrics") static_cast<void>(read_fabric(tree, findings));
  if (kind == "links") static_cast<void>(read_link(tree, findings));
  if (kind == "parts") static_cast<void>(read_part(tree, findings));
  if (kind == "prices") static_cast<void>(read_price(tree, findings));
}

}  // namespace penstock::catalog

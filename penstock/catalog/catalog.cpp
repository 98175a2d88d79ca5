#include "penstock/catalog/catalog.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <system_error>

#include "penstock/base/rng.h"
#include "penstock/base/text.h"
#include "penstock/catalog/directory.h"
#include "penstock/catalog/tree_codec.h"

namespace penstock::catalog {
namespace {

/// An entry of the built-in index: views into the blob, nothing copied.
struct IndexEntry {
  std::string_view kind;
  std::string_view id;
  std::vector<std::string_view> aliases;
  std::string_view summary;
  size_t tree_offset = 0;
};

/// Calls `visit` for the index entries in order of kind and id until it returns true; returns the
/// place where the trees begin.
template <class Visit>
size_t for_each_built_in(const Visit& visit) {
  TreeReader index(embedded_catalog(), nullptr);
  const uint64_t count = index.number();
  bool wanted = true;
  for (uint64_t i = 0; i < count; ++i) {
    IndexEntry entry;
    entry.kind = index.text();
    entry.id = index.text();
    entry.aliases.resize(index.number());
    for (std::string_view& alias : entry.aliases) alias = index.text();
    entry.summary = index.text();
    entry.tree_offset = index.number();
    if (wanted) wanted = !visit(entry);
  }
  return index.at();
}

template <class Names>
bool answers_to(const Names& aliases, std::string_view id, std::string_view name) {
  return same_name(id, name) ||
         std::any_of(aliases.begin(), aliases.end(),
                     [&](std::string_view alias) { return same_name(alias, name); });
}

EntryInfo to_info(const IndexEntry& entry) {
  return {std::string(entry.kind),
          std::string(entry.id),
          {entry.aliases.begin(), entry.aliases.end()},
          std::string(entry.summary)};
}

/// The value of a JSON escape such as \ud83d at `at`, or nullopt.
std::optional<uint32_t> unicode_escape(std::string_view text, size_t at) {
  constexpr size_t kLength = 6;
  constexpr int kHex = 16;
  if (at + kLength > text.size() || text.substr(at, 2) != "\\u") return std::nullopt;
  uint32_t value = 0;
  const char* end = text.data() + at + kLength;
  const auto [stop, code] = std::from_chars(text.data() + at + 2, end, value, kHex);
  if (code != std::errc{} || stop != end) return std::nullopt;
  return value;
}

/// JSON escapes a character beyond 16 bits as two halves; YAML knows only whole ones.
std::shared_ptr<const Source> with_whole_characters(const std::shared_ptr<const Source>& json) {
  constexpr uint32_t kHigh = 0xD800;  // first of the leading and of the trailing halves (Unicode)
  constexpr uint32_t kLow = 0xDC00;
  constexpr uint32_t kHalfBits = 10;
  constexpr uint32_t kBeyond = 0x10000;
  auto whole = std::make_shared<Source>(*json);
  std::string& text = whole->text;
  constexpr size_t kLength = 6;
  for (size_t at = text.find("\\u"); at != std::string::npos; at = text.find("\\u", at + 2)) {
    const auto high = unicode_escape(text, at);
    const auto low = unicode_escape(text, at + kLength);
    if (!high || !low || *high >> kHalfBits != kHigh >> kHalfBits) continue;
    if (*low >> kHalfBits != kLow >> kHalfBits) continue;
    const uint32_t value = kBeyond + ((*high - kHigh) << kHalfBits) + (*low - kLow);
    text.replace(at, 2 * kLength, fmt::format("\\U{:08X}", value));
  }
  return whole;
}

/// ModelOpt writes its quantization beside the config, which then says nothing of it.
void add_quantization(const std::filesystem::path& config, Node& tree, Findings& findings) {
  std::error_code code;
  const std::filesystem::path beside = config.parent_path() / "hf_quant_config.json";
  if (tree.find("quantization_config") != nullptr || !tree.is_map()) return;
  if (!std::filesystem::is_regular_file(beside, code)) return;
  Node quantization = parse_yaml(read_source(beside.string(), findings), findings);
  Node* found = quantization.find("quantization");
  if (found == nullptr) return;
  tree.entries.push_back({"quantization_config", found->mark, std::move(*found)});
}

/// A Hugging Face config: it bears no name, so the model takes its folder's or file's.
std::optional<Model> model_from_file(const std::filesystem::path& path, Findings& findings) {
  const size_t mistakes = findings.size();
  const std::shared_ptr<const Source> source = read_source(path.string(), findings);
  if (findings.size() != mistakes) return std::nullopt;
  Node tree = parse_yaml(with_whole_characters(source), findings);
  add_quantization(path, tree, findings);
  if (findings.size() != mistakes) return std::nullopt;
  Model model = read_model_config(tree, findings);
  if (findings.size() != mistakes) return std::nullopt;
  const std::string stem = path.stem().string();
  const std::string folder = path.parent_path().filename().string();
  model.id = stem == "config" && !folder.empty() ? folder : stem;
  model.summary = fmt::format("Read from {}", path.string());
  model.provenance = {path.string(), {}, Confidence::kHigh};
  return model;
}

}  // namespace

struct Catalog::Overlay {
  std::vector<DirectoryEntry> entries;  // in order of kind and id

  [[nodiscard]] const DirectoryEntry* find(std::string_view kind, std::string_view name) const {
    // an id wins over another entry's alias
    for (const DirectoryEntry& entry : entries) {
      if (entry.info.kind == kind && same_name(entry.info.id, name)) return &entry;
    }
    for (const DirectoryEntry& entry : entries) {
      if (entry.info.kind == kind && answers_to(entry.info.aliases, entry.info.id, name)) {
        return &entry;
      }
    }
    return nullptr;
  }
};

std::span<const std::string_view> kinds() {
  static constexpr std::array<std::string_view, 13> kKinds = {
      "accelerators", "systems",    "clusters",  "fabrics",  "models",  "links",    "parts",
      "prices",       "efficiency", "libraries", "dispatch", "engines", "workloads"};
  return kKinds;
}

Catalog Catalog::built_in() { return {}; }

void Catalog::overlay(const std::string& directory, Findings& findings) {
  std::vector<DirectoryEntry> read = read_directory(directory, {}, *this, findings);
  auto merged = std::make_shared<Overlay>();
  if (overlay_ != nullptr) merged->entries = overlay_->entries;
  for (DirectoryEntry& entry : read) {
    std::erase_if(merged->entries, [&](const DirectoryEntry& old) {
      return old.info.kind == entry.info.kind && old.info.id == entry.info.id;
    });
    merged->entries.push_back(std::move(entry));
  }
  std::sort(merged->entries.begin(), merged->entries.end(),
            [](const DirectoryEntry& a, const DirectoryEntry& b) {
              return a.info.kind != b.info.kind ? a.info.kind < b.info.kind : a.info.id < b.info.id;
            });
  overlay_ = std::move(merged);
}

std::vector<EntryInfo> Catalog::list(std::string_view kind) const {
  std::vector<EntryInfo> infos;
  for_each_built_in([&](const IndexEntry& entry) {
    if (entry.kind == kind) infos.push_back(to_info(entry));
    return false;
  });
  if (overlay_ == nullptr) return infos;
  for (const DirectoryEntry& entry : overlay_->entries) {
    if (entry.info.kind != kind) continue;
    const auto place =
        std::lower_bound(infos.begin(), infos.end(), entry.info,
                         [](const EntryInfo& a, const EntryInfo& b) { return a.id < b.id; });
    if (place != infos.end() && place->id == entry.info.id) {
      *place = entry.info;
    } else {
      infos.insert(place, entry.info);
    }
  }
  return infos;
}

std::optional<Node> Catalog::tree(std::string_view kind, std::string_view name) const {
  if (overlay_ != nullptr) {
    const DirectoryEntry* entry = overlay_->find(kind, name);
    if (entry != nullptr) return entry->tree;
  }
  std::optional<IndexEntry> found;
  const size_t trees = for_each_built_in([&](const IndexEntry& entry) {
    if (entry.kind != kind || !answers_to(entry.aliases, entry.id, name)) return false;
    found = entry;
    return true;
  });
  if (!found) return std::nullopt;
  auto source = std::make_shared<Source>();
  source->name = fmt::format("data/{}/{}.yaml", found->kind, found->id);
  return TreeReader(embedded_catalog().substr(trees + found->tree_offset), std::move(source))
      .tree();
}

std::optional<std::string> Catalog::canonical_id(std::string_view kind,
                                                 std::string_view name) const {
  if (overlay_ != nullptr) {
    const DirectoryEntry* entry = overlay_->find(kind, name);
    if (entry != nullptr) return entry->info.id;
  }
  std::optional<std::string> id;
  for_each_built_in([&](const IndexEntry& entry) {
    if (entry.kind != kind || !answers_to(entry.aliases, entry.id, name)) return false;
    id = entry.id;
    return true;
  });
  return id;
}

std::vector<std::string> Catalog::ids(std::string_view kind) const {
  std::vector<std::string> ids;
  for (EntryInfo& info : list(kind)) ids.push_back(std::move(info.id));
  return ids;
}

std::optional<Node> Catalog::find(std::string_view kind, std::string_view name, const Mark& mark,
                                  Findings& findings) const {
  std::optional<Node> found = tree(kind, name);
  if (found) return found;
  std::string_view noun = kind;
  if (noun.ends_with('s')) noun.remove_suffix(1);
  const std::string near = suggestion(name, ids(kind));
  findings.add(mark,
               fmt::format("no {} '{}' in the catalog{} (see: penstock catalog list {})", noun,
                           name.substr(0, 80), near, kind),
               static_cast<int>(std::min<size_t>(name.size(), 80)));
  return std::nullopt;
}

namespace {

/// Reads a tree that was found; nullopt when that makes a finding.
template <class Entry>
std::optional<Entry> read_found(const std::optional<Node>& found,
                                Entry (*read)(const Node&, Findings&), Findings& findings) {
  if (!found) return std::nullopt;
  const size_t mistakes = findings.size();
  Entry entry = read(*found, findings);
  if (findings.size() != mistakes) return std::nullopt;
  return entry;
}

}  // namespace

std::optional<Accelerator> Catalog::accelerator(std::string_view name, const Mark& mark,
                                                Findings& findings) const {
  return read_found(find("accelerators", name, mark, findings), read_accelerator, findings);
}

std::optional<System> Catalog::system(std::string_view name, const Mark& mark,
                                      Findings& findings) const {
  return read_found(find("systems", name, mark, findings), read_system, findings);
}

std::optional<Cluster> Catalog::cluster(std::string_view name, const Mark& mark,
                                        Findings& findings) const {
  return read_found(find("clusters", name, mark, findings), read_cluster, findings);
}

std::optional<Fabric> Catalog::fabric(std::string_view name, const Mark& mark,
                                      Findings& findings) const {
  return read_found(find("fabrics", name, mark, findings), read_fabric, findings);
}

std::optional<Link> Catalog::link(std::string_view name, const Mark& mark,
                                  Findings& findings) const {
  return read_found(find("links", name, mark, findings), read_link, findings);
}

std::optional<Part> Catalog::part(std::string_view name, const Mark& mark,
                                  Findings& findings) const {
  return read_found(find("parts", name, mark, findings), read_part, findings);
}

std::optional<Price> Catalog::price(std::string_view name, const Mark& mark,
                                    Findings& findings) const {
  return read_found(find("prices", name, mark, findings), read_price, findings);
}

std::optional<Model> Catalog::model(std::string_view name, const Mark& mark,
                                    Findings& findings) const {
  std::error_code code;
  const std::filesystem::path path(name);
  const bool file = name.ends_with(".json");
  // a repository name such as meta-llama/Llama-3.1-8B is an alias before it is a folder
  if (file || (!canonical_id("models", name) && std::filesystem::is_directory(path, code))) {
    return model_from_file(file ? path : path / "config.json", findings);
  }
  return read_found(find("models", name, mark, findings), read_model_entry, findings);
}

uint64_t Catalog::hash(std::span<const std::pair<std::string, std::string>> entries) const {
  std::string all;
  for (const auto& [kind, name] : entries) {
    const std::optional<Node> found = tree(kind, name);
    all += fmt::format("{}/{}\n{}\n", kind, canonical_id(kind, name).value_or(name),
                       found ? to_yaml(*found) : std::string());
  }
  return hash_text(all);
}

}  // namespace penstock::catalog

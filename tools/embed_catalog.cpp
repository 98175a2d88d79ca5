/// Host tool: compiles data/ into one C++ file, so that the program parses no files at start.
///
///     embed_catalog OUTPUT.cpp DATA_DIRECTORY
///
/// Reads every DATA_DIRECTORY/<kind>/*.yaml strictly and ends with exit code 2 and every mistake
/// when there are any: unreadable YAML, an id that is not the file's name, a name taken twice.

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "penstock/base/error.h"
#include "penstock/base/node.h"
#include "penstock/catalog/names.h"
#include "penstock/catalog/tree_codec.h"

namespace {

using namespace penstock;  // NOLINT: a program of one file

struct Entry {
  std::string kind;
  std::string id;
  std::vector<std::string> aliases;
  std::string summary;
  Node tree;
};

std::string text_of(const Node& tree, std::string_view key) {
  const Node* value = tree.find(key);
  return value != nullptr && value->is_scalar() ? value->text : std::string();
}

Entry read_entry(const std::filesystem::path& file, const std::string& kind, Findings& findings) {
  std::shared_ptr<const Source> read = read_source(file.string(), findings);
  // users know built-in entries by their place in the repository
  auto source = std::make_shared<Source>(*read);
  source->name = fmt::format("data/{}/{}", kind, file.filename().string());
  Entry entry;
  entry.kind = kind;
  entry.tree = parse_yaml(source, findings);
  entry.id = text_of(entry.tree, "id");
  entry.summary = text_of(entry.tree, "summary");
  if (!entry.tree.is_map()) findings.add(Mark{source, 1, 1}, "an entry is a group of keys");
  const std::string stem = file.stem().string();
  if (const Node* id = entry.tree.find("id"); id != nullptr && entry.id != stem) {
    findings.add(id->mark, fmt::format("'id' must be the file's name '{}'", stem));
  }
  entry.id = stem;
  if (const Node* aliases = entry.tree.find("aliases"); aliases != nullptr) {
    for (const Node& alias : aliases->items) entry.aliases.push_back(alias.text);
  }
  return entry;
}

std::vector<Entry> read_all(const std::filesystem::path& data, Findings& findings) {
  std::vector<Entry> entries;
  std::vector<std::filesystem::path> files;
  for (const auto& item : std::filesystem::recursive_directory_iterator(data)) {
    if (item.path().extension() == ".yaml") files.push_back(item.path());
  }
  for (const auto& file : files) {
    entries.push_back(read_entry(file, file.parent_path().filename().string(), findings));
  }
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return a.kind != b.kind ? a.kind < b.kind : a.id < b.id;
  });
  return entries;
}

void check_names(const std::vector<Entry>& entries, Findings& findings) {
  std::map<std::pair<std::string, std::string>, std::string> owner;
  for (const Entry& entry : entries) {
    std::vector<std::string> names = entry.aliases;
    names.push_back(entry.id);
    for (const std::string& name : names) {
      const auto [at, fresh] =
          owner.try_emplace({entry.kind, catalog::folded_name(name)}, entry.id);
      if (fresh) continue;
      findings.add(entry.tree.mark,
                   fmt::format("name '{}' of '{}' is taken by '{}'", name, entry.id, at->second));
    }
  }
}

std::string to_blob(const std::vector<Entry>& entries) {
  catalog::TreeWriter index;
  catalog::TreeWriter trees;
  index.number(entries.size());
  for (const Entry& entry : entries) {
    index.text(entry.kind);
    index.text(entry.id);
    index.number(entry.aliases.size());
    for (const std::string& alias : entry.aliases) index.text(alias);
    index.text(entry.summary);
    index.number(trees.bytes().size());
    trees.tree(entry.tree);
  }
  return index.bytes() + trees.bytes();
}

/// A string literal of many lines; an octal escape has three digits, so that it ends by itself.
std::string to_literal(std::string_view bytes) {
  constexpr size_t kBytesPerLine = 64;
  std::string out;
  for (size_t at = 0; at < bytes.size(); at += kBytesPerLine) {
    out += "\n    \"";
    for (const char c : bytes.substr(at, kBytesPerLine)) {
      const bool plain = c >= ' ' && c <= '~' && c != '"' && c != '\\' && c != '?';
      if (plain) {
        out += c;
      } else {
        out += fmt::format("\\{:03o}", static_cast<unsigned char>(c));
      }
    }
    out += '"';
  }
  return out;
}

int embed(const std::string& output, const std::string& data) {
  Findings findings;
  const std::vector<Entry> entries = read_all(data, findings);
  check_names(entries, findings);
  findings.throw_if_any();
  const std::string blob = to_blob(entries);
  std::ofstream file(output, std::ios::binary);
  file << fmt::format(
      "// Written by tools/embed_catalog from data/: {} entries.\n"
      "#include \"penstock/catalog/tree_codec.h\"\n\n"
      "namespace penstock::catalog {{\n\n"
      "std::string_view embedded_catalog() {{\n"
      "  static constexpr std::string_view kBlob({}, {});\n"
      "  return kBlob;\n}}\n\n"
      "}}  // namespace penstock::catalog\n",
      entries.size(), to_literal(blob), blob.size());
  file.flush();
  if (!file) {
    std::fprintf(stderr, "%s: cannot be written\n", output.c_str());
    return 1;
  }
  return 0;
}

}  // namespace

int main(int argument_count, char** arguments) {
  if (argument_count != 3) {
    std::fprintf(stderr, "usage: embed_catalog OUTPUT.cpp DATA_DIRECTORY\n");
    return 2;
  }
  try {
    return embed(arguments[1], arguments[2]);
  } catch (const InputError& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  } catch (const std::filesystem::filesystem_error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  }
}

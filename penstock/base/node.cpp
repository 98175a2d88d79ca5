#include "penstock/base/node.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>

#include "penstock/base/text.h"

namespace penstock {
namespace {

// limits that no real scenario nears and a hostile one soon meets
constexpr size_t kBytesMax = 64U << 20U;
constexpr size_t kDepthMax = 64;
constexpr size_t kValueCountMax = 1'000'000;  // as above

struct StopReading {};

/// Builds the tree from the parser's events and collects mistakes on the way.
class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(std::shared_ptr<const Source> source, Findings& findings)
      : source_(std::move(source)), findings_(findings) {}

  Node take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse_anchor(mark, anchor);
    Node node;
    node.mark = at(mark);
    place(std::move(node));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    findings_.add(at(mark), "aliases are not taken; write the value out");
    Node node;
    node.mark = at(mark);
    place(std::move(node));
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_anchor(mark, anchor);
    if (!tag.empty() && tag != "?" && tag != "!") {
      findings_.add(at(mark), fmt::format("tags are not taken; got '{}'", tag));
    }
    if (awaiting_key()) {
      open_.back().key = value;
      open_.back().key_mark = at(mark);
      open_.back().key_seen = true;
      return;
    }
    Node node;
    node.quoted = tag == "!";
    const bool null = !node.quoted && (value == "~" || value == "null");
    node.kind = null ? Node::Kind::kNull : Node::Kind::kScalar;
    node.text = null ? std::string() : value;
    node.mark = at(mark);
    place(std::move(node));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, anchor, Node::Kind::kList);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, anchor, Node::Kind::kMap);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    Node node;
    std::string key;
    Mark key_mark;
    bool key_seen = false;
  };

  [[nodiscard]] Mark at(const YAML::Mark& mark) const {
    return {source_, mark.line + 1, mark.column + 1};
  }

  [[nodiscard]] bool awaiting_key() const {
    return !open_.empty() && open_.back().node.is_map() && !open_.back().key_seen;
  }

  void refuse_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor != 0) findings_.add(at(mark), "anchors are not taken; write the value out");
  }

  void open(const YAML::Mark& mark, YAML::anchor_t anchor, Node::Kind kind) {
    refuse_anchor(mark, anchor);
    if (awaiting_key()) {
      findings_.add(at(mark), "a key must be a plain word");
      throw StopReading{};
    }
    if (open_.size() >= kDepthMax) {
      findings_.add(at(mark), fmt::format("nested deeper than {} levels", kDepthMax));
      throw StopReading{};
    }
    Open frame;
    frame.node.kind = kind;
    frame.node.mark = at(mark);
    open_.push_back(std::move(frame));
  }

  void close() {
    Node node = std::move(open_.back().node);
    open_.pop_back();
    place(std::move(node));
  }

  void place(Node node) {
    if (++value_count_ > kValueCountMax) {
      findings_.add(node.mark, fmt::format("more than {} values", kValueCountMax));
      throw StopReading{};
    }
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& parent = open_.back();
    if (parent.node.is_list()) {
      parent.node.items.push_back(std::move(node));
      return;
    }
    if (!parent.key_seen) {
      findings_.add(node.mark, "a key must be a plain word");
      throw StopReading{};
    }
    parent.key_seen = false;
    const auto width = static_cast<int>(parent.key.size());
    if (parent.key == "<<") {
      findings_.add(parent.key_mark, "merge keys are not taken; write the values out", width);
      return;
    }
    const auto same = std::find_if(parent.node.entries.begin(), parent.node.entries.end(),
                                   [&](const NodeEntry& e) { return e.key == parent.key; });
    if (same != parent.node.entries.end()) {
      findings_.add(
          parent.key_mark,
          fmt::format("duplicate key '{}'; first at line {}", parent.key, same->key_mark.line),
          width);
      return;
    }
    parent.node.entries.push_back({parent.key, parent.key_mark, std::move(node)});
  }

  std::shared_ptr<const Source> source_;
  Findings& findings_;
  std::vector<Open> open_;
  Node root_;
  size_t value_count_ = 0;
};

bool needs_quotes(const std::string& text) {
  if (text.empty() || text != trim(text)) return true;
  constexpr std::string_view kSpecial = ":#{}[],&*!|>'\"%@`\n\\";
  const bool special = text.find_first_of(kSpecial) != std::string::npos;
  return special || text[0] == '-' || text[0] == '?' || text == "null" || text == "~" ||
         text == "true" || text == "false";
}

std::string quote(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    out += c;
  }
  return out + "\"";
}

void write_yaml(const Node& node, int indent, std::string& out) {
  const std::string pad(static_cast<size_t>(indent), ' ');
  if (node.is_map()) {
    for (const NodeEntry& entry : node.entries) {
      out += pad + (needs_quotes(entry.key) ? quote(entry.key) : entry.key) + ":";
      const Node& value = entry.value;
      const bool nested =
          (value.is_map() && !value.entries.empty()) || (value.is_list() && !value.items.empty());
      out += nested ? "\n" : " ";
      write_yaml(value, indent + 2, out);
    }
    if (node.entries.empty()) out += "{}\n";
    return;
  }
  if (node.is_list()) {
    for (const Node& item : node.items) {
      const bool nested = item.is_map() || item.is_list();
      out += pad + (nested ? "-\n" : "- ");
      write_yaml(item, indent + 2, out);
    }
    if (node.items.empty()) out += "[]\n";
    return;
  }
  if (node.is_null()) {
    out += "null\n";
    return;
  }
  const bool plain = !node.quoted && !needs_quotes(node.text);
  const bool literal = !node.quoted && (node.text == "true" || node.text == "false");
  out += (plain || literal ? node.text : quote(node.text)) + "\n";
}

}  // namespace

const Node* Node::find(std::string_view key) const {
  for (const NodeEntry& entry : entries) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}

Node* Node::find(std::string_view key) {
  return const_cast<Node*>(std::as_const(*this).find(key));  // NOLINT: same object, not const here
}

Node parse_yaml(const std::shared_ptr<const Source>& source, Findings& findings) {
  const std::string& text = source->text;
  if (text.size() > kBytesMax) {
    findings.add(Mark{source, 0, 0}, fmt::format("larger than {} MiB", kBytesMax >> 20U));
    return {};
  }
  const size_t nul = text.find('\0');
  if (nul != std::string::npos) {
    const auto line =
        static_cast<int>(std::count(text.begin(), text.begin() + ptrdiff_t(nul), '\n'));
    findings.add(Mark{source, line + 1, 1}, "holds a zero byte; not a text file");
    return {};
  }
  TreeBuilder builder(source, findings);
  try {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    parser.HandleNextDocument(builder);
    Findings ignored;
    TreeBuilder rest(source, ignored);
    if (parser.HandleNextDocument(rest)) {
      findings.add(Mark{source, 0, 0}, "holds more than one YAML document; only one is read");
    }
  } catch (const YAML::Exception& error) {
    findings.add(Mark{source, error.mark.line + 1, error.mark.column + 1},
                 fmt::format("not readable as YAML: {}", error.msg));
  } catch (const StopReading&) {
    // the finding is already there
  }
  return builder.take();
}

std::shared_ptr<const Source> read_source(const std::string& path, Findings& findings) {
  auto source = std::make_shared<Source>();
  source->name = path;
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    findings.add(path, "cannot be opened; does the file exist and may it be read?");
    return source;
  }
  std::ostringstream text;
  text << file.rdbuf();
  if (file.bad() || (text.fail() && file.peek() != std::ifstream::traits_type::eof())) {
    findings.add(path, "cannot be read as a file");
    return source;
  }
  source->text = std::move(text).str();
  return source;
}

void set_path(Node& root, std::string_view path, std::string_view value_text,
              std::string_view origin, Findings& findings) {
  auto source = std::make_shared<Source>();
  source->name = origin;
  source->text = value_text;
  Node value = parse_yaml(source, findings);
  if (path.empty()) {
    findings.add(origin, "needs KEY=VALUE, for example serving.replicas=4");
    return;
  }
  Node* node = &root;
  for (const std::string_view key : split(path, '.')) {
    if (key.empty()) {
      findings.add(origin, fmt::format("'{}' is not a path of keys joined by '.'", path));
      return;
    }
    if (node->is_list()) {
      size_t index = 0;
      const auto [end, code] = std::from_chars(key.data(), key.data() + key.size(), index);
      const bool whole = code == std::errc{} && end == key.data() + key.size();
      if (!whole || index >= node->items.size()) {
        findings.add(origin, fmt::format("'{}' is not an index below {}", key, node->items.size()));
        return;
      }
      node = &node->items[index];
      continue;
    }
    if (!node->is_map()) {
      node->kind = Node::Kind::kMap;
      node->text.clear();
    }
    Node* next = node->find(key);
    if (next == nullptr) {
      node->entries.push_back({std::string(key), Mark{source, 1, 1}, Node{}});
      next = &node->entries.back().value;
      next->mark = Mark{source, 1, 1};
    }
    node = next;
  }
  *node = std::move(value);
  if (node->mark.source == nullptr) node->mark = Mark{source, 1, 1};
}

std::string to_yaml(const Node& node) {
  std::string out;
  write_yaml(node, 0, out);
  return out;
}

Node scalar_node(std::string text, bool quoted) {
  Node node;
  node.kind = Node::Kind::kScalar;
  node.text = std::move(text);
  node.quoted = quoted;
  return node;
}

}  // namespace penstock

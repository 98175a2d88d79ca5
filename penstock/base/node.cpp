#include "penstock/base/node.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <unordered_map>

#include "penstock/base/text.h"

namespace penstock {
namespace {

// limits that no real scenario nears and a hostile one soon meets
constexpr size_t kBytesMax = 64U << 20U;
constexpr size_t kDepthMax = 64;
constexpr size_t kValueCountMax = 1'000'000;  // as above

// the parser takes an open bracket at the end of a text for a key
constexpr std::string_view kKeyMistake = "a key must be a plain word, or a bracket is left open";

struct StopReading {};

/// Where the text of a place begins, or npos.
size_t offset_of(std::string_view text, const Mark& mark) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  size_t begin = text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  for (int line = 1; line < mark.line; ++line) {
    begin = text.find('\n', begin);
    if (begin == std::string_view::npos) return begin;
    ++begin;
  }
  return begin + static_cast<size_t>(mark.column) - 1;
}

/// Whether the quoted scalar at `offset` has its closing quote.
bool quote_closes(std::string_view text, size_t offset) {
  const char quote = text[offset];
  for (size_t i = offset + 1; i < text.size(); ++i) {
    const bool doubled = quote == '\'' && text[i] == quote && text.substr(i + 1, 1) == "'";
    if (doubled || (text[i] == '\\' && quote == '"')) {
      ++i;
    } else if (text[i] == quote) {
      return true;
    }
  }
  return false;
}

/// Builds the tree from the parser's events and collects mistakes on the way.
class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(std::shared_ptr<const Source> source, Findings& findings)
      : source_(std::move(source)), findings_(findings) {}

  Node take() { return std::move(root_); }

  /// The parser accepts a quote that the end of the text cuts off after a line end; only the last
  /// one can be.
  void check_last_quote() {
    const size_t offset = offset_of(source_->text, last_quote_);
    if (last_quote_.line == 0 || offset >= source_->text.size()) return;
    const char c = source_->text[offset];
    if ((c != '"' && c != '\'') || quote_closes(source_->text, offset)) return;
    findings_.add(last_quote_, "this quote is never closed");
  }

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
    refuse_tag(mark, tag);
    if (tag == "!") last_quote_ = at(mark);
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

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    refuse_tag(mark, tag);
    open(mark, anchor, Node::Kind::kList);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    refuse_tag(mark, tag);
    open(mark, anchor, Node::Kind::kMap);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    Node node;
    std::string key;
    Mark key_mark;
    bool key_seen = false;
    std::unordered_map<std::string, int> lines;  // of the keys so far
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

  void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    // the parser's own words for a plain and a quoted value
    if (tag.empty() || tag == "?" || tag == "!") return;
    findings_.add(at(mark), fmt::format("tags are not taken; got '{}'", tag));
  }

  void open(const YAML::Mark& mark, YAML::anchor_t anchor, Node::Kind kind) {
    refuse_anchor(mark, anchor);
    if (awaiting_key()) {
      findings_.add(at(mark), std::string(kKeyMistake));
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
      findings_.add(node.mark, std::string(kKeyMistake));
      throw StopReading{};
    }
    parent.key_seen = false;
    const auto width = static_cast<int>(parent.key.size());
    if (parent.key == "<<") {
      findings_.add(parent.key_mark, "merge keys are not taken; write the values out", width);
      return;
    }
    const auto [first, fresh] = parent.lines.try_emplace(parent.key, parent.key_mark.line);
    if (!fresh) {
      findings_.add(parent.key_mark,
                    fmt::format("duplicate key '{}'; first at line {}", parent.key, first->second),
                    width);
      return;
    }
    parent.node.entries.push_back({parent.key, parent.key_mark, std::move(node)});
  }

  std::shared_ptr<const Source> source_;
  Findings& findings_;
  std::vector<Open> open_;
  Node root_;
  Mark last_quote_;
  size_t value_count_ = 0;
};

bool is_control(char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }

/// Whether a plain scalar of this text would read as anything but itself.
bool needs_quotes(const std::string& text) {
  if (text.empty() || text != trim(text)) return true;
  if (std::any_of(text.begin(), text.end(), is_control)) return true;
  constexpr std::string_view kNeverFirst = ",[]{}#&*!|>'\"%@`";
  if (kNeverFirst.find(text[0]) != std::string_view::npos) return true;
  // signs of structure only before a space
  const bool lone = text.size() == 1 || text[1] == ' ';
  if (lone && std::string_view("-?:").find(text[0]) != std::string_view::npos) return true;
  if (text.ends_with(':') || text.find(": ") != std::string::npos) return true;
  if (text.find(" #") != std::string::npos) return true;
  if (text.starts_with("---") || text.starts_with("...")) return true;
  constexpr std::array<std::string_view, 6> kWords = {"~", "null", "Null", "NULL", "true", "false"};
  return std::find(kWords.begin(), kWords.end(), text) != kWords.end();
}

std::string quote(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (is_control(c)) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
      continue;
    }
    if (c == '"' || c == '\\') out += '\\';
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
      const bool nested =
          (item.is_map() && !item.entries.empty()) || (item.is_list() && !item.items.empty());
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
    builder.check_last_quote();
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
  Node root = builder.take();
  // an empty text has no events, and still a name
  if (root.mark.source == nullptr) root.mark = Mark{source, 0, 0};
  return root;
}

std::shared_ptr<const Source> read_source(const std::string& path, Findings& findings) {
  auto source = std::make_shared<Source>();
  source->name = path;
  std::ifstream file(path, std::ios::binary);
  std::error_code no_error;
  if (std::filesystem::is_directory(path, no_error)) {
    findings.add(path, "cannot be read; it is a folder, not a file");
    return source;
  }
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

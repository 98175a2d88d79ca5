/// Commands of the penstock program: each one describes itself once, and parsing, help, man page,
/// shell completion and the reference page all read that description.
///
/// A command is one file in commands/: a class with `spec` and `run`, registered with its one line.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/base/error.h"
#include "penstock/base/fields.h"
#include "penstock/base/registry.h"
#include "penstock/base/unit_text.h"

namespace penstock::cli {

/// What a value names, for completion and for reading.
enum class ValueKind : uint8_t { kText, kNumber, kFile, kDirectory, kModel, kAccelerator, kKind };

struct OptionSpec {
  std::string name;   ///< "--out"
  std::string value;  ///< "DIR"; empty for a switch
  std::string doc;
  ValueKind kind = ValueKind::kText;
  bool repeatable = false;
  bool required = false;
  std::vector<std::string> choices = {};  ///< when only these are taken
  std::string alone = {};                 ///< the value when none follows; empty: one must follow
};

/// An option that takes a number.
inline OptionSpec number_option(std::string name, std::string doc) {
  return {std::move(name), "N", std::move(doc), ValueKind::kNumber};
}

struct PositionalSpec {
  std::string name;  ///< "SCENARIO"
  std::string doc;
  ValueKind kind = ValueKind::kFile;
  bool required = true;
  bool repeatable = false;
};

struct CommandSpec {
  std::string path;  ///< "trace info"
  std::string description;
  std::vector<PositionalSpec> positionals;
  std::vector<OptionSpec> options;
  std::vector<std::string> examples;
};

/// Options that every command takes.
const std::vector<OptionSpec>& global_options();

/// The words of a command line, matched against a spec. Typed look-ups collect mistakes; `check`
/// throws all of them at once.
class Arguments {
 public:
  Arguments(const CommandSpec& spec, const std::vector<std::string>& words);

  [[nodiscard]] bool flag(std::string_view name) const;
  [[nodiscard]] std::optional<std::string> text(std::string_view name) const;
  [[nodiscard]] std::vector<std::string> list(std::string_view name) const;
  int64_t integer(std::string_view name, int64_t default_value, Bounds bounds = {});
  /// A plain number, for options of text.
  double ratio(std::string_view name, double default_ratio, Bounds bounds = {});
  template <class Q>
  std::optional<Q> quantity(std::string_view name) {
    const auto value = text(name);
    if (!value) return std::nullopt;
    const auto parsed = parse<Q>(*value);
    if (!parsed) {
      findings_.add(name, parsed.error());
      return std::nullopt;
    }
    return *parsed;
  }
  template <NamedEnum E>
  std::optional<E> choice(std::string_view name) {
    const auto value = text(name);
    if (!value) return std::nullopt;
    std::vector<std::string> names;
    for (const auto& [e, word] : EnumText<E>::kNames) {
      if (*value == word) return e;
      names.emplace_back(word);
    }
    report_choice(name, *value, names);
    return std::nullopt;
  }
  /// Positional values in order.
  [[nodiscard]] const std::vector<std::string>& positionals() const { return positionals_; }
  [[nodiscard]] std::string positional(size_t index) const {
    return index < positionals_.size() ? positionals_[index] : std::string();
  }
  Findings& findings() { return findings_; }
  /// Throws InputError when anything was wrong.
  void check() const { findings_.throw_if_any(); }

 private:
  /// Takes one option; returns 1 when it used the next word as its value.
  size_t take_option(const CommandSpec& spec, const std::string& word, const std::string* next);
  /// Too few or too many positionals, required options that are missing.
  void check_counts(const CommandSpec& spec);
  void report_choice(std::string_view name, std::string_view value,
                     const std::vector<std::string>& choices);

  std::map<std::string, std::vector<std::string>, std::less<>> values_;
  std::vector<std::string> positionals_;
  Findings findings_;
};

/// Exit codes; they mean the same for every command.
enum ExitCode : int {
  kAnswered = 0,     ///< the answer is printed
  kUserMistake = 2,  ///< nothing was done; every mistake is printed
  kInfeasible = 3,   ///< the answer is that the plan cannot be, with the arithmetic
  kOurBug = 70,      ///< a check failed; its numbers are printed
  kNoOutput = 74,    ///< an output could not be written
};

class Command {
 public:
  virtual ~Command() = default;
  [[nodiscard]] virtual CommandSpec spec() const = 0;
  virtual int run(Arguments& arguments) const = 0;
};

/// A registered command with its line.
struct CommandEntry {
  CommandSpec spec;
  std::string summary;
  const Registry<Command>::Entry* entry;
};

/// All commands in order of path.
std::vector<CommandEntry> commands();

/// Help of one command, of all, and the generated forms.
std::string help_text(const CommandEntry& command);
std::string help_text();
std::string man_page();
std::string completion(std::string_view shell);
/// docs/reference/cli.md
std::string reference_page();

}  // namespace penstock::cli

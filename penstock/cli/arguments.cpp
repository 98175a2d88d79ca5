#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "penstock/base/text.h"
#include "penstock/cli/command.h"

namespace penstock::cli {
namespace {

const OptionSpec* find_option(const CommandSpec& spec, std::string_view name) {
  const auto in = [&](const std::vector<OptionSpec>& options) -> const OptionSpec* {
    for (const OptionSpec& option : options) {
      if (option.name == name) return &option;
    }
    return nullptr;
  };
  const OptionSpec* own = in(spec.options);
  return own != nullptr ? own : in(global_options());
}

std::vector<std::string> option_names(const CommandSpec& spec) {
  std::vector<std::string> names;
  for (const OptionSpec& option : spec.options) names.push_back(option.name);
  for (const OptionSpec& option : global_options()) names.push_back(option.name);
  return names;
}

bool parse_whole(std::string_view text, int64_t& number) {
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  return code == std::errc{} && end == text.data() + text.size();
}

}  // namespace

const std::vector<OptionSpec>& global_options() {
  static const std::vector<OptionSpec> options = {
      {"--help", "", "Show the command's help.", ValueKind::kText},
      {"--json", "", "Print JSON instead of text.", ValueKind::kText},
      {"--catalog", "DIR",
       "Folder with own catalog entries, laid out as data/; they add to and "
       "replace the built-in ones.",
       ValueKind::kDirectory, true},
      {"--threads", "N", "Threads for independent runs; 0 takes all cores.", ValueKind::kNumber},
      {"--width", "N", "Columns of printed tables; unset: the terminal's, else 100.",
       ValueKind::kNumber},
      {"--quiet", "", "Print no summary and no progress.", ValueKind::kText},
  };
  return options;
}

Arguments::Arguments(const CommandSpec& spec, const std::vector<std::string>& words) {
  bool only_positionals = false;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "--" && !only_positionals) {
      only_positionals = true;
    } else if (only_positionals || word.size() < 2 || word[0] != '-') {
      positionals_.push_back(word);
    } else if (!word.starts_with("--")) {
      findings_.add(word, "is no option; options begin with two dashes" +
                              suggestion("-" + word, option_names(spec)));
    } else {
      i += take_option(spec, word, i + 1 < words.size() ? &words[i + 1] : nullptr);
    }
  }
  if (!flag("--help")) check_counts(spec);
}

size_t Arguments::take_option(const CommandSpec& spec, const std::string& word,
                              const std::string* next) {
  const size_t equals = word.find('=');
  const std::string name = word.substr(0, equals);
  const bool next_is_value = next != nullptr && !next->starts_with("--");
  const OptionSpec* option = find_option(spec, name);
  if (option == nullptr) {
    findings_.add(name, "is no option of 'penstock " + spec.path + "'" +
                            suggestion(name, option_names(spec)));
    // a value that followed an unknown option is not a positional
    return equals == std::string::npos && next_is_value ? 1 : 0;
  }
  std::string value;
  size_t used = 0;
  if (option->value.empty()) {
    if (equals != std::string::npos) findings_.add(name, "takes no value");
  } else if (equals != std::string::npos) {
    value = word.substr(equals + 1);
  } else if (next_is_value) {
    value = *next;
    used = 1;
  } else if (!option->alone.empty()) {
    value = option->alone;
  } else {
    findings_.add(name, fmt::format("needs a value: {} {}", name, option->value));
    return 0;
  }
  if (!option->repeatable && values_.contains(name)) {
    findings_.add(name, "is given twice");
    return used;
  }
  const auto& choices = option->choices;
  if (!choices.empty() && std::find(choices.begin(), choices.end(), value) == choices.end()) {
    report_choice(name, value, choices);
  }
  int64_t number = 0;
  if (option->kind == ValueKind::kNumber && !parse_whole(value, number)) {
    findings_.add(name, fmt::format("must be a whole number; got \"{}\"", value));
  }
  values_[name].push_back(value);
  return used;
}

void Arguments::check_counts(const CommandSpec& spec) {
  size_t most = 0;
  for (const PositionalSpec& p : spec.positionals) {
    if (p.required && positionals_.size() <= most) {
      findings_.add("penstock " + spec.path, fmt::format("needs {}: {}", p.name, p.doc));
    }
    most = p.repeatable ? SIZE_MAX : most + 1;
    if (p.repeatable) break;
  }
  for (size_t i = most; i < positionals_.size(); ++i) {
    findings_.add(positionals_[i], "is one argument too many for 'penstock " + spec.path + "'");
  }
  for (const OptionSpec& option : spec.options) {
    if (option.required && !values_.contains(option.name)) {
      findings_.add("penstock " + spec.path,
                    fmt::format("needs {} {}: {}", option.name, option.value, option.doc));
    }
  }
}

bool Arguments::flag(std::string_view name) const { return values_.find(name) != values_.end(); }

std::optional<std::string> Arguments::text(std::string_view name) const {
  const auto at = values_.find(name);
  return at == values_.end() ? std::nullopt : std::optional(at->second.back());
}

std::vector<std::string> Arguments::list(std::string_view name) const {
  const auto at = values_.find(name);
  return at == values_.end() ? std::vector<std::string>{} : at->second;
}

int64_t Arguments::integer(std::string_view name, int64_t default_value, Bounds bounds) {
  const auto value = text(name);
  int64_t number = 0;
  // what is no number was reported on reading
  if (!value || !parse_whole(*value, number)) return default_value;
  const auto as_double = static_cast<double>(number);
  if (as_double < bounds.min || as_double > bounds.max) {
    findings_.add(
        name, fmt::format("must be between {:g} and {:g}; got {}", bounds.min, bounds.max, number));
    return default_value;
  }
  return number;
}

double Arguments::ratio(std::string_view name, double default_ratio, Bounds bounds) {
  const auto value = text(name);
  if (!value) return default_ratio;
  double number = 0.0;
  const auto [end, code] = std::from_chars(value->data(), value->data() + value->size(), number);
  const bool whole = code == std::errc{} && end == value->data() + value->size();
  if (whole && number >= bounds.min && number <= bounds.max) return number;
  findings_.add(name, fmt::format("must be a number between {:g} and {:g}; got \"{}\"", bounds.min,
                                  bounds.max, *value));
  return default_ratio;
}

void Arguments::report_choice(std::string_view name, std::string_view value,
                              const std::vector<std::string>& choices) {
  findings_.add(name, fmt::format("must be one of {}; got \"{}\"{}", join(choices), value,
                                  suggestion(value, choices)));
}

}  // namespace penstock::cli

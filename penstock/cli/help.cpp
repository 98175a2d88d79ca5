#include <fmt/format.h>

#include <algorithm>

#include "penstock/cli/command.h"
#include "penstock/version.h"

namespace penstock::cli {
namespace {

constexpr size_t kHelpColumn = 28;
constexpr size_t kHelpWidth = 96;

/// Words wrapped to the width, continuation lines indented.
std::string wrapped(std::string_view text, size_t indent) {
  std::string out;
  size_t column = indent;
  size_t at = 0;
  while (at < text.size()) {
    size_t end = text.find(' ', at);
    if (end == std::string_view::npos) end = text.size();
    const std::string_view word = text.substr(at, end - at);
    if (column + word.size() > kHelpWidth && column > indent) {
      out += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (column > indent) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
    at = end + 1;
  }
  return out;
}

std::string row(const std::string& left, std::string_view doc) {
  std::string line = "  " + left;
  if (line.size() + 2 > kHelpColumn) {
    line += "\n" + std::string(kHelpColumn, ' ');
  } else {
    line.resize(kHelpColumn, ' ');
  }
  return line + wrapped(doc, kHelpColumn) + "\n";
}

std::string option_doc(const OptionSpec& option) {
  std::string doc = option.doc;
  if (!option.choices.empty()) doc += fmt::format(" One of {}.", fmt::join(option.choices, ", "));
  if (option.repeatable) doc += " May be given more than once.";
  return doc;
}

std::string option_left(const OptionSpec& option) {
  if (option.value.empty()) return option.name;
  return option.name + (option.alone.empty() ? " " + option.value : " [" + option.value + "]");
}

std::string usage_line(const CommandSpec& spec) {
  std::string line = "penstock " + spec.path;
  for (const PositionalSpec& p : spec.positionals) {
    const std::string name = p.repeatable ? p.name + "..." : p.name;
    line += p.required ? " " + name : " [" + name + "]";
  }
  for (const OptionSpec& option : spec.options) {
    if (option.required) line += " " + option_left(option);
  }
  return line + " [options]";
}

/// Text for groff: a leading dash or dot would be an instruction.
std::string man_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '-' || c == '\\') out += '\\';
    out += c;
  }
  return out.starts_with('.') || out.starts_with('\'') ? "\\&" + out : out;
}

}  // namespace

std::vector<CommandEntry> commands() {
  std::vector<CommandEntry> all;
  for (const auto& entry : Registry<Command>::entries()) {
    all.push_back({entry.make()->spec(), entry.doc, &entry});
  }
  std::sort(all.begin(), all.end(),
            [](const CommandEntry& a, const CommandEntry& b) { return a.spec.path < b.spec.path; });
  return all;
}

std::string help_text(const CommandEntry& command) {
  const CommandSpec& spec = command.spec;
  std::string text =
      fmt::format("{}\n\nusage: {}\n", wrapped(command.summary, 0), usage_line(spec));
  if (!spec.description.empty()) text += "\n" + wrapped(spec.description, 0) + "\n";
  if (!spec.positionals.empty()) text += "\narguments:\n";
  for (const PositionalSpec& p : spec.positionals) text += row(p.name, p.doc);
  if (!spec.options.empty()) text += "\noptions:\n";
  for (const OptionSpec& o : spec.options) text += row(option_left(o), option_doc(o));
  text += "\noptions of every command:\n";
  for (const OptionSpec& o : global_options()) {
    // a command may give an option its own meaning
    const bool own = std::any_of(spec.options.begin(), spec.options.end(),
                                 [&](const OptionSpec& mine) { return mine.name == o.name; });
    if (!own) text += row(option_left(o), option_doc(o));
  }
  if (!spec.examples.empty()) text += "\nexamples:\n";
  for (const std::string& example : spec.examples) text += "  " + example + "\n";
  return text;
}

std::string help_text() {
  std::string text = fmt::format(
      "penstock {}: an executable model of AI compute, from requests to accelerators, watts and "
      "dollars\n\nusage: penstock COMMAND [arguments] [options]\n\ncommands:\n",
      kVersion);
  for (const CommandEntry& command : commands()) text += row(command.spec.path, command.summary);
  text +=
      "\nstart here:\n"
      "  penstock run scenarios/azure_conversation_hour.yaml --out out/\n"
      "  penstock COMMAND --help\n"
      "\nexit codes: 0 answered, 2 mistakes in what was given, 3 the plan is infeasible, 70 a "
      "bug of ours,\n74 an output could not be written\n";
  return text;
}

std::string man_page() {
  std::string page = fmt::format(
      ".TH PENSTOCK 1 \"\" \"penstock {}\" \"User Commands\"\n.SH NAME\n"
      "penstock \\- executable model of AI compute\n.SH SYNOPSIS\n.B penstock\n"
      ".I COMMAND\n[arguments] [options]\n.SH COMMANDS\n",
      kVersion);
  for (const CommandEntry& command : commands()) {
    page += fmt::format(".SS \"{}\"\n{}\n", man_text(usage_line(command.spec)),
                        man_text(command.summary));
    if (!command.spec.description.empty()) {
      page += ".PP\n" + man_text(command.spec.description) + "\n";
    }
    for (const PositionalSpec& p : command.spec.positionals) {
      page += fmt::format(".TP\n.I {}\n{}\n", man_text(p.name), man_text(p.doc));
    }
    for (const OptionSpec& o : command.spec.options) {
      page += fmt::format(".TP\n.B {}\n{}\n", man_text(option_left(o)), man_text(option_doc(o)));
    }
  }
  page += ".SH OPTIONS\nEvery command takes these.\n";
  for (const OptionSpec& o : global_options()) {
    page += fmt::format(".TP\n.B {}\n{}\n", man_text(option_left(o)), man_text(option_doc(o)));
  }
  page +=
      ".SH EXIT STATUS\n.TP\n.B 0\nanswered\n.TP\n.B 2\nmistakes in what was given; nothing was "
      "done\n.TP\n.B 3\nthe plan is infeasible; the reason is printed\n.TP\n.B 70\na bug of "
      "ours\n.TP\n.B 74\nan output could not be written\n";
  return page;
}

std::string reference_page() {
  std::string page =
      "# Command line\n\nGenerated by `penstock docs`; do not edit.\n\nExit codes: 0 answered, 2 "
      "mistakes in what was given, 3 the plan is infeasible, 70 a bug of ours, 74 an output could "
      "not be written.\n\n## Options of every command\n\n| option | meaning |\n|---|---|\n";
  for (const OptionSpec& o : global_options()) {
    page += fmt::format("| `{}` | {} |\n", option_left(o), option_doc(o));
  }
  for (const CommandEntry& command : commands()) {
    page += fmt::format("\n## penstock {}\n\n{}\n\n```\n{}\n```\n", command.spec.path,
                        command.summary, usage_line(command.spec));
    if (!command.spec.description.empty()) page += "\n" + command.spec.description + "\n";
    if (!command.spec.positionals.empty() || !command.spec.options.empty()) {
      page += "\n| argument or option | meaning |\n|---|---|\n";
    }
    for (const PositionalSpec& p : command.spec.positionals) {
      page += fmt::format("| `{}` | {} |\n", p.name, p.doc);
    }
    for (const OptionSpec& o : command.spec.options) {
      page += fmt::format("| `{}` | {} |\n", option_left(o), option_doc(o));
    }
    for (const std::string& example : command.spec.examples) {
      page += fmt::format("\n    {}\n", example);
    }
  }
  return page;
}

}  // namespace penstock::cli

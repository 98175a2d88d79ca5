#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "penstock/base/text.h"
#include "penstock/cli/command.h"

namespace penstock::cli {
namespace {

/// First words, and the second words of each.
std::map<std::string, std::set<std::string>> word_tree() {
  std::map<std::string, std::set<std::string>> tree;
  for (const CommandEntry& command : commands()) {
    const auto words = split(command.spec.path, ' ');
    auto& second = tree[std::string(words[0])];
    if (words.size() > 1) second.insert(std::string(words[1]));
  }
  return tree;
}

std::string options_of(const CommandSpec& spec) {
  std::vector<std::string> names;
  for (const OptionSpec& o : spec.options) names.push_back(o.name);
  for (const OptionSpec& o : global_options()) {
    if (std::find(names.begin(), names.end(), o.name) == names.end()) names.push_back(o.name);
  }
  return join(names, " ");
}

std::string bash_completion() {
  std::string first;
  std::string seconds;
  for (const auto& [word, second] : word_tree()) {
    first += " " + word;
    if (second.empty()) continue;
    seconds += fmt::format("    {}) [[ $COMP_CWORD -eq 2 ]] && words=\"{}\" ;;\n", word,
                           fmt::join(second, " "));
  }
  std::string options;
  for (const CommandEntry& command : commands()) {
    options +=
        fmt::format("    '{}') words=\"{}\" ;;\n", command.spec.path, options_of(command.spec));
  }
  return fmt::format(R"(# bash completion for penstock
_penstock() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}} words=""
  case $previous in
    --model) words=$(penstock catalog list models --ids 2>/dev/null) ;;
    --accelerator) words=$(penstock catalog list accelerators --ids 2>/dev/null) ;;
  esac
  if [[ -n $words ]]; then
    COMPREPLY=($(compgen -W "$words" -- "$current"))
    return
  fi
  if [[ $COMP_CWORD -eq 1 ]]; then
    COMPREPLY=($(compgen -W "{} --help --version" -- "$current"))
    return
  fi
  if [[ $current == --* ]]; then
    case "${{COMP_WORDS[1]}} ${{COMP_WORDS[2]}}" in
{}    esac
    [[ -n $words ]] || case "${{COMP_WORDS[1]}}" in
{}    esac
    COMPREPLY=($(compgen -W "$words" -- "$current"))
    return
  fi
  case ${{COMP_WORDS[1]}} in
{}  esac
  if [[ -n $words ]]; then
    COMPREPLY=($(compgen -W "$words" -- "$current"))
  else
    COMPREPLY=($(compgen -f -- "$current"))
  fi
}}
complete -o filenames -F _penstock penstock
)",
                     first, options, options, seconds);
}

std::string zsh_completion() {
  std::string cases;
  for (const CommandEntry& command : commands()) {
    cases +=
        fmt::format("    '{}') options=({}) ;;\n", command.spec.path, options_of(command.spec));
  }
  std::string first;
  std::string seconds;
  for (const auto& [word, second] : word_tree()) {
    first += " " + word;
    if (!second.empty()) {
      seconds += fmt::format("    {}) compadd {} ;;\n", word, fmt::join(second, " "));
    }
  }
  return fmt::format(R"(#compdef penstock
# zsh completion for penstock
_penstock() {{
  local -a options
  case "${{words[CURRENT-1]}}" in
    --model) compadd $(penstock catalog list models --ids 2>/dev/null); return ;;
    --accelerator) compadd $(penstock catalog list accelerators --ids 2>/dev/null); return ;;
  esac
  if (( CURRENT == 2 )); then compadd --{}; return; fi
  if (( CURRENT == 3 )) && [[ $PREFIX != -* ]]; then
    case "${{words[2]}}" in
{}    esac
  fi
  case "${{words[2]}} ${{words[3]}}" in
{}  esac
  (( ${{#options}} )) || case "${{words[2]}}" in
{}  esac
  if [[ $PREFIX == -* ]]; then compadd -- $options; else _files; fi
}}
_penstock "$@"
)",
                     first, seconds, cases, cases);
}

std::string fish_completion() {
  std::string out = "# fish completion for penstock\n";
  for (const auto& [word, second] : word_tree()) {
    out += fmt::format("complete -c penstock -n __fish_use_subcommand -a {}\n", word);
    for (const std::string& next : second) {
      out += fmt::format("complete -c penstock -n '__fish_seen_subcommand_from {}' -a {}\n", word,
                         next);
    }
  }
  for (const CommandEntry& command : commands()) {
    const auto words = split(command.spec.path, ' ');
    for (const OptionSpec& o : command.spec.options) {
      out +=
          fmt::format("complete -c penstock -n '__fish_seen_subcommand_from {}' -l {}{} -d '{}'\n",
                      words.back(), o.name.substr(2), o.value.empty() ? "" : " -r",
                      fmt::join(split(o.doc, '\''), "\\'"));
    }
  }
  for (const OptionSpec& o : global_options()) {
    out += fmt::format("complete -c penstock -l {}{} -d '{}'\n", o.name.substr(2),
                       o.value.empty() ? "" : " -r", fmt::join(split(o.doc, '\''), "\\'"));
  }
  return out;
}

}  // namespace

std::string completion(std::string_view shell) {
  if (shell == "bash") return bash_completion();
  if (shell == "zsh") return zsh_completion();
  return fish_completion();
}

}  // namespace penstock::cli

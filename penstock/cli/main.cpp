// The penstock program: finds the command, runs it, and turns what went wrong into an exit code.
#include <fmt/format.h>

#include <algorithm>

#include "penstock/base/check.h"
#include "penstock/base/text.h"
#include "penstock/cli/command.h"
#include "penstock/cli/session.h"
#include "penstock/version.h"

namespace penstock::cli {
namespace {

/// The command whose path the words begin with, and how many words that took.
std::pair<const CommandEntry*, size_t> find_command(const std::vector<CommandEntry>& all,
                                                    const std::vector<std::string>& words) {
  const CommandEntry* best = nullptr;
  size_t used = 0;
  for (const CommandEntry& command : all) {
    const auto path = split(command.spec.path, ' ');
    if (path.size() > words.size() || path.size() <= used) continue;
    if (std::equal(path.begin(), path.end(), words.begin())) {
      best = &command;
      used = path.size();
    }
  }
  return {best, used};
}

/// What was probably meant, for a command that does not exist.
std::string unknown_command(const std::vector<CommandEntry>& all,
                            const std::vector<std::string>& words) {
  std::vector<std::string> below;
  std::vector<std::string> paths;
  for (const CommandEntry& command : all) {
    paths.push_back(command.spec.path);
    if (command.spec.path.starts_with(words[0] + " ")) below.push_back(command.spec.path);
  }
  if (!below.empty()) {
    const std::string near =
        words.size() > 1 ? suggestion(words[0] + " " + words[1], below) : std::string();
    return fmt::format("penstock {}: needs one of: {}{}\n", words[0], join(below), near);
  }
  const std::string typed =
      words.size() > 1 && !words[1].starts_with("-") ? words[0] + " " + words[1] : words[0];
  std::string hint = suggestion(typed, paths);
  if (hint.empty()) hint = suggestion(words[0], paths);
  if (hint.empty()) hint = "; see penstock --help";
  return fmt::format("penstock: no command '{}'{}\n", typed, hint);
}

int dispatch(std::vector<std::string> words) {
  const std::vector<CommandEntry> all = commands();
  if (!words.empty() && words[0] == "help") {
    words.erase(words.begin());
    if (!words.empty()) words.emplace_back("--help");
  }
  if (words.empty() || words[0] == "--help" || words[0] == "-h") {
    print(help_text());
    return kAnswered;
  }
  if (words[0] == "--version") {
    print(fmt::format("penstock {}\n", kVersion));
    return kAnswered;
  }
  const auto [command, used] = find_command(all, words);
  if (command == nullptr) {
    print_error(unknown_command(all, words));
    return kUserMistake;
  }
  words.erase(words.begin(), words.begin() + static_cast<ptrdiff_t>(used));
  std::replace(words.begin(), words.end(), std::string("-h"), std::string("--help"));
  Arguments arguments(command->spec, words);
  if (arguments.flag("--help")) {
    print(help_text(*command));
    return kAnswered;
  }
  arguments.check();
  return command->entry->make()->run(arguments);
}

}  // namespace
}  // namespace penstock::cli

int main(int argc, char** argv) {
  using namespace penstock;       // NOLINT: the whole of main is about penstock
  using namespace penstock::cli;  // NOLINT
  try {
    const int code = dispatch({argv + 1, argv + argc});
    if (std::fflush(stdout) != 0) throw OutputError("standard output cannot be written");
    return code;
  } catch (const InputError& error) {
    print_error(fmt::format("{}\n", error.what()));
    return kUserMistake;
  } catch (const OutputError& error) {
    print_error(fmt::format("{}\n", error.what()));
    return kNoOutput;
  } catch (const std::exception& error) {
    print_error(fmt::format("penstock stopped on a mistake of its own; please report it:\n{}\n",
                            error.what()));
    return kOurBug;
  }
}

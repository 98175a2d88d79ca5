/// Runs a registered command in the test's own process and keeps what it printed.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "penstock/cli/command.h"

namespace penstock::cli {

struct CommandRun {
  int code = -1;
  std::string output;
  std::string mistakes;  ///< text of the InputError, empty when there was none
};

/// `path` as typed ("catalog list"), then its words.
inline CommandRun run_command(std::string_view path, const std::vector<std::string>& words) {
  CommandRun run;
  for (const CommandEntry& command : commands()) {
    if (command.spec.path != path) continue;
    testing::internal::CaptureStdout();
    try {
      Arguments arguments(command.spec, words);
      arguments.check();
      run.code = command.entry->make()->run(arguments);
    } catch (const InputError& error) {
      run.code = kUserMistake;
      run.mistakes = error.what();
    }
    run.output = testing::internal::GetCapturedStdout();
    return run;
  }
  ADD_FAILURE() << "no command '" << path << "'";
  return run;
}

inline bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace penstock::cli

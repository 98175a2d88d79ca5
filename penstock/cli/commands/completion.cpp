#include "penstock/cli/session.h"

namespace penstock::cli {
namespace {

class Completion final : public Command {
 public:
  [[nodiscard]] CommandSpec spec() const override {
    CommandSpec spec;
    spec.path = "completion";
    spec.positionals = {{"SHELL", "bash, zsh or fish.", ValueKind::kText}};
    spec.examples = {
        "penstock completion bash > ~/.local/share/bash-completion/completions/"
        "penstock"};
    return spec;
  }

  int run(Arguments& arguments) const override {
    const std::string shell = arguments.positional(0);
    if (shell != "bash" && shell != "zsh" && shell != "fish") {
      arguments.findings().add("completion",
                               "SHELL must be one of bash, zsh, fish; got \"" + shell + "\"");
      arguments.check();
    }
    print(completion(shell));
    return kAnswered;
  }
};

PENSTOCK_REGISTER(Command, Completion, "Prints the shell completion for bash, zsh or fish.");

}  // namespace
}  // namespace penstock::cli

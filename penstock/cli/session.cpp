#include "penstock/cli/session.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "penstock/report/json.h"

namespace penstock::cli {

catalog::Catalog open_catalog(Arguments& arguments) {
  catalog::Catalog catalog = catalog::Catalog::built_in();
  for (const std::string& directory : arguments.list("--catalog")) {
    catalog.overlay(directory, arguments.findings());
  }
  arguments.check();
  return catalog;
}

bool on_terminal() { return isatty(STDOUT_FILENO) == 1; }

report::TextOptions text_options(Arguments& arguments) {
  report::TextOptions options;
  const bool terminal = on_terminal();
  winsize size{};
  if (terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    options.width = size.ws_col;
  }
  constexpr double kWidest = 1000.0;  // wider lines are a mistyped number
  options.width =
      static_cast<int>(arguments.integer("--width", options.width, {.min = 40.0, .max = kWidest}));
  options.colour = terminal && std::getenv("NO_COLOR") == nullptr;  // NOLINT: read before threads
  return options;
}

size_t thread_count(Arguments& arguments) {
  constexpr double kMost = 1024.0;
  return static_cast<size_t>(arguments.integer("--threads", 0, {.min = 0.0, .max = kMost}));
}

void print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) {
    throw OutputError(fmt::format("standard output: {}", std::strerror(errno)));
  }
}

void print_error(std::string_view text) {
  static_cast<void>(std::fwrite(text.data(), 1, text.size(), stderr));
}

void write_file(const std::string& path, std::string_view content) {
  const std::string part = fmt::format("{}.part{}", path, getpid());
  std::FILE* file = std::fopen(part.c_str(), "wb");
  const auto fail = [&] {
    const std::string reason = std::strerror(errno);
    if (file != nullptr) std::fclose(file);
    std::remove(part.c_str());
    throw OutputError(fmt::format("{}: {}", path, reason));
  };
  if (file == nullptr) fail();
  if (std::fwrite(content.data(), 1, content.size(), file) != content.size()) fail();
  std::FILE* closing = file;
  file = nullptr;
  if (std::fclose(closing) != 0) fail();
  if (std::rename(part.c_str(), path.c_str()) != 0) fail();
}

void make_folder(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) throw OutputError(fmt::format("{}: {}", path, error.message()));
}

ProgressLine::ProgressLine(bool wanted) : active_(wanted && isatty(STDERR_FILENO) == 1) {}

ProgressLine::~ProgressLine() {
  if (shown_) print_error("\r\x1b[K");
}

void ProgressLine::show(std::string_view text) {
  if (!active_) return;
  print_error(fmt::format("\r\x1b[K{}", text));
  shown_ = true;
}

int answer(const Result& result, Arguments& arguments, bool full) {
  if (arguments.flag("--json")) {
    print(report::to_json(result));
  } else if (!arguments.flag("--quiet")) {
    const report::TextOptions options = text_options(arguments);
    print(full ? report::full_text(result, options) : report::summary_text(result, options));
  }
  return result.infeasible ? kInfeasible : kAnswered;
}

std::vector<OptionSpec> scenario_options() {
  return {{"--set", "KEY=VALUE", "Sets a value of the scenario, for example serving.replicas=4.",
           ValueKind::kText, true},
          {"--trace-file", "FILE",
           "Replays this trace instead of the scenario's traffic: Azure CSV, Mooncake JSONL, "
           "BurstGPT CSV or plain arrival,input,output CSV, recognised by its header.",
           ValueKind::kFile},
          {"--trace-format", "NAME", "Format of the trace, when its first line is not to decide.",
           ValueKind::kText}};
}

scenario::ScenarioText scenario_text(Arguments& arguments) {
  scenario::ScenarioText text;
  text.options.set = arguments.list("--set");
  text.options.trace_file = arguments.text("--trace-file");
  text.options.trace_format = arguments.text("--trace-format");
  text.source = read_source(arguments.positional(0), arguments.findings());
  arguments.check();
  return text;
}

std::string measurements_folder(Arguments& arguments) {
  if (const auto given = arguments.text("--data")) return *given;
  const char* set = std::getenv("PENSTOCK_DATA");  // NOLINT: read before threads
  if (set != nullptr && *set != '\0') return set;
  std::error_code code;
  constexpr const char* kBeside = "../shared/measurements";
  if (std::filesystem::is_directory(kBeside, code)) return kBeside;
  arguments.findings().add("--data", fmt::format("no measurements: name their folder by --data DIR "
                                                 "or PENSTOCK_DATA ({} is not there)",
                                                 kBeside));
  arguments.check();
  return {};
}

}  // namespace penstock::cli

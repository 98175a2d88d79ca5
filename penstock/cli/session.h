/// What commands share: the catalog with overlays, printing, progress, and files written whole.
#pragma once

#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "penstock/base/result.h"
#include "penstock/catalog/catalog.h"
#include "penstock/cli/command.h"
#include "penstock/report/text.h"
#include "penstock/scenario/scenario.h"

namespace penstock::cli {

/// An output that could not be written; main prints it and exits with kNoOutput.
class OutputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The built-in catalog with every --catalog folder on top.
catalog::Catalog open_catalog(Arguments& arguments);

/// Width, line drawing and colour as the terminal and the flags ask.
report::TextOptions text_options(Arguments& arguments);

/// Whether standard output is a terminal.
bool on_terminal();

size_t thread_count(Arguments& arguments);

/// Writes to standard output.
void print(std::string_view text);
/// Writes to standard error.
void print_error(std::string_view text);

/// Writes a file whole: to a neighbour first, then renamed, so a failure leaves no half file.
void write_file(const std::string& path, std::string_view content);
/// Makes a folder and its parents.
void make_folder(const std::string& path);

/// A line on standard error that is rewritten, on a terminal only.
class ProgressLine {
 public:
  explicit ProgressLine(bool wanted);
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  [[nodiscard]] bool active() const { return active_; }
  void show(std::string_view text);

 private:
  bool active_;
  bool shown_ = false;
};

/// Prints a result as text or JSON and returns its exit code.
int answer(const Result& result, Arguments& arguments, bool full);

/// Folder of the measurements: --data, the environment's PENSTOCK_DATA, or the one beside the
/// working folder; without any, a mistake.
std::string measurements_folder(Arguments& arguments);

/// The scenario named by the first positional with --set and --trace-file applied.
scenario::ScenarioText scenario_text(Arguments& arguments);
/// Options that `scenario_text` reads.
std::vector<OptionSpec> scenario_options();

}  // namespace penstock::cli

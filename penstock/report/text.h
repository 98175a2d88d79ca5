/// Results as a terminal shows them: summary, tables, bars, waterfalls, runs side by side.
///
/// Every text ends with a line end and no line is wider than asked. Texts of users are cleaned of
/// control characters, so that a scenario cannot steer the terminal.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/base/result.h"

namespace penstock::report {

struct TextOptions {
  int width = 100;      ///< columns; less than 40 counts as 40
  bool unicode = true;  ///< box lines and block bars; otherwise ASCII
  bool colour = false;  ///< ANSI colours
};

/// What `penstock run` prints: name, headline metrics with bands, ledger, notes, weak inputs; of an
/// infeasible result the reason.
std::string summary_text(const Result& result, const TextOptions& options = {});

/// The summary, then every table, plot and short timeline.
std::string full_text(const Result& result, const TextOptions& options = {});

/// A table with right-aligned numbers, one SI prefix a column.
std::string table_text(const Table& table, const TextOptions& options = {});

/// Lanes as text bars on a common axis; phases have their own glyphs, explained in a legend.
std::string waterfall_text(const Timeline& timeline, const TextOptions& options = {});

/// A plot in a few lines: bars with their numbers, quantiles of a distribution, sparklines.
std::string plot_text(const Plot& plot, const TextOptions& options = {});

/// One bar of a text histogram.
struct TextBar {
  std::string label;
  double value_factor = 0.0;
};

/// Horizontal bars with their numbers, as long as their share of the largest.
std::string bars_text(std::span<const TextBar> bars, std::string_view unit,
                      const TextOptions& options = {});

/// Several results side by side: a row per metric, a column per run, the change against the first.
/// Rows are the headline metrics of all runs, in order of first mention.
std::string compare_text(std::span<const Result> results, const TextOptions& options = {});

}  // namespace penstock::report

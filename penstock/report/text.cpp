#include "penstock/report/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "penstock/base/text.h"
#include "penstock/report/number.h"
#include "penstock/report/text_paint.h"
#include "penstock/report/timeline_view.h"
#include "penstock/report/utf8.h"

namespace penstock::report {
namespace {

constexpr int kNarrowest = 40;
constexpr int kBookNameWidest = 30;
constexpr size_t kWeakInputsShown = 8;
constexpr size_t kLanesShown = 50;
// longer timelines are for Perfetto, not for a terminal
constexpr size_t kSpansShown = 2000;

struct MetricRow {
  std::string label;
  Human value;
  std::string band;
  std::string name;
};

MetricRow metric_row(const Metric& metric) {
  return {clean(metric_label(metric.name)), human(metric), band_text(metric), clean(metric.name)};
}

// columns of a summary: label, number, unit, band, and the name that `penstock explain` takes
std::string metric_lines(const std::vector<MetricRow>& rows, std::string_view band_meaning,
                         const TextOptions& options) {
  const Paint paint(options);
  int label = 0;
  int number = 0;
  int unit = 0;
  int band = 0;
  int name = 0;
  for (const MetricRow& row : rows) {
    label = std::max(label, display_width(row.label));
    number = std::max(number, display_width(row.value.number));
    unit = std::max(unit, display_width(row.value.unit));
    band = std::max(band, display_width(row.band));
    name = std::max(name, display_width(row.name));
  }
  const int numbers = number + 1 + unit;
  label = std::min(label, std::max(8, options.width - numbers - 4));
  const bool with_band = band > 0 && 2 + label + 2 + numbers + 2 + band <= options.width;
  const int so_far = 2 + label + 2 + numbers + (with_band ? 2 + band : 0);
  const bool with_name = so_far + 2 + name <= options.width;
  std::string out;
  for (const MetricRow& row : rows) {
    std::string line =
        "  " + pad_right(elide(row.label, label, options.unicode), label) + "  " +
        paint.bold(pad_left(row.value.number, number)) + " " +
        pad_right(elide(row.value.unit, std::max(0, options.width - so_far + unit)), unit);
    if (with_band) line += "  " + pad_right(row.band, band);
    if (with_name) line += "  " + paint.dim(row.name);
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + '\n';
  }
  if (band > 0 && with_band) {
    out += paint.dim(elide("  low..high: " + clean(band_meaning), options.width)) + '\n';
  }
  return out;
}

std::string heading(std::string_view text, const TextOptions& options) {
  return '\n' + Paint(options).bold(elide(clean(text), options.width, options.unicode)) + '\n';
}

std::string bullet(std::string_view text, const TextOptions& options) {
  std::string wrapped = wrap(clean(text), options.width - 2, "    ");
  wrapped.replace(0, 4, options.unicode ? "  • " : "  - ");
  return wrapped + '\n';
}

std::string ledger_lines(const Result& result, const TextOptions& options) {
  const Paint paint(options);
  int longest = 0;
  for (const LedgerLine& line : result.ledger) {
    longest = std::max(longest, std::min(kBookNameWidest, display_width(clean(line.name))));
  }
  longest = std::min(longest, options.width / 3);
  std::string out;
  for (const LedgerLine& line : result.ledger) {
    const std::string_view good = options.unicode ? "✓" : "ok ";
    const std::string_view bad = options.unicode ? "✗" : "BAD";
    const std::string_view relation = line.balanced ? "=" : options.unicode ? "≠" : "!=";
    const std::string text =
        fmt::format("{} {} {}", clean(line.in_text), relation, clean(line.out_text));
    const std::string name = pad_right(elide(clean(line.name), longest, options.unicode), longest);
    // a long line goes on below its own start
    const int start = 2 + display_width(good) + 1 + longest + 2;
    const std::string books =
        wrap(text, options.width, std::string(static_cast<size_t>(start), ' '));
    out += fmt::format("  {} {}  {}\n", line.balanced ? paint.good(good) : paint.bad(bad), name,
                       books.substr(static_cast<size_t>(start)));
  }
  return out;
}

std::string weak_inputs(const Result& result, const TextOptions& options) {
  const Paint paint(options);
  std::string out;
  size_t count = 0;
  for (const InputNote& input : result.inputs) {
    if (input.confidence != "low" || ++count > kWeakInputsShown) continue;
    const std::string text =
        fmt::format("{} = {} ({}{}{})", clean(input.name), clean(input.value_text),
                    clean(input.source), input.date.empty() ? "" : ", ", clean(input.date));
    out += paint.weak(elide(fmt::format("  {} {}", options.unicode ? "•" : "-", text),
                            options.width, options.unicode)) +
           '\n';
  }
  if (count == 0) return {};
  if (count > kWeakInputsShown) out += fmt::format("    and {} more\n", count - kWeakInputsShown);
  return heading(fmt::format("Inputs of low confidence ({} of {})", count, result.inputs.size()),
                 options) +
         out;
}

std::string title_lines(const Result& result, const TextOptions& options) {
  std::string out = Paint(options).bold(wrap(clean(result.name), options.width, "")) + '\n';
  if (!result.description.empty()) out += wrap(clean(result.description), options.width, "") + '\n';
  for (int i = 0; i < options.width; ++i) out += options.unicode ? "─" : "-";
  return out + '\n';
}

}  // namespace

TextOptions bounded(TextOptions options) {
  options.width = std::max(options.width, kNarrowest);
  return options;
}

std::string summary_text(const Result& result, const TextOptions& asked) {
  const TextOptions options = bounded(asked);
  std::string out = title_lines(result, options);
  if (result.infeasible) {
    out += Paint(options).bad("  Infeasible") + '\n';
    out += wrap(clean(*result.infeasible), options.width, "  ") + '\n';
  }
  std::vector<MetricRow> rows;
  for (const Metric* metric : headline_of(result)) rows.push_back(metric_row(*metric));
  if (!rows.empty()) out += metric_lines(rows, result.band_meaning, options);
  if (!result.ledger.empty()) out += heading("Books", options) + ledger_lines(result, options);
  if (!result.notes.empty()) out += heading("Notes", options);
  for (const std::string& note : result.notes) {
    if (!note.empty()) out += bullet(note, options);
  }
  return out + weak_inputs(result, options);
}

std::string full_text(const Result& result, const TextOptions& asked) {
  const TextOptions options = bounded(asked);
  std::string out = summary_text(result, options);
  for (const Plot& plot : result.plots) {
    const std::string text = plot_text(plot, options);
    if (!text.empty()) out += '\n' + text;
  }
  for (const Table& table : result.tables) out += '\n' + table_text(table, options);
  for (const Timeline& timeline : result.timelines) {
    const size_t lanes = timeline.lanes.size();
    if (lanes == 0 || lanes > kLanesShown || span_count(timeline) > kSpansShown) continue;
    out += '\n' + waterfall_text(timeline, options);
  }
  return out;
}

}  // namespace penstock::report

/// The pieces that report.html is put together from. Internal to the report module.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "penstock/base/result.h"
#include "penstock/report/axis.h"

namespace penstock::report {

/// Clean text with the five characters escaped that mean something in HTML.
std::string escaped(std::string_view text);

/// `escaped` for a dotted name: it may break after its dots and underscores.
std::string escaped_name(std::string_view name);

/// `escaped` for text of several lines: line ends and runs of spaces stay.
std::string escaped_lines(std::string_view text);

/// The style sheet, light and dark, screen and paper.
std::string html_style();

/// The script: theme switch, crosshair, table sorting.
std::string_view html_script();

/// Colour class of the n-th series: "c1" to "c8", then round again.
std::string series_class(size_t index);

/// Colour class of a phase of a timeline: the phases of requests have their own.
std::string phase_class(const std::string& phase, size_t index);

/// At most `lines_max` lines that are not guides: the smallest are added up into "other".
std::vector<Line> folded_lines(const Plot& plot, size_t lines_max);

/// A figure of any kind; `points_max` points a line.
std::string plot_html(const Plot& plot, size_t number, size_t points_max, bool wide);

/// Bars with their parts; part of `plot_html`.
std::string bars_html(const Plot& plot);

/// A waterfall with its legend and axis.
std::string timeline_html(const Timeline& timeline);

/// A picture of fabrics with its legend.
std::string diagram_html(const Diagram& diagram);

/// Rules of pictures for the style sheet, in its variables.
std::string diagram_style();

/// A table with its title; rows beyond a limit are left to result.json.
std::string table_html(const Table& table, bool wide = true);

/// The table element alone.
std::string rows_html(const Table& table);

/// Labels of an axis as absolutely placed spans; `side` is "left" or "bottom".
std::string tick_labels(const Axis& axis, std::string_view side);

/// A place as a CSS percentage, three decimals.
std::string percent(double place_fraction);

/// "time (min)": an axis or column in words.
std::string with_unit(std::string_view name, std::string_view unit);

}  // namespace penstock::report

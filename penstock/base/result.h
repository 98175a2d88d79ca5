/// What a run answers: metrics, tables, plots, timelines and a ledger. Immutable once returned.
///
/// Simulators fill these and never format; the report renders them and never computes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "penstock/base/units.h"

namespace penstock {

/// One number with its name `<world>.<noun>[.<statistic>]`, in SI units, the unit beside it.
struct Metric {
  std::string name;
  double value_factor = 0.0;   ///< in `unit`
  std::string unit;            ///< "s", "token/s", "J/token", "$", "" for a ratio
  std::optional<double> low;   ///< 10th percentile implied by the calibration residuals, or as
                               ///< the result's `band_meaning` says
  std::optional<double> high;  ///< 90th percentile
};

/// A table cell: text, a whole number, or a number in the unit of its column.
using Cell = std::variant<std::string, int64_t, double>;

struct Column {
  std::string name;
  std::string unit;  ///< SI; the report chooses prefixes. Empty for texts, counts and ratios
};

struct Table {
  std::string id;     ///< snake_case, stable: "operators", "replicas"
  std::string title;  ///< one line a reader understands
  std::vector<Column> columns;
  std::vector<std::vector<Cell>> rows;
};

/// How a plot is drawn.
enum class PlotKind : uint8_t {
  kLine,     ///< points joined
  kStacked,  ///< areas on top of each other
  kCdf,      ///< share at or below x; x logarithmic
  kBars,     ///< one bar a category, lines stacked in it
  kScatter,  ///< points, both axes logarithmic; `guides` are drawn as lines (roofline)
};

struct Line {
  std::string name;
  std::vector<double> x;
  std::vector<double> y;
  bool guide = false;               ///< a bound, not data: drawn thin and dashed
  std::vector<std::string> labels;  ///< of points, scatter only; may be empty
};

/// One plot.
struct Plot {
  std::string id;
  std::string title;
  PlotKind kind = PlotKind::kLine;
  std::string x_name;
  std::string x_unit;
  std::string y_name;
  std::string y_unit;
  std::vector<Line> lines;
  std::vector<std::string> categories;  ///< of bars: lines' x are indices into it
};

/// A span of simulated time on a lane: a step of an instance, a phase of a request.
struct Span {
  std::string name;
  Seconds start;
  Seconds duration;
  std::vector<std::pair<std::string, std::string>> arguments;
};

/// Spans on one lane, in order of start.
struct Lane {
  std::string name;
  std::vector<Span> spans;
};

/// Lanes for a waterfall in the report or a Chrome trace.
struct Timeline {
  std::string id;
  std::string title;
  std::vector<Lane> lanes;
  bool from_own_start = false;  ///< every lane is drawn from its own first span on (requests)
};

/// How the links of a class lie between vertices.
enum class LinkPattern : uint8_t {
  kTier,        ///< from every unit of a row up to the switches of the unit above it
  kRings,       ///< neighbours in rings of `ring_size`
  kAllPairs,    ///< each two vertices of a unit
  kGroupPairs,  ///< each two units
};

enum class VertexRole : uint8_t { kAccelerator, kHost, kInterface, kSwitch };

/// Equal vertices of a picture, spread evenly over equal units.
struct DiagramVertices {
  std::string name;
  VertexRole role = VertexRole::kSwitch;
  int64_t row = 0;  ///< 0 at the bottom
  int64_t count = 0;
  int64_t unit_count = 1;
  std::string part;  ///< what is bought; may be empty
};

/// Equal bundles of links of a picture; `from` and `to` are indices of vertices, `from` below.
struct DiagramLinks {
  std::string name;
  size_t from = 0;
  size_t to = 0;
  LinkPattern pattern = LinkPattern::kTier;
  int64_t ring_size = 0;  ///< of rings: vertices in one
  int64_t bundle_count = 0;
  int64_t links_per_bundle = 1;
  BytesPerSecond bandwidth_each_way;    ///< of a bundle
  std::string medium;                   ///< board, copper or optical
  int64_t optical_bundle_count = 0;     ///< over optics although the class is not
  std::optional<double> used_fraction;  ///< of its bandwidth, where the picture shows a load
};

/// One fabric.
struct DiagramPlane {
  std::string name;
  std::string note;  ///< "one of 256 domains"; may be empty
  std::vector<DiagramVertices> vertices;
  std::vector<DiagramLinks> links;
  std::vector<Metric> facts;
};

/// A picture of what joins what.
struct Diagram {
  std::string id;
  std::string title;
  std::vector<DiagramPlane> planes;
};

/// One conservation law: both sides, and what they count.
struct LedgerLine {
  std::string name;      ///< "requests", "kv pages", "joules"
  std::string in_text;   ///< "19,366 arrived"
  std::string out_text;  ///< "19,360 completed + 6 timed out"
  bool balanced = false;
};

/// An input the answer rests on, with its provenance.
struct InputNote {
  std::string name;  ///< "h100_sxm.memory_bandwidth"
  std::string value_text;
  std::string source;
  std::string date;
  std::string confidence;  ///< high, medium, low
};

struct Result {
  static constexpr int kSchemaVersion = 1;

  std::string name;
  std::string description;
  std::string scenario_yaml;  ///< resolved, every default filled in
  std::string scenario_hash;  ///< hex
  std::string catalog_hash;   ///< hex of the entries used
  std::string version;
  uint64_t seed = 0;
  /// What low and high of the metrics are.
  std::string band_meaning = "10th and 90th percentile that the calibration implies";
  std::vector<std::string> headline;  ///< names of the metrics a summary shows, in order
  std::vector<Metric> metrics;
  std::vector<Table> tables;
  std::vector<Plot> plots;
  std::vector<Timeline> timelines;
  std::vector<Diagram> diagrams;
  std::vector<LedgerLine> ledger;
  std::vector<InputNote> inputs;
  std::vector<std::string> notes;         ///< assumptions, domain warnings, first-estimate marks
  std::optional<std::string> infeasible;  ///< the reason with its arithmetic; then no metrics

  [[nodiscard]] const Metric* find(std::string_view metric) const {
    for (const Metric& m : metrics) {
      if (m.name == metric) return &m;
    }
    return nullptr;
  }
};

}  // namespace penstock

#include "penstock/report/json.h"

#include "penstock/report/json_writer.h"

namespace penstock::report {
namespace {

void write_optional(JsonWriter& json, const std::optional<double>& value) {
  if (value) {
    json.number(*value);
  } else {
    json.null();
  }
}

void write_numbers(JsonWriter& json, const std::vector<double>& values) {
  json.open('[');
  for (const double value : values) json.number(value);
  json.close(']');
}

void write_texts(JsonWriter& json, const std::vector<std::string>& texts) {
  json.open('[');
  for (const std::string& text : texts) json.text(text);
  json.close(']');
}

// a list with one item a line
template <class Items, class Write>
void write_list(JsonWriter& json, std::string_view key, const Items& items, Write write) {
  json.line().key(key).open('[');
  for (const auto& item : items) {
    json.line();
    write(item);
  }
  if (!items.empty()) json.raw_line();
  json.close(']');
}

void write_metric(JsonWriter& json, const Metric& metric) {
  json.open('{').key("name").text(metric.name).key("value").number(metric.value_factor);
  json.key("unit").text(metric.unit).key("low");
  write_optional(json, metric.low);
  json.key("high");
  write_optional(json, metric.high);
  json.close('}');
}

void write_cell(JsonWriter& json, const Cell& cell) {
  if (const auto* text = std::get_if<std::string>(&cell)) {
    json.text(*text);
  } else if (const auto* count = std::get_if<int64_t>(&cell)) {
    json.integer(*count);
  } else {
    json.number(std::get<double>(cell));
  }
}

void write_table(JsonWriter& json, const Table& table) {
  json.open('{').key("id").text(table.id).key("title").text(table.title);
  json.key("columns").open('[');
  for (const Column& column : table.columns) {
    json.open('{').key("name").text(column.name).key("unit").text(column.unit).close('}');
  }
  json.close(']');
  write_list(json, "rows", table.rows, [&](const std::vector<Cell>& row) {
    json.open('[');
    for (const Cell& cell : row) write_cell(json, cell);
    json.close(']');
  });
  json.close('}');
}

void write_axis(JsonWriter& json, std::string_view key, const std::string& name,
                const std::string& unit) {
  json.key(key).open('{').key("name").text(name).key("unit").text(unit).close('}');
}

void write_plot(JsonWriter& json, const Plot& plot) {
  json.open('{').key("id").text(plot.id).key("title").text(plot.title);
  json.key("kind").text(plot_kind_name(plot.kind));
  write_axis(json, "x", plot.x_name, plot.x_unit);
  write_axis(json, "y", plot.y_name, plot.y_unit);
  json.key("categories");
  write_texts(json, plot.categories);
  write_list(json, "lines", plot.lines, [&](const Line& line) {
    json.open('{').key("name").text(line.name).key("guide").boolean(line.guide).key("x");
    write_numbers(json, line.x);
    json.key("y");
    write_numbers(json, line.y);
    json.key("labels");
    write_texts(json, line.labels);
    json.close('}');
  });
  json.close('}');
}

std::string_view pattern_name(LinkPattern pattern) {
  switch (pattern) {
    case LinkPattern::kTier: return "tier";
    case LinkPattern::kRings: return "rings";
    case LinkPattern::kAllPairs: return "all_pairs";
    case LinkPattern::kGroupPairs: break;
  }
  return "group_pairs";
}

std::string_view role_name(VertexRole role) {
  switch (role) {
    case VertexRole::kAccelerator: return "accelerator";
    case VertexRole::kHost: return "host";
    case VertexRole::kInterface: return "interface";
    case VertexRole::kSwitch: break;
  }
  return "switch";
}

void write_plane(JsonWriter& json, const DiagramPlane& plane) {
  json.open('{').key("name").text(plane.name).key("note").text(plane.note);
  write_list(json, "facts", plane.facts, [&](const Metric& m) { write_metric(json, m); });
  write_list(json, "vertices", plane.vertices, [&](const DiagramVertices& v) {
    json.open('{').key("name").text(v.name).key("role").text(role_name(v.role));
    json.key("row").integer(v.row).key("count").integer(v.count);
    json.key("units").integer(v.unit_count).key("part").text(v.part).close('}');
  });
  write_list(json, "links", plane.links, [&](const DiagramLinks& l) {
    json.open('{').key("name").text(l.name).key("pattern").text(pattern_name(l.pattern));
    json.key("from").integer(uint64_t{l.from}).key("to").integer(uint64_t{l.to});
    json.key("ring_size").integer(l.ring_size).key("bundles").integer(l.bundle_count);
    json.key("links_per_bundle").integer(l.links_per_bundle);
    json.key("bandwidth_each_way").number(l.bandwidth_each_way.value());
    json.key("medium").text(l.medium).key("optical_bundles").integer(l.optical_bundle_count);
    json.key("used");
    write_optional(json, l.used_fraction);
    json.close('}');
  });
  json.close('}');
}

void write_diagram(JsonWriter& json, const Diagram& diagram) {
  json.open('{').key("id").text(diagram.id).key("title").text(diagram.title);
  write_list(json, "planes", diagram.planes,
             [&](const DiagramPlane& plane) { write_plane(json, plane); });
  json.close('}');
}

void write_ledger_line(JsonWriter& json, const LedgerLine& line) {
  json.open('{').key("name").text(line.name).key("in").text(line.in_text);
  json.key("out").text(line.out_text).key("balanced").boolean(line.balanced).close('}');
}

void write_input(JsonWriter& json, const InputNote& input) {
  json.open('{').key("name").text(input.name).key("value").text(input.value_text);
  json.key("source").text(input.source).key("date").text(input.date);
  json.key("confidence").text(input.confidence).close('}');
}

size_t expected_bytes(const Result& result) {
  // a number takes about twelve bytes, everything else fits in the base
  constexpr size_t kBase = 16384;
  constexpr size_t kPerNumber = 20;
  size_t numbers = 0;
  for (const Plot& plot : result.plots) {
    for (const Line& line : plot.lines) numbers += line.x.size() + line.y.size();
  }
  for (const Table& table : result.tables) numbers += table.rows.size() * table.columns.size();
  return kBase + result.scenario_yaml.size() + numbers * kPerNumber;
}

}  // namespace

std::string_view plot_kind_name(PlotKind kind) {
  switch (kind) {
    case PlotKind::kLine: return "line";
    case PlotKind::kStacked: return "stacked";
    case PlotKind::kCdf: return "cdf";
    case PlotKind::kBars: return "bars";
    case PlotKind::kScatter: break;
  }
  return "scatter";
}

std::string to_json(const Result& result) {
  JsonWriter json;
  json.reserve(expected_bytes(result));
  json.open('{').raw_line().key("schema_version").integer(int64_t{Result::kSchemaVersion});
  json.line().key("version").text(result.version);
  json.line().key("name").text(result.name);
  json.line().key("description").text(result.description);
  json.line().key("scenario_hash").text(result.scenario_hash);
  json.line().key("catalog_hash").text(result.catalog_hash);
  json.line().key("seed").integer(result.seed);
  json.line().key("infeasible");
  if (result.infeasible) {
    json.text(*result.infeasible);
  } else {
    json.null();
  }
  json.line().key("headline");
  write_texts(json, result.headline);
  write_list(json, "metrics", result.metrics, [&](const Metric& m) { write_metric(json, m); });
  write_list(json, "tables", result.tables, [&](const Table& t) { write_table(json, t); });
  write_list(json, "plots", result.plots, [&](const Plot& p) { write_plot(json, p); });
  if (!result.diagrams.empty()) {
    write_list(json, "diagrams", result.diagrams,
               [&](const Diagram& d) { write_diagram(json, d); });
  }
  write_list(json, "ledger", result.ledger,
             [&](const LedgerLine& line) { write_ledger_line(json, line); });
  write_list(json, "inputs", result.inputs, [&](const InputNote& i) { write_input(json, i); });
  write_list(json, "notes", result.notes, [&](const std::string& note) { json.text(note); });
  json.line().key("scenario").text(result.scenario_yaml);
  json.raw_line().close('}').raw_line();
  return json.take();
}

}  // namespace penstock::report

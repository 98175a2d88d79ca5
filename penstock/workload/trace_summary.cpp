#include "penstock/workload/trace_summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <string>
#include <unordered_set>
#include <utility>

#include "penstock/base/check.h"
#include "penstock/base/text.h"
#include "penstock/workload/trace_distance.h"

namespace penstock::workload {
namespace {

constexpr std::array kDocs = {
    MetricDoc{"workload.requests", "request", "requests", "Requests of the trace or stream.",
              "count of rows", "definition"},
    MetricDoc{"workload.span", "s", "span", "From the first arrival to the last.",
              "t(last arrival) - t(first arrival)", "definition"},
    MetricDoc{"workload.rate", "request/s", "arrival rate", "Mean rate of arrivals over the span.",
              "(requests - 1) / span", "definition"},
    MetricDoc{"workload.burstiness", "", "burstiness",
              "Coefficient of variation of the gaps between arrivals: 0 is a steady beat, 1 a "
              "Poisson process, more comes in bursts.",
              "standard deviation of gaps / mean gap", "definition"},
    MetricDoc{"workload.input_tokens", "token", "input length", "Prompt tokens of a request.",
              "quantile q is the smallest value that a share q does not exceed", "definition"},
    MetricDoc{"workload.output_tokens", "token", "output length", "Generated tokens of a request.",
              "quantile q is the smallest value that a share q does not exceed", "definition"},
    MetricDoc{"workload.correlation", "", "rank correlation",
              "Whether long prompts go with long answers: from -1 over 0 (no relation) to 1.",
              "Pearson correlation of the ranks of input and output", "Spearman 1904"},
    MetricDoc{"workload.prefix_reuse", "", "prefix reuse",
              "Share of the prompts' hashed runs of tokens that a prefix cache of unlimited size "
              "would find: seen in an earlier request, with everything before it in the prompt.",
              "runs found / runs of all prompts", "Qin et al. 2025 (Mooncake, FAST'25)"},
};

std::vector<int64_t> sorted(std::vector<int64_t> values) {
  std::sort(values.begin(), values.end());
  return values;
}

/// The smallest value that the share does not exceed.
int64_t quantile(const std::vector<int64_t>& sorted_values, double share) {
  const double rank = std::ceil(share * static_cast<double>(sorted_values.size()));
  return sorted_values[static_cast<size_t>(std::max(rank, 1.0)) - 1];
}

double mean(const std::vector<int64_t>& values) {
  double sum = 0.0;
  for (const int64_t value : values) sum += static_cast<double>(value);
  return sum / static_cast<double>(values.size());
}

struct Statistic {
  std::string_view name;
  double value;
};

std::array<Statistic, 6> statistics(const std::vector<int64_t>& values) {
  const auto at = [&](double share) { return static_cast<double>(quantile(values, share)); };
  return {{{"mean", mean(values)},
           {"p50", at(0.5)},
           {"p90", at(0.9)},
           {"p99", at(0.99)},
           {"min", static_cast<double>(values.front())},
           {"max", static_cast<double>(values.back())}}};
}

void add_lengths(Result& result, std::string_view noun, const std::vector<int64_t>& values) {
  for (const Statistic& s : statistics(values)) {
    result.metrics.push_back(
        {fmt::format("workload.{}.{}", noun, s.name), s.value, "token", {}, {}});
  }
}

Table lengths_table(const std::vector<int64_t>& inputs, const std::vector<int64_t>& outputs) {
  Table table{"lengths", "Tokens of a request", {{"length", ""}}, {}};
  for (const Statistic& s : statistics(inputs)) {
    table.columns.push_back({std::string(s.name), "token"});
  }
  table.columns.push_back({"all requests", "token"});
  const auto row = [&](std::string name, const std::vector<int64_t>& values) {
    std::vector<Cell> cells = {std::move(name)};
    for (const Statistic& s : statistics(values)) cells.emplace_back(s.value);
    cells.emplace_back(mean(values) * static_cast<double>(values.size()));
    table.rows.push_back(std::move(cells));
  };
  row("input", inputs);
  row("output", outputs);
  return table;
}

/// Requests by length in buckets that double: 1, 2-3, 4-7, ...
Plot histogram(std::string id, std::string title, const std::vector<int64_t>& sorted_values) {
  const auto bucket_of = [](int64_t value) {
    return static_cast<size_t>(std::bit_width(static_cast<uint64_t>(value))) - 1;
  };
  const size_t first = bucket_of(sorted_values.front());
  const size_t last = bucket_of(sorted_values.back());
  Plot plot{std::move(id),
            std::move(title),
            PlotKind::kBars,
            "length",
            "token",
            "requests",
            "request",
            {},
            {}};
  Line line;
  line.name = "requests";
  for (size_t bucket = first; bucket <= last; ++bucket) {
    const int64_t low = int64_t{1} << bucket;
    const int64_t high = 2 * low - 1;
    plot.categories.push_back(low == high ? "1" : with_commas(low) + " to " + with_commas(high));
    line.x.push_back(static_cast<double>(bucket - first));
    line.y.push_back(0.0);
  }
  for (const int64_t value : sorted_values) line.y[bucket_of(value) - first] += 1.0;
  plot.lines.push_back(std::move(line));
  return plot;
}

/// The distribution function of sorted values, at most a few hundred points.
template <class T>
Line cdf_line(std::string name, const std::vector<T>& sorted_values) {
  constexpr size_t kPointsMax = 400;
  Line line;
  line.name = std::move(name);
  const size_t points = std::min(sorted_values.size(), kPointsMax);
  for (size_t i = 1; i <= points; ++i) {
    const size_t rank = i * sorted_values.size() / points;
    line.x.push_back(static_cast<double>(sorted_values[rank - 1]));
    line.y.push_back(static_cast<double>(rank) / static_cast<double>(sorted_values.size()));
  }
  return line;
}

/// Arrival rate over time, in intervals of equal length.
Plot rate_plot(const Trace& trace) {
  constexpr size_t kIntervalsMax = 120;
  const size_t count = std::clamp<size_t>(trace.size() / 10, 1, kIntervalsMax);
  const Seconds interval = trace.span() / static_cast<double>(count);
  Line line;
  line.name = "arrivals";
  for (size_t i = 0; i < count; ++i) {
    line.x.push_back((interval * (static_cast<double>(i) + 0.5)).value());
    line.y.push_back(0.0);
  }
  const double each = 1.0 / interval.value();
  for (const Time arrival : trace.arrivals) {
    const auto at = static_cast<size_t>((arrival - trace.arrivals.front()) / interval);
    line.y[std::min(at, count - 1)] += each;
  }
  return {"arrival_rate", "Arrivals over time", PlotKind::kLine, "time", "s",
          "rate",         "request/s",          {line},          {}};
}

void add_arrivals(Result& result, const Trace& trace) {
  result.metrics.push_back({"workload.span", trace.span().value(), "s", {}, {}});
  if (trace.span() <= Seconds()) {
    result.notes.emplace_back("all requests arrive at once: no rate, no gaps");
    return;
  }
  std::vector<double> gaps = gap_seconds(trace);
  const double mean_gap = trace.span().value() / static_cast<double>(gaps.size());
  double squares = 0.0;
  for (const double gap : gaps) squares += (gap - mean_gap) * (gap - mean_gap);
  const double deviation = std::sqrt(squares / static_cast<double>(gaps.size()));
  result.metrics.push_back({"workload.rate", 1.0 / mean_gap, "request/s", {}, {}});
  result.metrics.push_back({"workload.burstiness", deviation / mean_gap, "", {}, {}});
  result.plots.push_back(rate_plot(trace));
  std::sort(gaps.begin(), gaps.end());
  // the axis is logarithmic: arrivals at one instant are left out of the picture
  std::erase_if(gaps, [](double gap) { return gap <= 0.0; });
  result.plots.push_back({"gaps",
                          "Gaps between arrivals",
                          PlotKind::kCdf,
                          "gap",
                          "s",
                          "share",
                          "",
                          {cdf_line("gaps", gaps)},
                          {}});
}

}  // namespace

std::span<const MetricDoc> metric_docs() { return kDocs; }

PrefixReuse prefix_reuse(const Trace& trace) {
  PrefixReuse reuse;
  std::unordered_set<uint64_t> seen;
  for (size_t i = 0; i < trace.size(); ++i) {
    const auto hashes = trace.hashes(i);
    reuse.looked_up += static_cast<int64_t>(hashes.size());
    bool found = true;
    for (const uint64_t hash : hashes) {
      found = !seen.insert(hash).second && found;
      if (found) ++reuse.found;
    }
  }
  return reuse;
}

Result summarize(const Trace& trace) {
  PENSTOCK_CHECK(trace.size() > 0, "a summary of {} requests", trace.size());
  Result result;
  result.name = trace.name;
  result.description =
      trace.format.empty() ? "A generated trace." : fmt::format("A trace in {}.", trace.format);
  const std::vector<int64_t> inputs = sorted(trace.input_tokens);
  const std::vector<int64_t> outputs = sorted(trace.output_tokens);
  result.metrics.push_back(
      {"workload.requests", static_cast<double>(trace.size()), "request", {}, {}});
  add_arrivals(result, trace);
  add_lengths(result, "input_tokens", inputs);
  add_lengths(result, "output_tokens", outputs);
  result.metrics.push_back({"workload.correlation", rank_correlation_factor(trace), "", {}, {}});
  result.headline = {"workload.requests",
                     "workload.span",
                     "workload.rate",
                     "workload.burstiness",
                     "workload.input_tokens.mean",
                     "workload.output_tokens.mean",
                     "workload.correlation"};
  if (!trace.prefix_hashes.empty()) {
    const PrefixReuse reuse = prefix_reuse(trace);
    result.metrics.push_back(
        {"workload.prefix_reuse",
         static_cast<double>(reuse.found) / static_cast<double>(reuse.looked_up),
         "",
         {},
         {}});
    result.headline.emplace_back("workload.prefix_reuse");
  }
  result.tables.push_back(lengths_table(inputs, outputs));
  result.plots.push_back(histogram("input_histogram", "Requests by input length", inputs));
  result.plots.push_back(histogram("output_histogram", "Requests by output length", outputs));
  result.plots.push_back({"lengths",
                          "Lengths",
                          PlotKind::kCdf,
                          "length",
                          "token",
                          "share",
                          "",
                          {cdf_line("input", inputs), cdf_line("output", outputs)},
                          {}});
  result.notes.insert(result.notes.end(), trace.notes.begin(), trace.notes.end());
  std::erase_if(result.headline,
                [&](const std::string& name) { return result.find(name) == nullptr; });
  return result;
}

}  // namespace penstock::workload

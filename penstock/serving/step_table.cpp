#include "penstock/serving/step_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace penstock::serving {

using compute::ContextOperator;
using compute::Operator;

namespace {

double as_double(int64_t number) { return static_cast<double>(number); }

/// A context operator at a summed context, as a plain operator.
Operator at_context(const ContextOperator& op, double context_sum) {
  Operator plain = op.fixed;
  plain.flops += op.flops_per_token * context_sum;
  plain.bytes += op.bytes_per_token * context_sum;
  plain.context_tokens = static_cast<int64_t>(context_sum);
  return plain;
}

bool same_call(const Operator& a, const Operator& b) {
  return a.name == b.name && a.dtype == b.dtype && a.flops == b.flops && a.bytes == b.bytes &&
         a.payload == b.payload && a.rank_count == b.rank_count && a.gemm.m == b.gemm.m &&
         a.gemm.n == b.gemm.n && a.gemm.k == b.gemm.k;
}

/// Flop over bytes; an operator without bytes has none.
double intensity(const Operator& op) {
  return op.bytes.value() > 0.0 ? op.flops.value() / op.bytes.value() : 0.0;
}

}  // namespace

std::vector<PricedOperator> priced_operators(StepModel& model, const StepBatch& batch) {
  const compute::Forward& forward = model.forward();
  const int64_t queries = forward.queries();
  int64_t tokens = batch.decode_count * queries;
  int64_t heads = batch.decode_count * queries;
  int64_t chunk_max = 0;
  for (const compute::PrefillChunk& chunk : batch.chunks) {
    tokens += chunk.tokens;
    chunk_max = std::max(chunk_max, chunk.tokens);
    ++heads;
  }
  std::vector<PricedOperator> priced;
  const auto add = [&](const Operator& op) {
    if (op.count == 0) return;
    // the same kernel in another group of layers is more calls of one row
    for (PricedOperator& p : priced) {
      if (!same_call(p.op, op)) continue;
      p.op.count += op.count;
      p.duration = p.cost.duration * as_double(p.op.count);
      return;
    }
    const compute::OperatorCost cost = model.price(op);
    priced.push_back({op, cost, cost.duration * as_double(op.count)});
  };
  for (const Operator& op : forward.token_operators(model.spread(tokens, chunk_max))) add(op);
  if (batch.decode_count > 0) {
    for (const ContextOperator& op : forward.decode_operators(model.lane(batch.decode_count))) {
      const int64_t each = std::min(batch.context + queries, op.cap);
      add(at_context(op, as_double(batch.decode_count) * as_double(each) *
                             model.lane_share_fraction(batch.decode_count)));
    }
    const compute::TokenSpread sequences{
        model.lane(batch.decode_count),
        (batch.decode_count + forward.plan().pipeline - 1) / forward.plan().pipeline};
    for (const Operator& op : forward.draft_operators(sequences)) add(op);
  }
  if (!batch.chunks.empty()) {
    for (const Operator& op : forward.prefill_operators(batch.chunks)) add(op);
  }
  for (const Operator& op : forward.head_operators(model.spread(heads, 0).group)) add(op);
  return priced;
}

Seconds step_duration(StepModel& model, const StepBatch& batch) {
  const DecodePace& pace = model.pace();
  int64_t tokens = batch.decode_count * pace.queries;
  int64_t chunk_max = 0;
  Int128 ticks = 0;
  for (const compute::PrefillChunk& chunk : batch.chunks) {
    tokens += chunk.tokens;
    chunk_max = std::max(chunk_max, chunk.tokens);
  }
  ticks += model.prefill(batch.chunks).ticks;
  const auto prompts = static_cast<int64_t>(batch.chunks.size());
  ticks += model.overhead(batch.decode_count + prompts, !batch.chunks.empty()) +
           model.token_ticks(model.spread(tokens, chunk_max)) +
           model.head(batch.decode_count * pace.queries + prompts).ticks +
           model.decode_fixed(batch.decode_count).ticks;
  const DecodeCurve& curve = model.curve(batch.decode_count);
  for (size_t c = 0; c < model.caps().size(); ++c) {
    const int64_t sum =
        batch.decode_count * pace.unit * std::min(batch.context + pace.queries, model.caps()[c]);
    const Segment& segment = curve.segment(c, sum);
    ticks += segment.value + Int128{segment.slope} * (sum - segment.start);
  }
  return Fine{ticks}.seconds();
}

Table operator_table(const std::vector<PricedOperator>& operators, Seconds step, Seconds overhead) {
  Table table;
  table.id = "operators";
  table.title = "One step, operator by operator, on one rank";
  table.columns = {{"operator", ""},  {"calls", ""},    {"m x n x k", ""},
                   {"flops", "FLOP"}, {"bytes", "B"},   {"duration", "s"},
                   {"share", ""},     {"bound by", ""}, {"energy", "J"}};
  for (const PricedOperator& p : operators) {
    const compute::GemmShape& g = p.op.gemm;
    const double calls = as_double(p.op.count);
    const Bytes bytes = p.op.family == compute::Family::kCollective ? p.op.payload : p.op.bytes;
    // formats other than the usual one are named with the operator
    const bool usual = p.op.dtype == catalog::Dtype::kBf16;
    table.rows.push_back(
        {usual ? std::string(p.op.name) : fmt::format("{} {}", p.op.name, enum_name(p.op.dtype)),
         p.op.count, g.m > 0 ? fmt::format("{}x{}x{}", g.m, g.n, g.k) : std::string("-"),
         p.op.flops.value() * calls, bytes.value() * calls, p.duration.value(), p.duration / step,
         std::string(enum_name(p.cost.bound)), p.cost.energy.value() * calls});
  }
  table.rows.push_back({std::string("engine overhead"), int64_t{1}, std::string("-"), 0.0, 0.0,
                        overhead.value(), overhead / step, std::string("host"), 0.0});
  return table;
}

Plot roofline_plot(const StepModel& model, const std::vector<PricedOperator>& operators) {
  const compute::Roofline& roofline = model.roofline();
  Plot plot;
  plot.id = "roofline";
  plot.title = "Operators under the roofline of " + roofline.accelerator().id;
  plot.kind = PlotKind::kScatter;
  plot.x_name = "arithmetic intensity";
  plot.x_unit = "FLOP/B";
  plot.y_name = "rate reached";
  plot.y_unit = "FLOP/s";
  const double bandwidth = roofline.bandwidth().value();
  double low = 1.0;
  double high = 1.0;
  Line points{"operators", {}, {}, false, {}};
  for (const PricedOperator& p : operators) {
    if (p.op.flops.value() <= 0.0 || p.cost.duration.value() <= 0.0) continue;
    points.x.push_back(intensity(p.op));
    points.y.push_back((p.op.flops / p.cost.duration).value());
    points.labels.emplace_back(p.op.name);
    low = std::min(low, points.x.back());
    high = std::max(high, points.x.back());
  }
  const double peak = roofline.peak(catalog::Dtype::kBf16).value();
  const double ridge = peak / bandwidth;
  high = std::max(high, 4.0 * ridge);
  plot.lines.push_back(std::move(points));
  plot.lines.push_back(
      {"roofline, bf16 dense peak", {low, ridge, high}, {low * bandwidth, peak, peak}, true, {}});
  const double fp8 = roofline.peak(catalog::Dtype::kFp8).value();
  if (fp8 > peak) {
    const double knee = fp8 / bandwidth;
    plot.lines.push_back({"roofline, fp8 dense peak",
                          {ridge, knee, std::max(high, 2.0 * knee)},
                          {peak, fp8, fp8},
                          true,
                          {}});
  }
  return plot;
}

}  // namespace penstock::serving

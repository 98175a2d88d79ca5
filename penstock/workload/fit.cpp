#include "penstock/workload/fit.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <utility>
#include <vector>

#include "penstock/base/check.h"
#include "penstock/workload/knots.h"
#include "penstock/workload/limits.h"
#include "penstock/workload/rate_profile.h"
#include "penstock/workload/trace_distance.h"

namespace penstock::workload {
namespace {

/// Shortest profile that the arrivals config takes; a shorter burst has no rate to speak of.
constexpr Seconds kProfileMin = 1.0_s;

void put(Node& map, std::string key, Node value) {
  map.kind = Node::Kind::kMap;
  map.entries.push_back({std::move(key), Mark{}, std::move(value)});
}

template <class T, class Format>
Node list_of(const std::vector<T>& values, Format format) {
  Node node;
  node.kind = Node::Kind::kList;
  for (const T& value : values) node.items.push_back(scalar_node(format(value)));
  return node;
}

/// Four digits: a fit to thousands of rows knows no more.
std::string four_digits(double value) { return fmt::format("{:.4g}", value); }

/// Five decimals, and more near one, where a tail would round away.
std::string share_text(const ScoreTable::Knot& knot) {
  return fmt::format("{:.6g}", knot.share_fraction);
}

/// The gaps of a trace in operational time, the integral of the profile's rate.
std::vector<double> operational_gaps(const Trace& trace, const RateProfile& profile) {
  std::vector<double> gaps;
  double before = 0.0;
  for (size_t i = 0; i < trace.size(); ++i) {
    const double now = profile.arrivals_until_factor(trace.arrivals[i].seconds());
    if (i > 0) gaps.push_back(now - before);
    before = now;
  }
  return gaps;
}

Node arrivals_node(const Trace& trace, const RateProfile& profile, int64_t knot_count) {
  // the smallest ratio a config may hold: drawn gaps of it round to zero, as recorded ones were
  constexpr double kGapMin = 1e-12;
  std::vector<double> gaps = operational_gaps(trace, profile);
  double mean = 0.0;
  for (const double gap : gaps) mean += gap / static_cast<double>(gaps.size());
  for (double& gap : gaps) gap = std::max(gap / mean, kGapMin);
  const auto knots = fit_knots(std::move(gaps), {.count = knot_count});
  Node node;
  put(node, "process", scalar_node("piecewise_rate"));
  put(node, "until", list_of(profile.pieces(), [](const RateProfile::Piece& piece) {
        return fmt::format("{:.12g} s", piece.end.value());
      }));
  put(node, "rates", list_of(profile.pieces(), [](const RateProfile::Piece& piece) {
        return four_digits(piece.rate.value()) + " req/s";
      }));
  put(node, "gap_shares", list_of(knots, share_text));
  put(node, "gap_ratios",
      list_of(knots, [](const ScoreTable::Knot& knot) { return four_digits(knot.value_factor); }));
  return node;
}

Node lengths_node(const std::vector<int64_t>& tokens, int64_t knot_count) {
  const auto knots =
      fit_knots({tokens.begin(), tokens.end()}, {.count = knot_count, .whole_numbers = true});
  Node node;
  put(node, "distribution", scalar_node("quantile_table"));
  put(node, "shares", list_of(knots, share_text));
  put(node, "tokens", list_of(knots, [](const ScoreTable::Knot& knot) {
        return fmt::format("{:.0f}", knot.value_factor);
      }));
  return node;
}

template <class T>
T config_of(const Node& node) {
  Findings findings;
  T config{};
  ConfigReader(findings).read(node, config, {}, "fit");
  PENSTOCK_CHECK(findings.empty(), "{} mistakes in a fitted config: {}", findings.size(),
                 to_text(findings.all()));
  return config;
}

/// Distance between the trace's gaps and those drawn from the arrivals, over a few seeds.
double gaps_distance(const Trace& trace, const ArrivalsConfig& arrivals) {
  constexpr std::array<uint64_t, 3> kSeeds = {1, 2, 3};
  std::vector<double> drawn;
  std::vector<Time> times(trace.size());
  for (const uint64_t seed : kSeeds) {
    const size_t count = arrivals->start(seed, 1.0)->fill(times);
    for (size_t i = 1; i < count; ++i) drawn.push_back((times[i] - times[i - 1]).value());
  }
  return drawn.empty() ? 1.0 : ks_distance_fraction(gap_seconds(trace), drawn);
}

/// Whether the arrivals config takes the profile: some rate, and none that no clock could hold.
bool is_usable(const RateProfile& profile) {
  constexpr PerSecond kPeakMin{1e-6};
  PerSecond peak;
  for (const RateProfile::Piece& piece : profile.pieces()) peak = std::max(peak, piece.rate);
  return peak >= kPeakMin && peak.value() <= kRateBounds.max;
}

/// Of a trace too short, too sparse or too lumped for a profile: its mean rate, or none.
ArrivalsConfig plain_arrivals(const Trace& trace) {
  Node node;
  if (trace.span() < kProfileMin) {
    put(node, "process", scalar_node("at_once"));
  } else {
    const double rate = static_cast<double>(trace.size()) / trace.span().value();
    put(node, "process", scalar_node("poisson"));
    put(node, "rate", scalar_node(four_digits(rate) + " req/s"));
  }
  return config_of<ArrivalsConfig>(node);
}

ArrivalsConfig fit_arrivals(const Trace& trace, const FitOptions& options) {
  if (trace.span() < kProfileMin) return plain_arrivals(trace);
  ArrivalsConfig best;
  double best_distance = std::numeric_limits<double>::infinity();
  for (const RateProfile& profile : {rates_by_piece(trace, options.piece), rate_in_bursts(trace)}) {
    if (!is_usable(profile)) continue;
    auto arrivals = config_of<ArrivalsConfig>(arrivals_node(trace, profile, options.knot_count));
    const double distance = gaps_distance(trace, arrivals);
    // the first, which follows the rate, unless the second is clearly closer
    constexpr double kClearly = 0.01;
    if (distance < best_distance - kClearly) {
      best = std::move(arrivals);
      best_distance = distance;
    }
  }
  return best.model != nullptr ? best : plain_arrivals(trace);
}

}  // namespace

GeneratorConfig fit_generator(const Trace& trace, const FitOptions& options) {
  PENSTOCK_CHECK(trace.size() > 0, "a fit to {} requests", trace.size());
  GeneratorConfig generator;
  generator.arrivals = fit_arrivals(trace, options);
  LengthsConfig& lengths = generator.lengths;
  lengths.input = config_of<LengthConfig>(lengths_node(trace.input_tokens, options.knot_count));
  lengths.output = config_of<LengthConfig>(lengths_node(trace.output_tokens, options.knot_count));
  // of a Gaussian copula the rank correlation is 6/pi asin(r/2) (Kruskal 1958)
  const double ranked = rank_correlation_factor(trace);
  constexpr double kDigits = 1e3;
  lengths.correlation_ratio =
      std::round(2.0 * std::sin(std::numbers::pi / 6.0 * ranked) * kDigits) / kDigits;
  return generator;
}

}  // namespace penstock::workload

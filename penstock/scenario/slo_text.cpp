#include "penstock/scenario/slo_text.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

#include "penstock/base/text.h"
#include "penstock/base/unit_text.h"
#include "penstock/scenario/run.h"

namespace penstock::scenario {
namespace {

constexpr std::array<std::string_view, 5> kStatistics = {".mean", ".p50", ".p90", ".p99", ".max"};

std::string_view without_statistic(std::string_view name) {
  for (const std::string_view statistic : kStatistics) {
    if (name.ends_with(statistic)) return name.substr(0, name.size() - statistic.size());
  }
  return name;
}

/// The definition of a metric name, or null after adding a finding.
const MetricDoc* find_doc(const std::vector<MetricDoc>& docs, const std::string& name,
                          Findings& findings) {
  std::vector<std::string> names;
  for (const MetricDoc& doc : docs) {
    if (doc.name == without_statistic(name)) return &doc;
    names.emplace_back(doc.name);
  }
  findings.add("--slo",
               fmt::format("no metric '{}'{}", name, suggestion(without_statistic(name), names)));
  return nullptr;
}

bool parse_limit(std::string_view text, const MetricDoc& doc, SloLimit& out, Findings& findings) {
  Dim dim{};
  if (doc.unit == "s") dim = Dim{.second = 1};
  if (doc.unit == "token/s") dim = Dim{.second = -1, .token = 1};
  if (doc.unit == "request/s") dim = Dim{.second = -1};
  if (doc.unit == "W") dim = Dim{.second = -1, .joule = 1};
  if (doc.unit == "J/token") dim = Dim{.joule = 1, .token = -1};
  if (doc.unit == "$") dim = Dim{.dollar = 1};
  if (!(dim == Dim{})) {
    const auto value = parse_quantity(text, dim);
    if (!value) {
      findings.add("--slo", fmt::format("{} {}", doc.name, value.error()));
      return false;
    }
    out.limit_factor = *value;
    return true;
  }
  const bool percent = text.ends_with('%');
  if (percent) text.remove_suffix(1);
  const auto [end, code] =
      std::from_chars(text.data(), text.data() + text.size(), out.limit_factor);
  if (code != std::errc{} || end != text.data() + text.size()) {
    findings.add("--slo",
                 fmt::format("{} needs a number or a percentage; got \"{}\"", doc.name, text));
    return false;
  }
  if (percent) out.limit_factor /= 100.0;
  return true;
}

}  // namespace

bool SloLimit::met(const std::vector<Metric>& metrics) const {
  for (const Metric& m : metrics) {
    if (m.name != metric) continue;
    return at_least ? m.value_factor >= limit_factor : m.value_factor <= limit_factor;
  }
  return false;
}

std::vector<SloLimit> parse_slo(std::string_view text, Findings& findings) {
  std::vector<SloLimit> limits;
  std::vector<MetricDoc> docs = metric_docs();
  // only what a run answers can be limited
  std::erase_if(docs, [](const MetricDoc& doc) {
    return !doc.name.starts_with("serving.") && !doc.name.starts_with("economics.");
  });
  for (const std::string_view part : split(text, ',')) {
    const size_t sign = part.find_first_of("<>");
    if (sign == std::string_view::npos || trim(part.substr(0, sign)).empty()) {
      findings.add("--slo",
                   fmt::format("\"{}\" is not METRIC<LIMIT, for example ttft.p99<2s", trim(part)));
      continue;
    }
    SloLimit limit;
    limit.text = trim(part);
    limit.metric = trim(part.substr(0, sign));
    limit.at_least = part[sign] == '>';
    if (!limit.metric.starts_with("serving.") && !limit.metric.starts_with("economics.")) {
      limit.metric = "serving." + limit.metric;
    }
    const MetricDoc* doc = find_doc(docs, limit.metric, findings);
    if (doc == nullptr) continue;
    const bool bare = without_statistic(limit.metric) == limit.metric;
    if (bare && doc->unit == "s" && doc->name != "serving.duration") limit.metric += ".mean";
    std::string_view value = part.substr(sign + 1);
    if (value.starts_with('=')) value.remove_prefix(1);
    if (parse_limit(trim(value), *doc, limit, findings)) limits.push_back(std::move(limit));
  }
  return limits;
}

}  // namespace penstock::scenario

/// What a trace holds, as a result: counts, rate, burstiness, lengths, prefix reuse, histograms.
#pragma once

#include <cstdint>
#include <span>

#include "penstock/base/metric_doc.h"
#include "penstock/base/result.h"
#include "penstock/workload/trace.h"

namespace penstock::workload {

/// Metrics `workload.*`, a table of the lengths, plots of rate, gaps and lengths. The trace needs a
/// request.
Result summarize(const Trace& trace);

/// Definitions of the metrics of `summarize`.
std::span<const MetricDoc> metric_docs();

/// Prefix hashes that a cache of any size would find, with the hashes looked up: a hash counts when
/// an earlier request had it and all before it in the prompt were found too.
struct PrefixReuse {
  int64_t found = 0;
  int64_t looked_up = 0;
};
PrefixReuse prefix_reuse(const Trace& trace);

}  // namespace penstock::workload

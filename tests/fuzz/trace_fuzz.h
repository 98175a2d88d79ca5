/// The body of the trace fuzz targets: read, then check what every trace promises.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/base/check.h"
#include "penstock/workload/limits.h"
#include "penstock/workload/trace_format.h"

namespace penstock::fuzz {

inline void check_trace(const workload::Trace& trace) {
  PENSTOCK_CHECK(trace.size() > 0, "{} requests without a finding", trace.size());
  PENSTOCK_CHECK(trace.arrivals[0] == Time(), "first arrival at {} ps",
                 trace.arrivals[0].picoseconds());
  for (size_t i = 0; i < trace.size(); ++i) {
    PENSTOCK_CHECK(i == 0 || trace.arrivals[i] >= trace.arrivals[i - 1], "request {} early", i);
    PENSTOCK_CHECK(
        trace.input_tokens[i] >= 1 && trace.input_tokens[i] <= workload::kTokensMax &&
            trace.output_tokens[i] >= 1 && trace.output_tokens[i] <= workload::kTokensMax,
        "request {} has {} and {} tokens", i, trace.input_tokens[i], trace.output_tokens[i]);
  }
  PENSTOCK_CHECK(trace.prefix_ends.empty() || trace.prefix_ends.size() == trace.size(),
                 "{} ends of prefixes for {} requests", trace.prefix_ends.size(), trace.size());
}

/// Reads the bytes by name and by recognition; a trace is written and must read back as long.
inline void run_trace_reader(const std::uint8_t* data, std::size_t size, std::string_view format) {
  auto source = std::make_shared<Source>();
  source->name = "fuzz";
  source->text.assign(reinterpret_cast<const char*>(data), size);
  Findings recognised;
  workload::parse_trace(source, recognised);
  Findings findings;
  const workload::Trace trace = workload::parse_trace(source, findings, format);
  if (!findings.empty()) {
    static_cast<void>(to_text(findings.all()));
    return;
  }
  check_trace(trace);
  std::vector<std::string> notes;
  auto written = std::make_shared<Source>();
  written->name = "written";
  written->text = workload::write_trace(trace, format, notes, findings);
  const workload::Trace again = workload::parse_trace(written, findings, format);
  PENSTOCK_CHECK(findings.empty(), "what was written does not read: {}", to_text(findings.all()));
  PENSTOCK_CHECK(again.size() == trace.size(), "{} of {} requests came back", again.size(),
                 trace.size());
}

}  // namespace penstock::fuzz

/// Helpers of the trace tests: traces from texts, findings as one text.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "penstock/base/error.h"
#include "penstock/workload/trace_format.h"

namespace penstock::workload::testing {

inline std::shared_ptr<const Source> source_of(std::string text) {
  auto source = std::make_shared<Source>();
  source->name = "trace";
  source->text = std::move(text);
  return source;
}

/// A trace without mistakes; throws them otherwise.
inline Trace parsed(std::string text, std::string_view format = {}) {
  Findings findings;
  Trace trace = parse_trace(source_of(std::move(text)), findings, format);
  findings.throw_if_any();
  return trace;
}

/// Every mistake of a trace, as printed.
inline std::string trace_mistakes(std::string text, std::string_view format = {}) {
  Findings findings;
  const Trace trace = parse_trace(source_of(std::move(text)), findings, format);
  return to_text(findings.all());
}

/// Arrivals in seconds.
inline std::vector<double> seconds_of(const Trace& trace) {
  std::vector<double> seconds;
  for (const Time t : trace.arrivals) seconds.push_back(t.seconds().value());
  return seconds;
}

/// A file of the shared traces, when they are there.
inline std::optional<std::string> shared_trace(const std::string& name) {
  const char* shared = std::getenv("PENSTOCK_SHARED");
  const char* source = std::getenv("PENSTOCK_SOURCE_DIR");
  const std::filesystem::path folder =
      shared != nullptr ? std::filesystem::path(shared)
                        : std::filesystem::path(source != nullptr ? source : ".") / "../shared";
  const std::filesystem::path path = folder / "traces" / name;
  if (!std::filesystem::exists(path)) return std::nullopt;
  return path.string();
}

}  // namespace penstock::workload::testing

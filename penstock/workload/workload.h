/// The workload section of a scenario, the presets of data/workloads, and the streams made of them.
///
/// Use: read a WorkloadConfig, `apply_preset` where it names one, `check_workload`, then
/// `make_stream` for every run. Equal config and seed give equal requests.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "penstock/base/fields.h"
#include "penstock/base/units.h"
#include "penstock/workload/arrival.h"
#include "penstock/workload/length.h"
#include "penstock/workload/limits.h"
#include "penstock/workload/prefix.h"
#include "penstock/workload/request.h"
#include "penstock/workload/trace.h"

namespace penstock::workload {

/// Synthetic traffic: when requests come and how long they are.
struct GeneratorConfig {
  ArrivalsConfig arrivals;
  LengthsConfig lengths;
  std::optional<PrefixConfig> prefix;
};

template <class Visitor>
void fields(Visitor& v, GeneratorConfig& c) {
  v.required("arrivals", c.arrivals, "Arrival process and its fields.");
  v.required("lengths", c.lengths, "Tokens of input and output.");
  v.optional("prefix", c.prefix, "Beginnings that prompts share.");
}

/// A file of data/workloads.
struct WorkloadPreset {
  std::string id;
  std::string summary;
  std::vector<std::string> aliases;
  std::string source;
  std::string date;
  std::string confidence = "medium";
  std::string licence;
  GeneratorConfig generator;
};

template <class Visitor>
void fields(Visitor& v, WorkloadPreset& c) {
  v.optional("id", c.id, "Name, the same as the file's.");
  v.required("summary", c.summary, "One line.");
  v.optional("aliases", c.aliases, "Other names.");
  v.required("source", c.source, "What it was fitted to or taken from.");
  v.required("date", c.date, "Date of the source.");
  v.optional("confidence", c.confidence, "high, medium or low.");
  v.optional("licence", c.licence, "Licence and attribution of the source.");
  v.required("generator", c.generator, "The traffic.");
}

/// A recorded trace to replay.
struct TraceConfig {
  std::string file;
  std::string format;
};

template <class Visitor>
void fields(Visitor& v, TraceConfig& c) {
  v.required("file", c.file, "Path of the trace, relative to the scenario.");
  v.optional("format", c.format, "Name of the format; unset recognises it by the first line.");
}

/// A fixed number of users, each sending its next request when the last one is answered.
struct ClosedLoopConfig {
  int64_t concurrency = 1;
  std::optional<int64_t> requests;
  Seconds think_time;
};

template <class Visitor>
void fields(Visitor& v, ClosedLoopConfig& c) {
  v.required("concurrency", c.concurrency, "Requests inside at any time.", kConcurrencyBounds);
  v.optional("requests", c.requests, "How many requests are sent in all.", kRequestBounds);
  v.optional("think_time", c.think_time, "From an answer to the same user's next request.",
             kSpanBounds);
}

/// A scenario's `workload:` section: a preset, inline arrivals and lengths, or a trace.
struct WorkloadConfig {
  std::optional<std::string> preset;
  std::optional<ArrivalsConfig> arrivals;
  std::optional<LengthsConfig> lengths;
  std::optional<PrefixConfig> prefix;
  std::optional<TraceConfig> trace;
  std::optional<ClosedLoopConfig> closed_loop;
  double load_factor = 1.0;
  std::optional<Seconds> duration;
  std::optional<int64_t> requests;
};

template <class Visitor>
void fields(Visitor& v, WorkloadConfig& c) {
  v.optional("preset", c.preset,
             "Traffic from the catalog, for example azure_conversation_2023; 'arrivals', 'lengths' "
             "and 'prefix' beside it replace its own.");
  v.optional("arrivals", c.arrivals, "Arrival process and its fields.");
  v.optional("lengths", c.lengths, "Tokens of input and output.");
  v.optional("prefix", c.prefix, "Beginnings that prompts share.");
  v.optional("trace", c.trace, "A recorded trace to replay instead.");
  v.optional("closed_loop", c.closed_loop,
             "A fixed number of requests inside; arrival times are not used.");
  v.optional("load_factor", c.load_factor,
             "Multiplies the arrival rate; for a trace it divides the times of arrival.",
             kLoadBounds);
  v.optional("duration", c.duration,
             "Arrivals end here. Unset, a preset or profile is played once and a trace to its end.",
             kSpanBounds);
  v.optional("requests", c.requests,
             "The stream ends after so many requests; a profile is repeated as needed.",
             kRequestBounds);
}

/// Fills what the section leaves open from the preset that it names.
void apply_preset(WorkloadConfig& config, const GeneratorConfig& preset);

/// What single fields cannot see: exactly one source of requests, an end, no key without effect.
/// `node` is the section, for places. Call it after `apply_preset`.
void check_workload(const WorkloadConfig& config, const Node& node, Findings& findings);

/// The requests of a checked config. `trace` is the trace that `config.trace` names, read; streams
/// may share it. In a closed loop all arrivals are at zero and the order counts.
std::unique_ptr<RequestStream> make_stream(const WorkloadConfig& config, uint64_t seed,
                                           std::shared_ptr<const Trace> trace = nullptr);

/// The requests of a generator alone. `load_ratio` 0 leaves all arrivals at zero.
std::unique_ptr<RequestStream> stream_generator(const GeneratorConfig& config, uint64_t seed,
                                                double load_ratio, StreamLimits limits);

}  // namespace penstock::workload

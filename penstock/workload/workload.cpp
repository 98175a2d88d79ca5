#include "penstock/workload/workload.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "penstock/base/check.h"

namespace penstock::workload {
namespace {

/// Collects findings about keys of the section.
class Checker {
 public:
  Checker(const Node& node, Findings& findings) : node_(node), findings_(findings) {}

  void complain(std::string_view key, std::string message) {
    for (const NodeEntry& entry : node_.entries) {
      if (entry.key == key) {
        findings_.add(entry.key_mark, std::move(message), static_cast<int>(key.size()));
        return;
      }
    }
    findings_.add(node_.mark, std::move(message));
  }

 private:
  const Node& node_;
  Findings& findings_;
};

bool has_end(const WorkloadConfig& config) {
  if (config.requests) return true;
  if (config.closed_loop) return config.closed_loop->requests.has_value();
  return config.duration || config.arrivals->model->span();
}

void check_trace(const WorkloadConfig& config, Checker& checker) {
  const auto refuse = [&](std::string_view key) {
    checker.complain(key, fmt::format("'{}' has no effect beside 'trace'; drop one", key));
  };
  if (config.preset) {
    refuse("preset");
  } else {
    if (config.arrivals) refuse("arrivals");
    if (config.lengths) refuse("lengths");
    if (config.prefix) refuse("prefix");
  }
}

}  // namespace

void apply_preset(WorkloadConfig& config, const GeneratorConfig& preset) {
  if (!config.arrivals) config.arrivals = preset.arrivals;
  if (!config.lengths) config.lengths = preset.lengths;
  if (!config.prefix) config.prefix = preset.prefix;
}

void check_workload(const WorkloadConfig& config, const Node& node, Findings& findings) {
  Checker checker(node, findings);
  if (config.closed_loop && config.load_factor != 1.0) {
    checker.complain("load_factor",
                     "'load_factor' has no effect in a closed loop; change "
                     "'closed_loop.concurrency'");
  }
  if (config.closed_loop && config.duration) {
    checker.complain("duration",
                     "'duration' has no effect in a closed loop, which ends with "
                     "'closed_loop.requests'");
  }
  if (config.closed_loop && config.closed_loop->requests && config.requests) {
    checker.complain("requests", "'requests' and 'closed_loop.requests' say the same; drop one");
  }
  if (config.trace) {
    check_trace(config, checker);
    return;
  }
  if (!config.lengths) {
    checker.complain("workload", "needs 'preset', 'trace', or 'arrivals' and 'lengths'");
    return;
  }
  if (!config.arrivals && !config.closed_loop) {
    checker.complain("lengths", "'lengths' need 'arrivals' or 'closed_loop' beside them");
    return;
  }
  // a mistake inside was reported where it stands
  if (config.arrivals && config.arrivals->model == nullptr) return;
  const bool at_one_instant =
      config.arrivals && std::isinf(config.arrivals->model->mean_rate().value());
  if (at_one_instant && !config.closed_loop && !config.requests) {
    checker.complain("arrivals", "all come at once and never end; give 'requests'");
  } else if (!has_end(config)) {
    checker.complain(config.closed_loop ? "closed_loop" : "arrivals",
                     "never ends; give 'requests' or, in an open loop, 'duration'");
  }
}

std::unique_ptr<RequestStream> make_stream(const WorkloadConfig& config, uint64_t seed,
                                           std::shared_ptr<const Trace> trace) {
  PENSTOCK_CHECK(config.trace.has_value() == (trace != nullptr), "trace given: {}",
                 trace != nullptr);
  StreamLimits limits;
  if (config.requests) limits.requests = *config.requests;
  double load_ratio = config.load_factor;
  if (config.closed_loop) {
    load_ratio = 0.0;
    if (config.closed_loop->requests) limits.requests = *config.closed_loop->requests;
  } else if (config.duration) {
    limits.end = Time::from_seconds(*config.duration);
  }
  if (trace != nullptr) return stream_trace(std::move(trace), load_ratio, limits);
  PENSTOCK_CHECK(config.lengths.has_value(), "a generator without lengths; seed {}", seed);
  GeneratorConfig generator;
  generator.lengths = *config.lengths;
  generator.prefix = config.prefix;
  if (config.arrivals) {
    generator.arrivals = *config.arrivals;
    // one pass of the profile, unless more is asked for
    const std::optional<Seconds> span = generator.arrivals->span();
    const bool bounded = config.requests || config.duration || config.closed_loop;
    if (span && !bounded) limits.end = Time::from_seconds(*span);
  }
  return stream_generator(generator, seed, load_ratio, limits);
}

}  // namespace penstock::workload

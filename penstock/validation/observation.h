/// One measured number beside its prediction, or the reason why there is none.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::validation {

/// Values are in the SI unit of the metric: seconds, watts, tokens per second.
struct Observation {
  std::string_view metric;        ///< a literal: "latency", "power", "ttft", "tpot", "throughput"
  std::string section;            ///< a part scored on its own ("each request"); mostly empty
  std::vector<std::string> keys;  ///< one value for each of the suite's keys
  std::string place;              ///< "kernels_gemm.csv:17"
  std::string what;               ///< the row in words
  double measured_factor = 0.0;
  double predicted_factor = 0.0;
  std::optional<double> low;   ///< 10th percentile of what is expected
  std::optional<double> high;  ///< 90th percentile
  std::string unanswered;      ///< reason; then nothing is predicted
  std::string hint;            ///< why the row is likely far off, where its own figures tell

  [[nodiscard]] bool answered() const { return unanswered.empty(); }
  /// predicted / measured - 1.
  [[nodiscard]] double error_fraction() const { return predicted_factor / measured_factor - 1.0; }
  /// Whether the measurement lies between low and high; nullopt without a band.
  [[nodiscard]] std::optional<bool> in_band() const {
    if (!low || !high) return std::nullopt;
    return *low <= measured_factor && measured_factor <= *high;
  }
};

}  // namespace penstock::validation

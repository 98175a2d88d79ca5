/// What a metric means, once: `penstock explain`, the reference page and the report read this.
#pragma once

#include <span>
#include <string_view>

namespace penstock {

/// Definition of a metric without its statistic: "serving.ttft" covers serving.ttft.p99.
struct MetricDoc {
  std::string_view name;
  std::string_view unit;        ///< SI symbol as in results
  std::string_view title;       ///< a few words
  std::string_view definition;  ///< sentences
  std::string_view formula;
  std::string_view source;  ///< who defines it so
};

}  // namespace penstock

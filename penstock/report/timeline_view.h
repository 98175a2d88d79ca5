/// A timeline placed on a common axis, its phases numbered. Shared by terminal and page.
#pragma once

#include <string>
#include <vector>

#include "penstock/base/result.h"
#include "penstock/report/axis.h"

namespace penstock::report {

struct SpanView {
  double from_fraction = 0.0;
  double to_fraction = 0.0;
  size_t phase = 0;  ///< index into the phases
  const Span* span = nullptr;
};

struct LaneView {
  std::string name;
  Seconds total;  ///< from the first start to the last end
  std::vector<SpanView> spans;
};

struct TimelineView {
  std::vector<std::string> phases;  ///< names in order: queue, prefill, preempted, decode, others
  Axis axis;
  bool from_own_start = false;
  std::vector<LaneView> lanes;
  size_t lanes_left_out = 0;
};

/// Places at most `lanes_max` lanes. The timeline must outlive the view.
TimelineView timeline_view(const Timeline& timeline, size_t lanes_max, int tick_count);

/// Number of spans in all lanes.
size_t span_count(const Timeline& timeline);

}  // namespace penstock::report

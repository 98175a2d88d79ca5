#include "penstock/report/timeline_view.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "penstock/report/utf8.h"

namespace penstock::report {
namespace {

constexpr std::array<std::string_view, 4> kRequestPhases = {"queue", "prefill", "preempted",
                                                            "decode"};

struct LaneExtent {
  double start = 0.0;
  double end = 0.0;
  bool any = false;
};

bool usable(const Span& span) {
  return std::isfinite(span.start.value()) && std::isfinite(span.duration.value()) &&
         span.duration.value() >= 0.0;
}

LaneExtent extent_of(const Lane& lane) {
  LaneExtent extent;
  for (const Span& span : lane.spans) {
    if (!usable(span)) continue;
    const double start = span.start.value();
    const double end = start + span.duration.value();
    extent.start = extent.any ? std::min(extent.start, start) : start;
    extent.end = extent.any ? std::max(extent.end, end) : end;
    extent.any = true;
  }
  return extent;
}

// requests first, in the order they live through; other names as they appear
std::vector<std::string> phases_of(const Timeline& timeline, size_t lanes) {
  std::vector<std::string> found;
  for (size_t l = 0; l < lanes; ++l) {
    for (const Span& span : timeline.lanes[l].spans) {
      if (std::find(found.begin(), found.end(), span.name) == found.end()) {
        found.push_back(span.name);
      }
    }
  }
  const auto rank = [](const std::string& name) {
    return std::find(kRequestPhases.begin(), kRequestPhases.end(), name) - kRequestPhases.begin();
  };
  std::stable_sort(found.begin(), found.end(),
                   [&](const std::string& a, const std::string& b) { return rank(a) < rank(b); });
  return found;
}

}  // namespace

size_t span_count(const Timeline& timeline) {
  size_t count = 0;
  for (const Lane& lane : timeline.lanes) count += lane.spans.size();
  return count;
}

TimelineView timeline_view(const Timeline& timeline, size_t lanes_max, int tick_count) {
  TimelineView view;
  const size_t shown = std::min(lanes_max, timeline.lanes.size());
  view.lanes_left_out = timeline.lanes.size() - shown;
  view.phases = phases_of(timeline, shown);
  std::vector<LaneExtent> extents;
  LaneExtent whole;
  double longest = 0.0;
  for (size_t l = 0; l < shown; ++l) {
    extents.push_back(extent_of(timeline.lanes[l]));
    const LaneExtent& lane = extents.back();
    if (!lane.any) continue;
    whole.start = whole.any ? std::min(whole.start, lane.start) : lane.start;
    whole.end = whole.any ? std::max(whole.end, lane.end) : lane.end;
    whole.any = true;
    longest = std::max(longest, lane.end - lane.start);
  }
  view.from_own_start = timeline.from_own_start;
  view.axis = view.from_own_start ? linear_axis({0.0, longest}, "s", tick_count, false)
                                  : linear_axis({whole.start, whole.end}, "s", tick_count, false);
  for (size_t l = 0; l < shown; ++l) {
    const Lane& lane = timeline.lanes[l];
    LaneView placed;
    placed.name = clean(lane.name);
    placed.total = Seconds(extents[l].end - extents[l].start);
    const double origin = view.from_own_start ? extents[l].start : 0.0;
    for (const Span& span : lane.spans) {
      if (!usable(span)) continue;
      const double start = span.start.value() - origin;
      const auto phase = std::find(view.phases.begin(), view.phases.end(), span.name);
      placed.spans.push_back({view.axis.place_fraction(start),
                              view.axis.place_fraction(start + span.duration.value()),
                              static_cast<size_t>(phase - view.phases.begin()), &span});
    }
    view.lanes.push_back(std::move(placed));
  }
  return view;
}

}  // namespace penstock::report

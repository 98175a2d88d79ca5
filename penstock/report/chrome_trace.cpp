#include "penstock/report/chrome_trace.h"

#include <cmath>

#include "penstock/base/time.h"
#include "penstock/report/json_writer.h"
#include "penstock/report/timeline_view.h"

namespace penstock::report {
namespace {

// the longest span of the clock in seconds; beyond it picoseconds do not fit
constexpr double kClockEnd = 9.2e6;

// microseconds from whole picoseconds, so that no digit is invented
std::string microseconds(Seconds seconds) {
  constexpr int64_t kPicosecondsPerMicrosecond = 1'000'000;
  const auto ps = static_cast<int64_t>(
      std::llround(seconds.value() * static_cast<double>(kPicosecondsPerSecond)));
  const int64_t magnitude = ps < 0 ? -ps : ps;
  const int64_t rest = magnitude % kPicosecondsPerMicrosecond;
  std::string text = fmt::format("{}{}", ps < 0 ? "-" : "", magnitude / kPicosecondsPerMicrosecond);
  if (rest == 0) return text;
  text += fmt::format(".{:06}", rest);
  return text.substr(0, text.find_last_not_of('0') + 1);
}

bool writable(const Span& span) {
  return std::abs(span.start.value()) < kClockEnd && span.duration.value() >= 0.0 &&
         span.duration.value() < kClockEnd;
}

struct Place {
  int64_t process;
  int64_t thread;
};

void write_name(JsonWriter& json, std::string_view what, Place place, std::string_view name) {
  json.line().open('{').key("ph").text("M").key("name").text(what);
  json.key("pid").integer(place.process).key("tid").integer(place.thread);
  json.key("args").open('{').key("name").text(name).close('}').close('}');
}

// lanes stay in their order instead of being sorted by name
void write_order(JsonWriter& json, Place place) {
  json.line().open('{').key("ph").text("M").key("name").text("thread_sort_index");
  json.key("pid").integer(place.process).key("tid").integer(place.thread);
  json.key("args").open('{').key("sort_index").integer(place.thread).close('}').close('}');
}

void write_span(JsonWriter& json, const std::string& category, Place place, const Span& span) {
  json.line().open('{').key("ph").text("X").key("name").text(span.name);
  json.key("cat").text(category);
  json.key("pid").integer(place.process).key("tid").integer(place.thread);
  json.key("ts").raw(microseconds(span.start)).key("dur").raw(microseconds(span.duration));
  if (!span.arguments.empty()) {
    json.key("args").open('{');
    for (const auto& [name, value] : span.arguments) json.key(name).text(value);
    json.close('}');
  }
  json.close('}');
}

}  // namespace

std::string to_chrome_trace(std::span<const Timeline> timelines) {
  JsonWriter json;
  // about what one event takes
  constexpr size_t kBytesPerSpan = 128;
  size_t spans = 1;
  for (const Timeline& timeline : timelines) spans += span_count(timeline);
  json.reserve(spans * kBytesPerSpan);
  json.open('{').key("displayTimeUnit").text("ms").key("traceEvents").open('[');
  int64_t process = 0;
  for (const Timeline& timeline : timelines) {
    ++process;
    write_name(json, "process_name", {process, 0}, timeline.title);
    int64_t thread = 0;
    for (const Lane& lane : timeline.lanes) {
      const Place place{process, ++thread};
      write_name(json, "thread_name", place, lane.name);
      write_order(json, place);
      for (const Span& span : lane.spans) {
        if (writable(span)) write_span(json, timeline.id, place, span);
      }
    }
  }
  json.raw_line().close(']').close('}').raw_line();
  return json.take();
}

}  // namespace penstock::report

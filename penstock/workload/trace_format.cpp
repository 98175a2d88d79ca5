#include "penstock/workload/trace_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <utility>

#include "penstock/base/node.h"
#include "penstock/base/registry.h"
#include "penstock/base/text.h"
#include "penstock/base/unit_text.h"
#include "penstock/workload/trace_reader.h"

namespace penstock::workload {
namespace {

/// A regular file in one read; anything else (a pipe) as `read_source` does it.
std::shared_ptr<const Source> read_whole(const std::string& path, Findings& findings) {
  std::error_code error;
  const auto size =
      std::filesystem::is_regular_file(path, error) ? std::filesystem::file_size(path, error) : 0;
  std::ifstream file(path, std::ios::binary);
  if (error || size == 0 || !file) return read_source(path, findings);
  auto source = std::make_shared<Source>();
  source->name = path;
  source->text.resize(size);
  file.read(source->text.data(), static_cast<std::streamsize>(size));
  // a file that shrank while it was read
  source->text.resize(static_cast<size_t>(file.gcount()));
  return source;
}

std::string accepted_first_lines() {
  std::string text;
  for (const auto& entry : Registry<TraceFormat>::entries()) {
    text += fmt::format("\n    {}: {}", entry.name, entry.make()->first_line());
  }
  return text;
}

/// The format whose first line is closest, when one is close at all.
std::string nearest_format(std::string_view line) {
  constexpr size_t kCompared = 120;
  const std::string_view head = line.substr(0, kCompared);
  std::string best;
  int best_distance = static_cast<int>(head.size()) / 2 + 1;
  for (const auto& entry : Registry<TraceFormat>::entries()) {
    const int distance =
        edit_distance(head, std::string(entry.make()->first_line()).substr(0, kCompared));
    if (distance < best_distance) {
      best = entry.name;
      best_distance = distance;
    }
  }
  return best.empty() ? best : fmt::format("; nearest: '{}'", best);
}

void report_unknown(TraceReader& reader, std::string_view line) {
  if (line.starts_with("\xff\xfe") || line.starts_with("\xfe\xff")) {
    reader.mistake(line, "is UTF-16; save the file as UTF-8");
    return;
  }
  reader.mistake(line, fmt::format("no trace format begins with {}{}; accepted are{}",
                                   excerpt_of(line), nearest_format(line), accepted_first_lines()));
}

}  // namespace

Trace parse_trace(const std::shared_ptr<const Source>& source, Findings& findings,
                  std::string_view format) {
  const auto* entry = Registry<TraceFormat>::find(format);
  if (!format.empty() && entry == nullptr) {
    const std::vector<std::string> names = Registry<TraceFormat>::names();
    findings.add(source->name, fmt::format("no trace format '{}'; it is one of {}{}", format,
                                           join(names), suggestion(format, names)));
    return {};
  }
  std::string_view line;
  TraceReader first(source, findings);
  if (!first.next_line(line)) {
    first.file_mistake("is empty; a trace begins with a first line as one of" +
                       accepted_first_lines());
    return {};
  }
  if (entry == nullptr) {
    const auto& entries = Registry<TraceFormat>::entries();
    const auto match = std::find_if(entries.begin(), entries.end(), [&](const auto& e) {
      return e.make()->recognises(trim(line));
    });
    if (match == entries.end()) {
      report_unknown(first, line);
      return {};
    }
    entry = &*match;
  }
  TraceReader reader(source, findings);
  entry->make()->read(reader);
  Trace trace = reader.finish();
  trace.format = entry->name;
  return trace;
}

Trace read_trace(const std::string& path, Findings& findings, std::string_view format) {
  const size_t findings_before = findings.size();
  const auto source = read_whole(path, findings);
  if (findings.size() > findings_before) return {};
  return parse_trace(source, findings, format);
}

std::string write_trace(const Trace& trace, std::string_view format,
                        std::vector<std::string>& notes, Findings& findings) {
  const auto* entry = Registry<TraceFormat>::find(format);
  if (entry == nullptr) {
    const std::vector<std::string> names = Registry<TraceFormat>::names();
    findings.add("format", fmt::format("no trace format '{}'; it is one of {}{}", format,
                                       join(names), suggestion(format, names)));
    return {};
  }
  return entry->make()->write(trace, notes);
}

void note_losses(const Trace& trace, std::string_view format, const FormatLimits& limits,
                 std::vector<std::string>& notes) {
  if (!trace.priorities.empty() && !limits.priorities) {
    notes.push_back(fmt::format("{} holds no priorities; they are left out", format));
  }
  if (trace.prefix_run_tokens != 0 && limits.prefix_run_tokens == 0) {
    notes.push_back(fmt::format("{} holds no prefix hashes; they are left out", format));
  } else if (trace.prefix_run_tokens != 0 && trace.prefix_run_tokens != limits.prefix_run_tokens) {
    notes.push_back(
        fmt::format("{} hashes runs of {} tokens, the trace runs of {}; the hashes are "
                    "left out",
                    format, limits.prefix_run_tokens, trace.prefix_run_tokens));
  }
  const auto rounded = std::count_if(trace.arrivals.begin(), trace.arrivals.end(), [&](Time t) {
    return t.picoseconds() % limits.resolution_picoseconds != 0;
  });
  if (rounded > 0) {
    const Seconds tick = Time::from_picoseconds(limits.resolution_picoseconds).seconds();
    notes.push_back(fmt::format("{} keeps arrivals to {}; {} of them are rounded down", format,
                                to_text(tick), with_commas(rounded)));
  }
}

}  // namespace penstock::workload

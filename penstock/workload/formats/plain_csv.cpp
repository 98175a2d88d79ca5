#include <fmt/format.h>

#include <array>
#include <charconv>

#include "penstock/base/csv.h"
#include "penstock/base/registry.h"
#include "penstock/base/text.h"
#include "penstock/base/unit_text.h"
#include "penstock/workload/decimal.h"
#include "penstock/workload/limits.h"
#include "penstock/workload/trace_format.h"
#include "penstock/workload/trace_reader.h"

namespace penstock::workload {
namespace {

enum Column : uint8_t { kArrival, kInput, kOutput, kPriority };
constexpr std::array kColumns = {CsvColumn{"arrival"}, CsvColumn{"input"}, CsvColumn{"output"},
                                 CsvColumn{"priority", false}};

/// Seconds as a plain number, or a number with its unit ("1500 ms", "2 min").
std::optional<FileTime> read_arrival(TraceReader& reader, std::string_view text) {
  const bool has_unit =
      !text.empty() && text.back() >= 'a' && text.back() <= 'z' && text[0] >= '0' && text[0] <= '9';
  if (!has_unit) return read_time(reader, text, "arrival", kPicosecondsPerSecond);
  const auto seconds = parse<Seconds>(text);
  if (!seconds || *seconds > kSpanMax) {
    reader.mistake(text, fmt::format("'arrival' must be seconds or a time with its unit, at most "
                                     "100 days, for example \"12.5\" or \"250 ms\"; got {}",
                                     excerpt_of(text)));
    return std::nullopt;
  }
  return static_cast<FileTime>(seconds->value() * static_cast<double>(kPicosecondsPerSecond) + 0.5);
}

std::optional<int32_t> read_priority(TraceReader& reader, std::string_view text) {
  int32_t priority = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), priority);
  if (code == std::errc{} && end == text.data() + text.size()) return priority;
  reader.mistake(
      text, fmt::format("'priority' must be a whole number of 32 bits; got {}", excerpt_of(text)));
  return std::nullopt;
}

class PlainCsv final : public TraceFormat {
 public:
  [[nodiscard]] std::string_view first_line() const override {
    return "arrival,input,output[,priority]";
  }
  [[nodiscard]] bool recognises(std::string_view line) const override {
    return is_header_of(line, kColumns);
  }

  void read(TraceReader& reader) const override {
    CsvReader rows(reader, kColumns);
    while (rows.next_row()) {
      const std::string_view arrival = rows.field(kArrival);
      const auto time = read_arrival(reader, arrival);
      const auto input = read_tokens(reader, rows.field(kInput), "input");
      const auto output = read_tokens(reader, rows.field(kOutput), "output");
      const auto priority = rows.has(kPriority) ? read_priority(reader, rows.field(kPriority))
                                                : std::optional<int32_t>(0);
      if (time && input && output && priority) {
        reader.add(*time, arrival, {*input, *output, *priority});
      }
    }
  }

  [[nodiscard]] std::string write(const Trace& trace,
                                  std::vector<std::string>& notes) const override {
    note_losses(trace, "plain_csv", {.priorities = true}, notes);
    const bool priorities = !trace.priorities.empty();
    std::string text = priorities ? "arrival,input,output,priority\n" : "arrival,input,output\n";
    for (size_t i = 0; i < trace.size(); ++i) {
      append_seconds(trace.arrivals[i], text);
      fmt::format_to(std::back_inserter(text), ",{},{}", trace.input_tokens[i],
                     trace.output_tokens[i]);
      if (priorities) fmt::format_to(std::back_inserter(text), ",{}", trace.priorities[i]);
      text += '\n';
    }
    return text;
  }
};
PENSTOCK_REGISTER(TraceFormat, PlainCsv,
                  "The simplest: arrival in seconds or with a unit, input and output tokens.");

}  // namespace
}  // namespace penstock::workload

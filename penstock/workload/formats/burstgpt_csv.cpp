#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "penstock/base/csv.h"
#include "penstock/base/registry.h"
#include "penstock/workload/decimal.h"
#include "penstock/workload/trace_format.h"
#include "penstock/workload/trace_reader.h"

namespace penstock::workload {
namespace {

// release 1.1 has the required columns; 2.0 added the session and the duration of the answer
enum Column : uint8_t { kTimestamp, kRequest, kResponse };
constexpr std::array kColumns = {CsvColumn{"Timestamp"},         CsvColumn{"Request tokens"},
                                 CsvColumn{"Response tokens"},   CsvColumn{"Model", false},
                                 CsvColumn{"Total tokens"},      CsvColumn{"Log Type", false},
                                 CsvColumn{"Session ID", false}, CsvColumn{"Elapsed time", false}};

class BurstgptCsv final : public TraceFormat {
 public:
  [[nodiscard]] std::string_view first_line() const override {
    return "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type";
  }
  [[nodiscard]] bool recognises(std::string_view line) const override {
    return is_header_of(line, kColumns);
  }

  void read(TraceReader& reader) const override {
    CsvReader rows(reader, kColumns);
    while (rows.next_row()) {
      const std::string_view stamp = rows.field(kTimestamp);
      const auto time = read_time(reader, stamp, "Timestamp", kPicosecondsPerSecond);
      const auto input = read_tokens(reader, rows.field(kRequest), "Request tokens", 0);
      const auto output = read_tokens(reader, rows.field(kResponse), "Response tokens", 0);
      if (!time || !input || !output) continue;
      // the publishers mark failures so
      if (*output == 0) {
        reader.count_row("have no response tokens, which marks a failed request; skipped");
        continue;
      }
      if (*input == 0) reader.count_row("have no request tokens; read as one token");
      reader.add(*time, stamp, {std::max<int64_t>(*input, 1), *output, 0});
    }
  }

  [[nodiscard]] std::string write(const Trace& trace,
                                  std::vector<std::string>& notes) const override {
    note_losses(trace, "burstgpt_csv", {}, notes);
    notes.emplace_back("burstgpt_csv names a model and a log type; written as unknown, API log");
    std::string text(first_line());
    text += '\n';
    for (size_t i = 0; i < trace.size(); ++i) {
      const int64_t input = trace.input_tokens[i];
      const int64_t output = trace.output_tokens[i];
      append_seconds(trace.arrivals[i], text);
      fmt::format_to(std::back_inserter(text), ",unknown,{},{},{},API log\n", input, output,
                     input + output);
    }
    return text;
  }
};
PENSTOCK_REGISTER(TraceFormat, BurstgptCsv,
                  "BurstGPT releases 1.1 and 2.0: seconds, request and response tokens.");

}  // namespace
}  // namespace penstock::workload

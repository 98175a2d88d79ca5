#include <fmt/format.h>

#include <array>
#include <charconv>

#include "penstock/base/csv.h"
#include "penstock/base/registry.h"
#include "penstock/base/text.h"
#include "penstock/workload/trace_format.h"
#include "penstock/workload/trace_reader.h"

namespace penstock::workload {
namespace {

enum Column : uint8_t { kTimestamp, kContext, kGenerated };
constexpr std::array kColumns = {CsvColumn{"TIMESTAMP"}, CsvColumn{"ContextTokens"},
                                 CsvColumn{"GeneratedTokens"}};
constexpr int64_t kTick = 100'000;  // picoseconds: the stamps have seven decimals
constexpr int64_t kSecondsPerDay = 86'400;
constexpr int64_t kSecondsPerHour = 3'600;
constexpr size_t kDateLength = 10;  // YYYY-MM-DD
// of the Gregorian calendar: days of 400 years, and from 0000-03-01 to 1970-01-01
constexpr int64_t kDaysPerEra = 146'097;
constexpr int64_t kDaysToEpoch = 719'468;

/// Days from 1970-01-01 in the Gregorian calendar, and back.
/// Source: Hinnant, "chrono-compatible low-level date algorithms", 2013.
int64_t days_from_civil(int64_t year, int64_t month, int64_t day) {
  year -= month <= 2 ? 1 : 0;
  const int64_t era = year / 400;
  const int64_t year_of_era = year - era * 400;
  const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * kDaysPerEra + day_of_era - kDaysToEpoch;
}

struct Date {
  int64_t year;
  int64_t month;
  int64_t day;
};

Date civil_from_days(int64_t days) {
  const int64_t shifted = days + kDaysToEpoch;
  const int64_t era = shifted / kDaysPerEra;
  const int64_t doe = shifted - era * kDaysPerEra;
  // days of 4, 100 and 400 years less one
  constexpr int64_t kFour = 1'460;
  constexpr int64_t kHundred = 36'524;
  constexpr int64_t kFourHundred = 146'096;
  const int64_t yoe = (doe - doe / kFour + doe / kHundred - doe / kFourHundred) / 365;
  const int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  const int64_t mp = (5 * doy + 2) / 153;
  const int64_t month = mp < 10 ? mp + 3 : mp - 9;
  return {yoe + era * 400 + (month <= 2 ? 1 : 0), month, doy - (153 * mp + 2) / 5 + 1};
}

/// Takes `count` digits off the front; -1 when they are not there.
int64_t take_digits(std::string_view& text, size_t count) {
  if (text.size() < count) return -1;
  int64_t value = 0;
  for (const char c : text.substr(0, count)) {
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  text.remove_prefix(count);
  return value;
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

/// YYYY-MM-DD as days; nullopt when it is no date.
std::optional<int64_t> parse_date(std::string_view text) {
  const int64_t year = take_digits(text, 4);
  const bool first = take(text, '-');
  const int64_t month = take_digits(text, 2);
  const bool second = take(text, '-');
  const int64_t day = take_digits(text, 2);
  if (year < 1 || !first || month < 1 || month > 12 || !second || day < 1) return std::nullopt;
  const int64_t days = days_from_civil(year, month, day);
  const Date back = civil_from_days(days);
  // the 31st of a month of 30 days comes back as another date
  return back.month == month && back.day == day ? std::optional(days) : std::nullopt;
}

/// The fraction of a second as picoseconds, digits below are dropped; nullopt without a digit.
std::optional<int64_t> take_fraction(std::string_view& text) {
  if (!take(text, '.')) return 0;
  int64_t picoseconds = 0;
  int64_t place = kPicosecondsPerSecond;
  const size_t before = text.size();
  while (!text.empty() && text[0] >= '0' && text[0] <= '9') {
    place /= 10;
    picoseconds += place * (text[0] - '0');
    text.remove_prefix(1);
  }
  return text.size() < before ? std::optional(picoseconds) : std::nullopt;
}

/// "", "Z" or "+hh:mm" as seconds ahead of UTC.
std::optional<int64_t> take_offset(std::string_view& text) {
  if (text.empty() || take(text, 'Z')) return 0;
  const int64_t sign = text[0] == '-' ? -1 : 1;
  if (!take(text, '+') && !take(text, '-')) return std::nullopt;
  const int64_t hours = take_digits(text, 2);
  const bool colon = take(text, ':');
  const int64_t minutes = take_digits(text, 2);
  if (hours < 0 || hours > 23 || !colon || minutes < 0 || minutes > 59) return std::nullopt;
  return sign * (hours * kSecondsPerHour + minutes * 60);
}

/// Reads "2023-11-16 18:15:46.6805900", also with 'T' and an offset from UTC. Remembers the last
/// date, since most rows share it.
class StampReader {
 public:
  std::optional<FileTime> read(std::string_view text) {
    const std::string_view date = text.substr(0, kDateLength);
    if (date != date_ || date.size() < kDateLength) {
      const auto days = parse_date(date);
      if (!days) return std::nullopt;
      date_ = date;
      midnight_ = *days * kSecondsPerDay;
    }
    text.remove_prefix(kDateLength);
    if (!take(text, ' ') && !take(text, 'T')) return std::nullopt;
    const int64_t hour = take_digits(text, 2);
    const bool first = take(text, ':');
    const int64_t minute = take_digits(text, 2);
    const bool second = take(text, ':');
    const int64_t seconds = take_digits(text, 2);
    if (hour < 0 || hour > 23 || !first || minute < 0 || minute > 59 || !second || seconds < 0 ||
        seconds > 59) {
      return std::nullopt;
    }
    const auto fraction = take_fraction(text);
    const auto offset = take_offset(text);
    if (!fraction || !offset || !text.empty()) return std::nullopt;
    const int64_t total = midnight_ + hour * kSecondsPerHour + minute * 60 + seconds - *offset;
    return FileTime{total} * kPicosecondsPerSecond + *fraction;
  }

 private:
  std::string_view date_;
  int64_t midnight_ = 0;
};

class AzureCsv final : public TraceFormat {
 public:
  [[nodiscard]] std::string_view first_line() const override {
    return "TIMESTAMP,ContextTokens,GeneratedTokens";
  }
  [[nodiscard]] bool recognises(std::string_view line) const override {
    return is_header_of(line, kColumns);
  }

  void read(TraceReader& reader) const override {
    CsvReader rows(reader, kColumns);
    StampReader stamps;
    while (rows.next_row()) {
      const std::string_view stamp = rows.field(kTimestamp);
      const auto time = stamps.read(stamp);
      if (!time) {
        reader.mistake(stamp, fmt::format("'TIMESTAMP' must be a date and time, for example "
                                          "\"2023-11-16 18:15:46.6805900\"; got {}",
                                          excerpt_of(stamp)));
      }
      const auto input = read_tokens(reader, rows.field(kContext), "ContextTokens");
      const auto output = read_tokens(reader, rows.field(kGenerated), "GeneratedTokens");
      if (time && input && output) reader.add(*time, stamp, {*input, *output, 0});
    }
  }

  [[nodiscard]] std::string write(const Trace& trace,
                                  std::vector<std::string>& notes) const override {
    note_losses(trace, "azure_csv", {.resolution_picoseconds = kTick}, notes);
    notes.emplace_back("azure_csv needs dates; the first arrival is 1970-01-01 00:00:00");
    std::string text(first_line());
    text += '\n';
    for (size_t i = 0; i < trace.size(); ++i) {
      const int64_t ticks = trace.arrivals[i].picoseconds() / kTick;
      constexpr int64_t kTicksPerSecond = kPicosecondsPerSecond / kTick;
      const int64_t seconds = ticks / kTicksPerSecond;
      const Date date = civil_from_days(seconds / kSecondsPerDay);
      const int64_t of_day = seconds % kSecondsPerDay;
      fmt::format_to(std::back_inserter(text), "{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:07},{},{}\n",
                     date.year, date.month, date.day, of_day / kSecondsPerHour, of_day / 60 % 60,
                     of_day % 60, ticks % kTicksPerSecond, trace.input_tokens[i],
                     trace.output_tokens[i]);
    }
    return text;
  }
};
PENSTOCK_REGISTER(TraceFormat, AzureCsv,
                  "Azure LLM inference traces 2023 and 2024: date and time, tokens in and out.");

}  // namespace
}  // namespace penstock::workload

#include "penstock/workload/trace_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>
#include <utility>

#include "penstock/base/check.h"
#include "penstock/base/text.h"
#include "penstock/workload/limits.h"

namespace penstock::workload {
namespace {

constexpr int kPicosecondDigits = 12;
constexpr int64_t kSpanMaxPicoseconds =
    static_cast<int64_t>(kSpanMax.value()) * kPicosecondsPerSecond;

template <class T>
void permute(std::vector<T>& values, const std::vector<size_t>& order) {
  if (values.empty()) return;
  std::vector<T> sorted;
  sorted.reserve(values.size());
  for (const size_t i : order) sorted.push_back(values[i]);
  values = std::move(sorted);
}

/// Digits with an optional fraction, as multiples of 10^-12; nullopt for anything else.
std::optional<Int128> plain_decimal(std::string_view text) {
  constexpr size_t kDigitsMax = 18;  // fits 64 bits
  const size_t point = std::min(text.find('.'), text.size());
  if (point == 0 || point > kDigitsMax) return std::nullopt;
  int64_t whole = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + point, whole);
  if (code != std::errc{} || end != text.data() + point || text[0] == '-') return std::nullopt;
  int64_t fraction = 0;
  int digits = 0;
  for (const char c : text.substr(std::min(point + 1, text.size()))) {
    if (c < '0' || c > '9') return std::nullopt;
    // digits below a picosecond are dropped
    if (digits < kPicosecondDigits) {
      fraction = fraction * 10 + (c - '0');
      ++digits;
    }
  }
  for (; digits < kPicosecondDigits; ++digits) fraction *= 10;
  return Int128{whole} * kPicosecondsPerSecond + fraction;
}

std::optional<double> any_number(std::string_view text) {
  double number = 0.0;
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code == std::errc::result_out_of_range && end == text.data() + text.size()) {
    return std::numeric_limits<double>::infinity();
  }
  if (code != std::errc{} || end != text.data() + text.size() || std::isnan(number)) {
    return std::nullopt;
  }
  return number;
}

}  // namespace

TraceReader::TraceReader(const std::shared_ptr<const Source>& source, Findings& findings)
    : LineReader(source, findings) {
  trace_.name = source->name;
}

void TraceReader::add(FileTime time, std::string_view time_part, const Row& row) {
  if (!origin_) origin_ = time;
  const FileTime since = time - *origin_;
  if (since > kSpanMaxPicoseconds || since < -kSpanMaxPicoseconds) {
    mistake(time_part,
            fmt::format("is {:.0f} days from the first row; a trace spans at most {:.0f}",
                        std::abs(static_cast<double>(since)) /
                            static_cast<double>(kPicosecondsPerSecond) / (24_hours).value(),
                        kSpanMax / 24_hours));
    return;
  }
  const auto arrival = static_cast<int64_t>(since);
  if (trace_.size() > 0 && arrival < latest_) {
    ++unsorted_count_;
  } else {
    latest_ = arrival;
  }
  const size_t before = trace_.size();
  trace_.arrivals.push_back(Time::from_picoseconds(arrival));
  trace_.input_tokens.push_back(row.input_tokens);
  trace_.output_tokens.push_back(row.output_tokens);
  if (row.priority != 0 && trace_.priorities.empty()) trace_.priorities.resize(before, 0);
  if (row.priority != 0 || !trace_.priorities.empty()) trace_.priorities.push_back(row.priority);
  if (!trace_.prefix_ends.empty()) trace_.prefix_ends.push_back(trace_.prefix_ends.back());
}

void TraceReader::add_hashes(const std::vector<uint64_t>& hashes, int64_t run_tokens) {
  if (hashes.empty()) return;
  PENSTOCK_CHECK(trace_.size() > 0, "{} hashes without a request", hashes.size());
  if (trace_.prefix_ends.empty()) trace_.prefix_ends.resize(trace_.size(), 0);
  trace_.prefix_hashes.insert(trace_.prefix_hashes.end(), hashes.begin(), hashes.end());
  trace_.prefix_ends.back() = trace_.prefix_hashes.size();
  trace_.prefix_run_tokens = run_tokens;
}

void TraceReader::count_row(std::string_view reason) {
  for (auto& [known, count] : counted_) {
    if (known == reason) {
      ++count;
      return;
    }
  }
  counted_.emplace_back(reason, 1);
}

void TraceReader::sort_by_arrival() {
  std::vector<size_t> order(trace_.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return trace_.arrivals[a] < trace_.arrivals[b]; });
  if (!trace_.prefix_ends.empty()) {
    std::vector<uint64_t> hashes;
    std::vector<uint64_t> ends;
    hashes.reserve(trace_.prefix_hashes.size());
    for (const size_t i : order) {
      const auto own = trace_.hashes(i);
      hashes.insert(hashes.end(), own.begin(), own.end());
      ends.push_back(hashes.size());
    }
    trace_.prefix_hashes = std::move(hashes);
    trace_.prefix_ends = std::move(ends);
  }
  permute(trace_.arrivals, order);
  permute(trace_.input_tokens, order);
  permute(trace_.output_tokens, order);
  permute(trace_.priorities, order);
}

void TraceReader::shift_to_zero() {
  const int64_t first = trace_.arrivals.front().picoseconds();
  const Int128 span = Int128{trace_.arrivals.back().picoseconds()} - first;
  if (span > kSpanMaxPicoseconds) {
    const Seconds seconds(static_cast<double>(span) / static_cast<double>(kPicosecondsPerSecond));
    file_mistake(fmt::format("spans {:.0f} days; a trace spans at most {:.0f}", seconds / 24_hours,
                             kSpanMax / 24_hours));
    return;
  }
  if (first == 0) return;
  for (Time& t : trace_.arrivals) t = Time::from_picoseconds(t.picoseconds() - first);
}

Trace TraceReader::finish() {
  tell_hidden_mistakes();
  if (mistake_count() == 0 && trace_.size() == 0) {
    file_mistake(counted_.empty() ? "holds a first line but no requests"
                                  : "holds no request that can be used; all rows were skipped");
  }
  for (const auto& [reason, count] : counted_) {
    trace_.notes.push_back(
        fmt::format("{} of {} rows {}", with_commas(count), with_commas(line_count() - 1), reason));
  }
  if (unsorted_count_ > 0) {
    sort_by_arrival();
    trace_.notes.push_back(fmt::format(
        "{} of {} arrivals were out of order; sorted, equal times "
        "keep their order",
        with_commas(unsorted_count_), with_commas(static_cast<int64_t>(trace_.size()))));
  }
  if (trace_.size() > 0) shift_to_zero();
  return std::move(trace_);
}

std::optional<int64_t> read_tokens(TraceReader& reader, std::string_view text,
                                   std::string_view name, int64_t minimum) {
  int64_t tokens = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), tokens);
  if (code == std::errc{} && end == text.data() + text.size() && tokens >= minimum &&
      tokens <= kTokensMax) {
    return tokens;
  }
  if (text.empty()) {
    reader.mistake(text, fmt::format("'{}' is empty", name));
    return std::nullopt;
  }
  const std::optional<double> number = any_number(text);
  if (!number) {
    reader.mistake(text,
                   fmt::format("'{}' must be a number of tokens; got {}", name, excerpt_of(text)));
  } else if (*number < 0.0) {
    reader.mistake(text, fmt::format("'{}' must not be negative; got {}", name, excerpt_of(text)));
  } else if (*number < static_cast<double>(minimum)) {
    reader.mistake(
        text, fmt::format("'{}' must be at least {}; got {}", name, minimum, excerpt_of(text)));
  } else if (*number > static_cast<double>(kTokensMax)) {
    reader.mistake(text, fmt::format("'{}' must be at most {}; got {}", name,
                                     with_commas(kTokensMax), excerpt_of(text)));
  } else if (*number != std::floor(*number)) {
    reader.mistake(text,
                   fmt::format("'{}' must be a whole number; got {}", name, excerpt_of(text)));
  } else {
    return static_cast<int64_t>(*number);
  }
  return std::nullopt;
}

std::optional<FileTime> read_time(TraceReader& reader, std::string_view text, std::string_view name,
                                  int64_t unit_picoseconds) {
  PENSTOCK_CHECK(kPicosecondsPerSecond % unit_picoseconds == 0, "unit of {} ps", unit_picoseconds);
  if (const auto decimal = plain_decimal(text)) {
    return *decimal / (kPicosecondsPerSecond / unit_picoseconds);
  }
  if (text.empty()) {
    reader.mistake(text, fmt::format("'{}' is empty", name));
    return std::nullopt;
  }
  // far beyond every date, far inside 128 bits
  constexpr double kNumberMax = 1e18;
  const std::optional<double> number = any_number(text);
  if (!number) {
    reader.mistake(text, fmt::format("'{}' must be a number; got {}", name, excerpt_of(text)));
  } else if (*number < 0.0) {
    reader.mistake(text, fmt::format("'{}' must not be negative; got {}", name, excerpt_of(text)));
  } else if (*number > kNumberMax) {
    reader.mistake(text, fmt::format("'{}' is too large; got {}", name, excerpt_of(text)));
  } else {
    return static_cast<FileTime>(*number * static_cast<double>(unit_picoseconds));
  }
  return std::nullopt;
}

}  // namespace penstock::workload

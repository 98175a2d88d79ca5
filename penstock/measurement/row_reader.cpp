#include "penstock/measurement/row_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "penstock/base/text.h"

namespace penstock::measurement {
namespace {

// far beyond every count of tokens, heads and bytes, far inside 64 bits
constexpr int64_t kCountMax = 1'000'000'000'000'000;

std::optional<double> number_of(std::string_view text) {
  double number = 0.0;
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = end == text.data() + text.size();
  if (code == std::errc::result_out_of_range && whole) return HUGE_VAL;
  if (code != std::errc{} || !whole) return std::nullopt;
  return number;
}

}  // namespace

RowReader::RowReader(const std::shared_ptr<const Source>& source,
                     std::span<const CsvColumn> columns, const catalog::Catalog& catalog,
                     Findings& findings)
    : columns_(columns),
      catalog_(catalog),
      findings_(findings),
      lines_(source, findings),
      csv_(lines_, columns) {}

bool RowReader::next() {
  if (!csv_.next_row()) return false;
  ++row_count_;
  mistakes_before_ = lines_.mistake_count();
  return true;
}

void RowReader::finish() {
  for (auto& [name, repeated] : repeated_) {
    if (repeated.more_count > 0) {
      repeated.message += fmt::format(" ({} more row{})", with_commas(repeated.more_count),
                                      repeated.more_count == 1 ? "" : "s");
    }
    findings_.add(repeated.mark, std::move(repeated.message), repeated.width);
  }
  lines_.tell_hidden_mistakes();
  if (row_count_ == 0 && lines_.mistake_count() == 0) {
    lines_.file_mistake(lines_.line_count() == 0 ? "is empty; it needs a header and rows"
                                                 : "holds a header but no rows");
  }
}

void RowReader::mistake(size_t column, std::string_view message) {
  lines_.mistake(csv_.field(column), fmt::format("'{}' {}", columns_[column].name, message));
}

int64_t RowReader::count(size_t column, int64_t minimum) {
  const std::string_view field = csv_.field(column);
  int64_t value = 0;
  const auto [end, code] = std::from_chars(field.data(), field.data() + field.size(), value);
  const bool plain = code == std::errc{} && end == field.data() + field.size() && !field.empty();
  if (plain && value >= minimum && value <= kCountMax) return value;
  const std::optional<double> number = number_of(field);
  if (field.empty()) {
    mistake(column, "is empty");
  } else if (!number || std::isnan(*number)) {
    mistake(column, fmt::format("must be a whole number; got {}", excerpt_of(field)));
  } else if (*number < static_cast<double>(minimum) || *number > static_cast<double>(kCountMax)) {
    mistake(column, fmt::format("must be a whole number from {} to 1e15; got {}", minimum,
                                excerpt_of(field)));
  } else if (*number != std::floor(*number)) {
    mistake(column, fmt::format("must be a whole number; got {}", excerpt_of(field)));
  } else {
    return static_cast<int64_t>(*number);
  }
  return std::max<int64_t>(minimum, 1);
}

std::optional<int64_t> RowReader::maybe_count(size_t column, int64_t minimum) {
  if (!has(column)) return std::nullopt;
  return count(column, minimum);
}

double RowReader::number(size_t column, bool zero_is_good) {
  const std::string_view field = csv_.field(column);
  const std::optional<double> value = number_of(field);
  if (value && std::isfinite(*value) && (*value > 0.0 || (zero_is_good && *value == 0.0))) {
    return *value;
  }
  if (field.empty()) {
    mistake(column, "is empty");
  } else if (!value) {
    mistake(column, fmt::format("must be a number, its unit is in the column's name; got {}",
                                excerpt_of(field)));
  } else if (!std::isfinite(*value)) {
    mistake(column, fmt::format("must be finite; got {}", excerpt_of(field)));
  } else {
    mistake(column, fmt::format("must be {}; got {}", zero_is_good ? "zero or more" : "above zero",
                                excerpt_of(field)));
  }
  return 1.0;
}

Seconds RowReader::duration(size_t column, Seconds unit) { return number(column, false) * unit; }

Seconds RowReader::instant(size_t column, Seconds unit) { return number(column, true) * unit; }

std::optional<Watts> RowReader::watts(size_t column) {
  if (!has(column)) return std::nullopt;
  return Watts(number(column, false));
}

TokensPerSecond RowReader::token_rate(size_t column) {
  return TokensPerSecond(number(column, false));
}

std::string RowReader::accelerator_named(std::string_view field, size_t column) {
  const auto known = accelerators_.find(field);
  if (known != accelerators_.end()) return known->second;
  const auto unknown = repeated_.find(field);
  if (unknown != repeated_.end()) {
    ++unknown->second.more_count;
    --mistakes_before_;  // the row is not good, though its mistake has been told
    return {};
  }
  if (field.empty()) {
    mistake(column, "is empty");
    return {};
  }
  const std::optional<std::string> id = catalog_.canonical_id("accelerators", field);
  if (id) return accelerators_.emplace(std::string(field), *id).first->second;
  Repeated repeated{lines_.place_of(field), {}, static_cast<int>(field.size()), 0};
  repeated.message =
      fmt::format("no accelerator {} in the catalog{} (see: penstock catalog list accelerators)",
                  excerpt_of(field), suggestion(field, catalog_.ids("accelerators")));
  repeated_.emplace(std::string(field), std::move(repeated));
  --mistakes_before_;
  return {};
}

const catalog::Accelerator* RowReader::look_up(const std::string& id) {
  const auto known = entries_.find(id);
  if (known != entries_.end()) return known->second ? &*known->second : nullptr;
  Findings findings;
  auto& entry = entries_[id] = catalog_.accelerator(id, {}, findings);
  return entry ? &*entry : nullptr;
}

void RowReader::check_speed(size_t column, Seconds latency, const std::string& accelerator,
                            catalog::Dtype compute, Flop operations, Bytes bytes) {
  constexpr double kPeakSlack = 2.0;
  constexpr double kBandwidthSlack = 10.0;
  const catalog::Accelerator* entry = look_up(accelerator);
  if (entry == nullptr) return;
  const auto peak = entry->peak_for(compute);
  const double by_peak = peak ? operations / *peak / latency : 0.0;
  const double by_bandwidth = bytes / entry->memory_bandwidth.value / latency;
  if (by_peak <= kPeakSlack && by_bandwidth <= kBandwidthSlack) return;
  mistake(column, fmt::format("is {:.0f} times quicker than {} can be; is its unit another?",
                              std::max(by_peak, by_bandwidth), accelerator));
}

NumberFormat RowReader::format(size_t column) {
  const std::string_view field = csv_.field(column);
  const NumberFormat* found = find_number_format(field);
  if (found != nullptr) return *found;
  unknown_word(column, number_format_names());
  return number_formats()[0];
}

std::optional<NumberFormat> RowReader::maybe_format(size_t column) {
  if (!has(column)) return std::nullopt;
  return format(column);
}

bool RowReader::truth(size_t column) {
  const std::string_view field = csv_.field(column);
  if (field == "true" || field == "1") return true;
  if (field == "false" || field == "0") return false;
  unknown_word(column, {"true", "false"});
  return false;
}

void RowReader::unknown_word(size_t column, const std::vector<std::string>& names) {
  const std::string_view field = csv_.field(column);
  mistake(column, fmt::format("must be one of {}; got {}{}", join(names), excerpt_of(field),
                              nearest(field, names).empty() ? "" : suggestion(field, names)));
}

}  // namespace penstock::measurement

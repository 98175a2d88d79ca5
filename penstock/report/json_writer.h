/// Appends JSON to a string: valid whatever the texts and numbers, in the order written.
///
/// Numbers are the shortest that read back the same; NaN and infinities become null. Broken UTF-8
/// becomes U+FFFD. The writer places commas; the caller balances what it opens.
#pragma once

#include <charconv>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>

#include "penstock/report/utf8.h"

namespace penstock::report {

class JsonWriter {
 public:
  /// With `for_html`, `<`, `>` and `&` are written as escapes, so that no text can end a script.
  explicit JsonWriter(bool for_html = false) : for_html_(for_html) {}

  JsonWriter& open(char bracket) {
    before_value();
    out_ += bracket;
    comma_ = false;
    return *this;
  }
  JsonWriter& close(char bracket) {
    out_ += bracket;
    comma_ = true;
    return *this;
  }
  JsonWriter& key(std::string_view name) {
    before_value();
    quote(name);
    out_ += ':';
    comma_ = false;
    return *this;
  }
  JsonWriter& text(std::string_view value) {
    before_value();
    quote(value);
    return *this;
  }
  JsonWriter& number(double value_factor);
  JsonWriter& integer(int64_t value) { return raw_number(value); }
  JsonWriter& integer(uint64_t value) { return raw_number(value); }
  JsonWriter& boolean(bool value) { return raw(value ? "true" : "false"); }
  JsonWriter& null() { return raw("null"); }
  /// A finished value: a number that the caller has formatted.
  JsonWriter& raw(std::string_view value) {
    before_value();
    out_ += value;
    return *this;
  }
  /// A line end for people who read or compare the file.
  JsonWriter& line() {
    if (comma_) {
      out_ += ',';
      comma_ = false;
    }
    out_ += '\n';
    return *this;
  }

  /// A line end after which no further value follows at this depth.
  JsonWriter& raw_line() {
    out_ += '\n';
    return *this;
  }

  [[nodiscard]] std::string take() { return std::move(out_); }
  void reserve(size_t bytes) { out_.reserve(bytes); }

 private:
  template <class Integer>
  JsonWriter& raw_number(Integer value) {
    char buffer[24];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
    return raw({buffer, static_cast<size_t>(end - buffer)});
  }
  void before_value() {
    if (comma_) out_ += ',';
    comma_ = true;
  }
  void quote(std::string_view value);
  void escape(char c);

  std::string out_;
  bool for_html_;
  bool comma_ = false;
};

}  // namespace penstock::report

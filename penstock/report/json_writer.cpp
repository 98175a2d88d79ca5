#include "penstock/report/json_writer.h"

namespace penstock::report {

JsonWriter& JsonWriter::number(double value_factor) {
  if (!std::isfinite(value_factor)) return null();
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value_factor).ptr;
  return raw({buffer, static_cast<size_t>(end - buffer)});
}

void JsonWriter::escape(char c) {
  constexpr std::string_view kHex = "0123456789abcdef";
  switch (c) {
    case '"': out_ += "\\\""; return;
    case '\\': out_ += "\\\\"; return;
    case '\n': out_ += "\\n"; return;
    case '\t': out_ += "\\t"; return;
    case '\r': out_ += "\\r"; return;
    default: break;
  }
  const auto byte = static_cast<uint8_t>(c);
  out_ += "\\u00";
  out_ += kHex[byte >> 4];
  out_ += kHex[byte & 15u];
}

void JsonWriter::quote(std::string_view value) {
  out_ += '"';
  size_t plain_from = 0;
  for (size_t at = 0; at < value.size();) {
    const char c = value[at];
    const auto byte = static_cast<uint8_t>(c);
    const bool special = byte < 0x20 || c == '"' || c == '\\' || byte == 0x7F ||
                         (for_html_ && (c == '<' || c == '>' || c == '&'));
    const CodePoint point =
        byte < 0x80 ? CodePoint{byte, 1, true} : first_code_point(value.substr(at));
    if (special || !point.valid) {
      out_ += value.substr(plain_from, at - plain_from);
      if (special) {
        escape(c);
      } else {
        out_ += "\uFFFD";
      }
      plain_from = at + 1;
    }
    at += point.length_count;
  }
  out_ += value.substr(plain_from);
  out_ += '"';
}

}  // namespace penstock::report

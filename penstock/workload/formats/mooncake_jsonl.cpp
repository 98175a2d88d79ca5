#include <fmt/format.h>
#include <simdjson.h>

#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "penstock/base/registry.h"
#include "penstock/base/text.h"
#include "penstock/workload/limits.h"
#include "penstock/workload/trace_format.h"
#include "penstock/workload/trace_reader.h"

namespace penstock::workload {
namespace {

namespace dom = simdjson::dom;

// Mooncake's README: hash_ids are of blocks of 512 tokens, timestamps in milliseconds
constexpr int64_t kRunTokens = 512;
constexpr int64_t kMillisecond = kPicosecondsPerSecond / 1'000;

/// Reads the file's lines, one JSON object each. The parser keeps no places, so the place of a
/// mistake is looked up in the line, by the key.
class LineReader {
 public:
  explicit LineReader(TraceReader& reader) : reader_(reader) {}

  void read(std::string_view line) {
    line_ = line;
    fields_ = {};
    hashes_.clear();
    dom::object object;
    const simdjson::error_code error = parse(line).get(object);
    if (error != simdjson::SUCCESS) {
      reader_.mistake(line,
                      fmt::format("{} JSON object ({})",
                                  reader_.at_open_end() ? "the last line is cut off: no" : "is no",
                                  simdjson::error_message(error)));
      return;
    }
    for (const auto [key, value] : object) read_field(key, value);
    require(fields_.timestamp, "timestamp");
    require(fields_.input, "input_length");
    require(fields_.output, "output_length");
    if (fields_.sound) add();
  }

 private:
  /// What stands under a key.
  struct Slot {
    bool seen = false;
    std::optional<FileTime> number;
  };
  struct Fields {
    Slot timestamp;
    Slot input;
    Slot output;
    bool hashes_seen = false;
    bool sound = true;
  };

  /// Parses a copy that has the room behind it which the parser reads into.
  simdjson::simdjson_result<dom::element> parse(std::string_view line) {
    if (buffer_.size() < line.size() + simdjson::SIMDJSON_PADDING) {
      buffer_.resize(2 * line.size() + simdjson::SIMDJSON_PADDING);
    }
    std::memcpy(buffer_.data(), line.data(), line.size());
    std::memset(buffer_.data() + line.size(), 0, simdjson::SIMDJSON_PADDING);
    return parser_.parse(buffer_.data(), line.size(), false);
  }

  /// The text of a key's value, or the whole line when it cannot be told.
  [[nodiscard]] std::string_view place_of(std::string_view key) const {
    const std::string quoted_key = fmt::format("\"{}\"", key);
    const size_t at = line_.find(quoted_key);
    if (at == std::string_view::npos) return line_;
    const size_t begin = line_.find_first_not_of(" \t:", at + quoted_key.size());
    if (begin == std::string_view::npos) return line_;
    const char first = line_[begin];
    if (first == '[' || first == '{') return line_.substr(begin, 1);
    return trim(line_.substr(begin, line_.find_first_of(",}", begin) - begin));
  }

  void complain(std::string_view key, std::string message) {
    reader_.mistake(place_of(key), std::move(message));
    fields_.sound = false;
  }

  void read_field(std::string_view key, const dom::element& value) {
    if (key == "timestamp") {
      if (take(fields_.timestamp.seen, key)) fields_.timestamp.number = time(value);
    } else if (key == "input_length") {
      if (take(fields_.input.seen, key)) fields_.input.number = tokens(key, value);
    } else if (key == "output_length") {
      if (take(fields_.output.seen, key)) fields_.output.number = tokens(key, value);
    } else if (key == "hash_ids") {
      if (take(fields_.hashes_seen, key)) read_hashes(value);
    } else {
      reader_.count_row(
          "hold keys beside timestamp, input_length, output_length and hash_ids, "
          "which are not used");
    }
  }

  bool take(bool& seen, std::string_view key) {
    if (seen) complain(key, fmt::format("key '{}' stands twice", key));
    return !std::exchange(seen, true);
  }

  /// A time in milliseconds.
  std::optional<FileTime> time(const dom::element& value) {
    constexpr double kTimeMax = 1e15;  // 30,000 years: keeps the product inside 128 bits
    int64_t whole = 0;
    if (value.get(whole) == simdjson::SUCCESS && whole >= 0) return FileTime{whole} * kMillisecond;
    double number = 0.0;
    if (value.get(number) == simdjson::SUCCESS && number >= 0.0 && number <= kTimeMax) {
      return static_cast<FileTime>(number * static_cast<double>(kMillisecond));
    }
    complain("timestamp", fmt::format("'timestamp' must be milliseconds, at least 0; got {}",
                                      excerpt_of(place_of("timestamp"))));
    return std::nullopt;
  }

  std::optional<FileTime> tokens(std::string_view key, const dom::element& value) {
    double number = 0.0;
    if (value.get(number) == simdjson::SUCCESS && number >= 1.0 &&
        number <= static_cast<double>(kTokensMax) && number == std::floor(number)) {
      return static_cast<FileTime>(number);
    }
    complain(key, fmt::format("'{}' must be a whole number from 1 to {}; got {}", key,
                              with_commas(kTokensMax), excerpt_of(place_of(key))));
    return std::nullopt;
  }

  void read_hashes(const dom::element& value) {
    dom::array ids;
    if (value.get(ids) != simdjson::SUCCESS) {
      complain("hash_ids", "'hash_ids' must be a list");
      return;
    }
    for (const dom::element id : ids) {
      uint64_t hash = 0;
      if (id.get(hash) != simdjson::SUCCESS) {
        complain("hash_ids", fmt::format("'hash_ids' must hold whole numbers from 0 to 2^64; entry "
                                         "{} is {}",
                                         hashes_.size() + 1, excerpt_of(simdjson::minify(id))));
        return;
      }
      hashes_.push_back(hash);
    }
  }

  void require(const Slot& slot, std::string_view key) {
    if (slot.seen) return;
    reader_.mistake(line_, fmt::format("no key '{}'", key));
    fields_.sound = false;
  }

  void add() {
    const auto input = static_cast<int64_t>(*fields_.input.number);
    const int64_t runs = (input + kRunTokens - 1) / kRunTokens;
    if (static_cast<int64_t>(hashes_.size()) > runs) {
      complain("hash_ids", fmt::format("{} hash_ids, but {} tokens have {} runs of {}",
                                       hashes_.size(), input, runs, kRunTokens));
      return;
    }
    reader_.add(*fields_.timestamp.number, line_,
                {input, static_cast<int64_t>(*fields_.output.number), 0});
    reader_.add_hashes(hashes_, kRunTokens);
  }

  TraceReader& reader_;
  dom::parser parser_;
  std::vector<char> buffer_;
  std::string_view line_;
  Fields fields_;
  std::vector<uint64_t> hashes_;
};

class MooncakeJsonl final : public TraceFormat {
 public:
  [[nodiscard]] std::string_view first_line() const override {
    return R"({"timestamp": 0, "input_length": 6758, "output_length": 500, "hash_ids": [0, 1]})";
  }
  [[nodiscard]] bool recognises(std::string_view line) const override {
    return line.starts_with('{');
  }

  void read(TraceReader& reader) const override {
    LineReader lines(reader);
    std::string_view line;
    while (reader.next_line(line)) lines.read(line);
  }

  [[nodiscard]] std::string write(const Trace& trace,
                                  std::vector<std::string>& notes) const override {
    note_losses(trace, "mooncake_jsonl",
                {.prefix_run_tokens = kRunTokens, .resolution_picoseconds = kMillisecond}, notes);
    const bool hashes = trace.prefix_run_tokens == kRunTokens;
    std::string text;
    for (size_t i = 0; i < trace.size(); ++i) {
      fmt::format_to(std::back_inserter(text),
                     R"({{"timestamp": {}, "input_length": {}, "output_length": {}, "hash_ids": [)",
                     trace.arrivals[i].picoseconds() / kMillisecond, trace.input_tokens[i],
                     trace.output_tokens[i]);
      if (hashes) fmt::format_to(std::back_inserter(text), "{}", fmt::join(trace.hashes(i), ", "));
      text += "]}\n";
    }
    return text;
  }
};
PENSTOCK_REGISTER(TraceFormat, MooncakeJsonl,
                  "Mooncake's traces: JSON lines in milliseconds, with hashes of prompt prefixes.");

}  // namespace
}  // namespace penstock::workload

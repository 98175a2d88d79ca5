#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>

#include "penstock/base/text.h"
#include "penstock/measurement/dispatch.h"
#include "penstock/measurement/row_reader.h"

namespace penstock::measurement {
namespace {

using catalog::ExchangeKernel;
using catalog::ExchangeOp;
using catalog::ExchangePayload;

enum Column : uint8_t {
  kId,
  kQuantity,
  kValue,
  kUnit,
  kModel,
  kHardware,
  kDevices,
  kParallelism,
  kPrecision,
  kWorkload,
  kSource,
  kConfidence,
  kDate,
  kUse,
  kNotes
};
constexpr CsvColumn kColumns[] = {{"id"},          {"quantity"}, {"value"},       {"unit"},
                                  {"model"},       {"hardware"}, {"n_devices"},   {"parallelism"},
                                  {"precision"},   {"workload"}, {"source"},      {"confidence"},
                                  {"date", false}, {"use"},      {"notes", false}};

constexpr int64_t kExperts = 256;  // all such rows are of DeepSeek V3's shape
constexpr int64_t kReadmeNodes = 4;

/// The whole number that follows a word; 0 when there is none.
int64_t number_after(std::string_view text, std::string_view word) {
  const size_t at = text.find(word);
  if (at == std::string_view::npos) return 0;
  int64_t value = 0;
  const char* begin = text.data() + at + word.size();
  std::from_chars(begin, text.data() + text.size(), value);
  return value;
}

/// The whole number before a word, "8K tokens" being 8192.
int64_t number_before(std::string_view text, std::string_view word) {
  const size_t at = text.find(word);
  if (at == std::string_view::npos) return 0;
  size_t begin = at;
  constexpr std::string_view kDigits = "0123456789K";
  while (begin > 0 && kDigits.find(text[begin - 1]) != std::string_view::npos) --begin;
  int64_t value = 0;
  const auto [end, code] = std::from_chars(text.data() + begin, text.data() + at, value);
  constexpr int64_t kKilo = 1024;  // "8K tokens" are 8192
  return code == std::errc{} && end < text.data() + at && *end == 'K' ? value * kKilo : value;
}

/// Ranks of "EP64" and "ep8x2".
int64_t ranks_of(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  const int64_t ranks = number_after(text, "ep");
  const int64_t nodes = number_after(text, "x");
  return nodes > 0 ? ranks * nodes : ranks;
}

/// The accelerator that a description begins with: by its own name or its system's.
std::string accelerator_of(std::string_view text, const catalog::Catalog& catalog) {
  std::string word(text.substr(0, text.find_first_of(" ,")));
  const size_t kind = word.find("-class");
  if (kind != std::string::npos) word.resize(kind);
  if (auto id = catalog.canonical_id("accelerators", word)) return *id;
  Findings none;
  const auto system = catalog.system(word, {}, none);
  return system ? system->accelerator.value_or("") : "";
}

ExchangeKernel kernel_of(std::string_view quantity) {
  if (quantity.find("two-sided") != std::string_view::npos) return ExchangeKernel::kNvlinkTwoSided;
  if (quantity.find("normal") != std::string_view::npos) return ExchangeKernel::kNormal;
  if (quantity.find("V2") != std::string_view::npos) return ExchangeKernel::kNormal;
  return ExchangeKernel::kLowLatency;
}

/// Whether both are the same measurement: one shape, and one number to the digits of the other.
bool same_number(const DispatchRow& known, const DispatchRow& row) {
  const bool shape = known.accelerator == row.accelerator && known.op == row.op &&
                     known.rank_count == row.rank_count && known.tokens == row.tokens &&
                     known.hidden == row.hidden && known.topk == row.topk;
  if (!shape) return false;
  constexpr double kDigits = 2e-3;
  const auto close = [](double a, double b) { return std::abs(a - b) <= kDigits * b; };
  if (row.latency && known.latency) return close(row.latency->value(), known.latency->value());
  if (row.bandwidth && known.bandwidth) {
    return close(row.bandwidth->value(), known.bandwidth->value());
  }
  return false;
}

/// An exchange that is to be scored, as far as its words tell; nullopt for other rows.
std::optional<DispatchRow> exchange_of(RowReader& row, const std::string& file,
                                       const catalog::Catalog& catalog) {
  const std::string quantity = row.text(kQuantity);
  const bool dispatch = quantity.find("dispatch") != std::string::npos;
  const bool combine = quantity.find("combine") != std::string::npos;
  if (row.field(kUse) != "calibrate" || dispatch == combine) return std::nullopt;
  DispatchRow out;
  out.place = fmt::format("{}:{}", file, row.line());
  out.published = true;
  out.source = row.text(kSource);
  out.op = dispatch ? ExchangeOp::kDispatch : ExchangeOp::kCombine;
  out.kernel = kernel_of(quantity);
  out.accelerator = accelerator_of(row.text(kHardware), catalog);
  out.rank_count = ranks_of(row.text(row.has(kParallelism) ? kParallelism : kDevices));
  const std::string workload = row.text(kWorkload);
  out.tokens = number_before(workload, " tokens");
  const std::string model = row.text(kModel);
  out.hidden = number_after(model, "hidden ");
  out.topk = number_after(model, "top-");
  out.expert_count = kExperts;
  if (row.text(kHardware).find("CANN") != std::string::npos) {
    out.library = "deep_ep";
    out.copies = catalog::ExchangeCopies::kSelected;
    out.rank_is_die = true;
    out.payload = ExchangePayload::kInt8;
  } else {
    out.library = "deepep";
    out.node_limit = kReadmeNodes;
    out.payload = ExchangePayload::kFp8;
  }
  if (combine) out.payload = ExchangePayload::kBf16;
  if (row.field(kUnit) == "us") {
    out.latency = row.duration(kValue, 1_us);
  } else if (row.field(kUnit) == "GB/s") {
    constexpr double kGiga = 1e9;  // the row's unit is GB/s
    out.bandwidth = BytesPerSecond(row.ratio(kValue) * kGiga);
  }
  return out;
}

}  // namespace

PublishedDispatch read_published_dispatch(const std::shared_ptr<const Source>& source,
                                          const std::vector<DispatchRow>& known,
                                          const catalog::Catalog& catalog, Findings& findings) {
  const std::string file = std::filesystem::path(source->name).filename().string();
  PublishedDispatch all;
  RowReader reader(source, kColumns, catalog, findings);
  while (reader.next()) {
    auto row = exchange_of(reader, file, catalog);
    if (!row || !reader.good()) continue;
    const bool clear = !row->accelerator.empty() && row->rank_count > 0 && row->tokens > 0 &&
                       row->hidden > 0 && row->topk > 0 && (row->latency || row->bandwidth);
    const bool repeated = std::any_of(known.begin(), known.end(), [&](const DispatchRow& other) {
      return same_number(other, *row);
    });
    if (!clear) {
      ++all.unclear_count;
    } else if (repeated) {
      ++all.duplicate_count;
    } else {
      all.rows.push_back(std::move(*row));
    }
  }
  reader.finish();
  return all;
}

}  // namespace penstock::measurement

#include "penstock/measurement/dispatch.h"

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <system_error>

#include "penstock/base/node.h"
#include "penstock/measurement/row_reader.h"

namespace penstock::measurement {
namespace {

using catalog::ExchangeCopies;
using catalog::ExchangeKernel;
using catalog::ExchangeOp;
using catalog::ExchangePayload;
using catalog::ExchangeRouting;

enum Column : uint8_t {
  kSystem,
  kLibrary,
  kMode,
  kOp,
  kRanks,
  kNodes,
  kTokens,
  kHidden,
  kTopk,
  kExperts,
  kDtype,
  kMultiprocessors,
  kLatency,
  kNotify,
  kBandwidth,
  kSource
};
constexpr CsvColumn kColumns[] = {{"system"},
                                  {"library"},
                                  {"mode"},
                                  {"op"},
                                  {"ep_ranks"},
                                  {"nodes", false},
                                  {"tokens_per_rank"},
                                  {"hidden"},
                                  {"topk"},
                                  {"num_experts", false},
                                  {"dtype"},
                                  {"sms", false},
                                  {"latency_us", false},
                                  {"notify_us", false},
                                  {"bandwidth_gb_per_s", false},
                                  {"source", false}};

constexpr int64_t kExpertsUnsaid = 256;         // DeepSeek V3, which all tables without it measure
constexpr int64_t kReadmeNodes = 4;             // "top-4 groups" of DeepEP's tables
constexpr int64_t kReadmeMultiprocessors = 24;  // of DeepEP V1's normal kernels, where unsaid

/// A format of a file's dtype column.
struct Format {
  std::string_view name;
  ExchangePayload payload;
  bool combine_narrow;  ///< results travel in 8 bits too
};
constexpr std::array kFormats = {
    Format{"bf16", ExchangePayload::kBf16, false},
    Format{"bfloat16", ExchangePayload::kBf16, false},
    Format{"fp8", ExchangePayload::kFp8, false},
    Format{"nvfp4", ExchangePayload::kNvfp4, false},
    Format{"int8", ExchangePayload::kInt8, false},
    Format{"nvfp4_low_precision_combine", ExchangePayload::kNvfp4, true}};

/// Splits "deepep V1 final (nvlink in node)" and "trtllm moe_a2a (1.3.0rc10)" into name, release
/// and what the brackets say of the kernel.
void read_library(RowReader& row, DispatchRow& out) {
  std::string text = row.text(kLibrary);
  std::string aside;
  const size_t open = text.rfind(" (");
  if (open != std::string::npos && text.ends_with(')')) {
    aside = text.substr(open + 2, text.size() - open - 3);
    text.resize(open);
  }
  constexpr std::string_view kDeepEpVersion = "deepep V";
  out.library = text;
  if (text.starts_with(kDeepEpVersion)) {
    out.library = "deepep";
    out.release = text.substr(kDeepEpVersion.size() - 1);
    out.node_limit = kReadmeNodes;
  } else {
    out.release = aside;
  }
  if (aside == "pure rdma" && out.kernel == ExchangeKernel::kLowLatency) {
    out.kernel = ExchangeKernel::kLowLatencyRdma;
  }
  if (out.library == "trtllm moe_a2a") out.routing = ExchangeRouting::kBalanced;
  if (out.library == "deep_ep") {
    // Ascend's operators send every selected copy; few rows of each of their releases are known
    out.copies = ExchangeCopies::kSelected;
    out.rank_is_die = true;
    out.release.clear();
  }
}

void read_format(RowReader& row, DispatchRow& out) {
  const std::string_view field = row.field(kDtype);
  for (const Format& format : kFormats) {
    if (format.name != field) continue;
    out.payload = format.payload;
    if (out.op == ExchangeOp::kCombine) {
      out.payload = format.combine_narrow ? ExchangePayload::kFp8Tensor : ExchangePayload::kBf16;
    }
    // TensorRT-LLM quantises to fp8 by one scale, which stays behind
    const bool one_scale = out.routing == ExchangeRouting::kBalanced;
    if (one_scale && out.payload == ExchangePayload::kFp8) {
      out.payload = ExchangePayload::kFp8Tensor;
    }
    return;
  }
  std::vector<std::string> names;
  for (const Format& format : kFormats) names.emplace_back(format.name);
  row.unknown_word(kDtype, names);
}

void read_measured(RowReader& row, DispatchRow& out) {
  constexpr double kGiga = 1e9;  // the column's unit is GB/s
  if (row.has(kLatency)) out.latency = row.duration(kLatency, 1_us);
  if (row.has(kNotify)) {
    const Seconds notify = row.instant(kNotify, 1_us);
    if (notify.value() > 0.0) out.notify = notify;
  }
  if (row.has(kBandwidth)) {
    const double rate = row.ratio(kBandwidth) * kGiga;
    if (rate > 0.0) {
      out.bandwidth = BytesPerSecond(rate);
    } else {
      row.mistake(kBandwidth, "must be above zero; got 0");
    }
  }
  if (!row.has(kLatency) && !row.has(kBandwidth)) {
    row.mistake(kLatency, "is empty, and so is 'bandwidth_gb_per_s'; a row needs one of them");
  }
}

DispatchRow read_row(RowReader& row, const std::string& file) {
  DispatchRow out;
  out.place = fmt::format("{}:{}", file, row.line());
  out.accelerator = row.accelerator(kSystem);
  out.source = row.text(kSource);
  out.kernel = row.word<ExchangeKernel>(kMode);
  out.op = row.word<ExchangeOp>(kOp);
  read_library(row, out);
  read_format(row, out);
  out.rank_count = row.count(kRanks);
  out.tokens = row.count(kTokens);
  out.hidden = row.count(kHidden);
  out.topk = row.count(kTopk);
  out.expert_count = row.maybe_count(kExperts).value_or(kExpertsUnsaid);
  out.multiprocessors = row.maybe_count(kMultiprocessors, 0).value_or(0);
  const bool tables = out.node_limit > 0 && out.kernel == ExchangeKernel::kNormal;
  if (tables && out.multiprocessors == 0) out.multiprocessors = kReadmeMultiprocessors;
  if (row.has(kNodes)) static_cast<void>(row.count(kNodes));
  if (out.topk > out.expert_count) {
    row.mistake(kTopk, fmt::format("chooses {} of {} experts", out.topk, out.expert_count));
  }
  if (out.expert_count % out.rank_count != 0) {
    row.mistake(kRanks, fmt::format("has {} ranks that do not divide {} experts", out.rank_count,
                                    out.expert_count));
  }
  read_measured(row, out);
  return out;
}

std::string file_name(const Source& source) {
  return std::filesystem::path(source.name).filename().string();
}

}  // namespace

std::vector<DispatchRow> read_dispatch(const std::shared_ptr<const Source>& source,
                                       const catalog::Catalog& catalog, Findings& findings) {
  const std::string file = file_name(*source);
  return rows_of<DispatchRow>(source, kColumns, catalog, findings,
                              [&](RowReader& row) { return read_row(row, file); });
}

PublishedDispatch read_exchanges(const std::string& directory, const catalog::Catalog& catalog,
                                 Findings& findings) {
  const size_t mistakes = findings.size();
  const auto measured = read_source(directory + "/moe_dispatch_combine.csv", findings);
  if (findings.size() != mistakes) return {};
  PublishedDispatch all;
  all.rows = read_dispatch(measured, catalog, findings);
  const std::string path = directory + "/published_network.csv";
  std::error_code code;
  if (!std::filesystem::exists(path, code)) return all;
  const auto published = read_source(path, findings);
  if (findings.size() != mistakes) return all;
  PublishedDispatch more = read_published_dispatch(published, all.rows, catalog, findings);
  all.duplicate_count = more.duplicate_count;
  all.unclear_count = more.unclear_count;
  for (DispatchRow& row : more.rows) all.rows.push_back(std::move(row));
  return all;
}

}  // namespace penstock::measurement

/// Measured collectives: collectives.csv as typed rows.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "penstock/base/error.h"
#include "penstock/base/fields.h"
#include "penstock/base/units.h"
#include "penstock/catalog/catalog.h"

namespace penstock::measurement {

enum class CollectiveOp : uint8_t {
  kAllReduce,
  kAllGather,
  kReduceScatter,
  kAllToAll,
  kSendReceive
};

enum class ElementType : uint8_t { kHalf, kBfloat16, kFloat, kInt8 };

/// One measured point of a library. Bytes as nccl-tests counts them.
struct CollectiveRow {
  int line = 0;
  std::string system;   ///< accelerator id of the catalog, else as the file names it
  std::string library;  ///< without release and mode: "nccl", "vllm_custom"
  std::string version;  ///< empty where the origin has none
  bool eager = false;   ///< launched by the host
  CollectiveOp op = CollectiveOp::kAllReduce;
  int64_t rank_count = 2;
  int64_t ranks_per_node = 2;
  Bytes payload;
  Seconds latency;  ///< median over `repeat_count` runs
  Seconds latency_min;
  Seconds latency_max;
  int64_t repeat_count = 1;
  ElementType element = ElementType::kHalf;
};

/// Reads the file strictly. A system may be an accelerator or a system of the catalog (whose
/// accelerators it then names), or one that the catalog does not have.
std::vector<CollectiveRow> read_collectives(const std::shared_ptr<const Source>& source,
                                            const catalog::Catalog& catalog, Findings& findings);

}  // namespace penstock::measurement

template <>
struct penstock::EnumText<penstock::measurement::CollectiveOp> {
  using O = penstock::measurement::CollectiveOp;
  static constexpr std::array<std::pair<O, std::string_view>, 5> kNames = {
      {{O::kAllReduce, "all_reduce"},
       {O::kAllGather, "all_gather"},
       {O::kReduceScatter, "reduce_scatter"},
       {O::kAllToAll, "all_to_all"},
       {O::kSendReceive, "send_recv"}}};
};

template <>
struct penstock::EnumText<penstock::measurement::ElementType> {
  using E = penstock::measurement::ElementType;
  static constexpr std::array<std::pair<E, std::string_view>, 4> kNames = {
      {{E::kHalf, "half"}, {E::kBfloat16, "bfloat16"}, {E::kFloat, "float"}, {E::kInt8, "int8"}}};
};

/// Words of a mixture-of-experts exchange that data, measurements and models share.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

#include "penstock/base/fields.h"

namespace penstock::catalog {

/// The calls of one exchange, in order.
enum class ExchangeOp : uint8_t {
  kPrepare,   ///< ranks tell each other how many tokens will come
  kDispatch,  ///< tokens to the ranks of their experts
  kCombine,   ///< results back to where the tokens live
};

/// How a library moves them.
enum class ExchangeKernel : uint8_t {
  kNormal,          ///< throughput: one copy a distinct rank, over its node's NIC once
  kLowLatency,      ///< one copy a selected expert, straight to its rank
  kLowLatencyRdma,  ///< the same with every copy over the NIC, inside a node too
  kNvlinkOneSided,  ///< one copy a distinct rank, written into its memory
  kNvlinkTwoSided,  ///< one copy a distinct rank, through a queue for each peer
};

/// What a copy carries. Formats of 8 and 4 bits bring their scales.
enum class ExchangePayload : uint8_t {
  kBf16,
  kFp8,        ///< one 32-bit scale for 128 values
  kFp8Tensor,  ///< one scale for the tensor, which stays behind
  kNvfp4,      ///< one 8-bit scale for 16 values
  kInt8,       ///< one 32-bit scale a token, in blocks of 512 bytes
};

/// What a token sends.
enum class ExchangeCopies : uint8_t {
  kRanks,     ///< one copy a distinct rank
  kSelected,  ///< one copy a selected expert
};

/// How experts are chosen.
enum class ExchangeRouting : uint8_t {
  kUniform,   ///< any experts, all alike
  kBalanced,  ///< spread over as many ranks as there are choices, as benchmarks do it
};

}  // namespace penstock::catalog

template <>
struct penstock::EnumText<penstock::catalog::ExchangeOp> {
  using E = penstock::catalog::ExchangeOp;
  static constexpr std::array<std::pair<E, std::string_view>, 3> kNames = {
      {{E::kPrepare, "prepare"}, {E::kDispatch, "dispatch"}, {E::kCombine, "combine"}}};
};

template <>
struct penstock::EnumText<penstock::catalog::ExchangeKernel> {
  using E = penstock::catalog::ExchangeKernel;
  static constexpr std::array<std::pair<E, std::string_view>, 5> kNames = {
      {{E::kNormal, "normal"},
       {E::kLowLatency, "low_latency"},
       {E::kLowLatencyRdma, "low_latency_rdma"},
       {E::kNvlinkOneSided, "nvlink_one_sided"},
       {E::kNvlinkTwoSided, "nvlink_two_sided"}}};
};

template <>
struct penstock::EnumText<penstock::catalog::ExchangePayload> {
  using E = penstock::catalog::ExchangePayload;
  static constexpr std::array<std::pair<E, std::string_view>, 5> kNames = {
      {{E::kBf16, "bf16"},
       {E::kFp8, "fp8"},
       {E::kFp8Tensor, "fp8_tensor"},
       {E::kNvfp4, "nvfp4"},
       {E::kInt8, "int8"}}};
};

template <>
struct penstock::EnumText<penstock::catalog::ExchangeCopies> {
  using E = penstock::catalog::ExchangeCopies;
  static constexpr std::array<std::pair<E, std::string_view>, 2> kNames = {
      {{E::kRanks, "ranks"}, {E::kSelected, "selected"}}};
};

template <>
struct penstock::EnumText<penstock::catalog::ExchangeRouting> {
  using E = penstock::catalog::ExchangeRouting;
  static constexpr std::array<std::pair<E, std::string_view>, 2> kNames = {
      {{E::kUniform, "uniform"}, {E::kBalanced, "balanced"}}};
};

/// Descriptions of the structs of library.h, for files and for fits.
#pragma once

#include "penstock/network/library.h"

namespace penstock::network {

template <class Visitor>
void fields(Visitor& v, RingCoefficients& c) {
  v.required("launch", c.launch, "Time before the first step.", {.min = 1e-7, .max = 1e-3});
  v.required("step", c.step, "Of LL, besides its bytes.", {.min = 1e-9, .max = 1e-3});
  v.required("share", c.fraction, "LL's share of the link.", {.min = 0.001, .max = 0.5});
  v.required("channels", c.channel_factor, "Channels LL spreads over.", {.min = 1.0, .max = 64.0});
  v.required("simple_launch", c.simple_launch, "Simple's time before the first step.",
             {.min = 1e-7, .max = 1e-3});
  v.required("simple_step", c.simple_step, "Of Simple, besides its bytes.",
             {.min = 1e-9, .max = 1e-3});
  v.required("simple_share", c.simple_fraction, "Simple's share of the link.",
             {.min = 0.001, .max = 1.0});
  v.required("bend", c.bend_factor, "How steps and bytes overlap: 1 they add, more: the larger.",
             {.min = 0.5, .max = 3.0});
  v.required("own_part", c.own_part, "Rate of copying what stays with a rank.",
             {.min = 1e9, .max = 1e14});
  v.required("crowding", c.crowding_factor, "Bandwidth goes as (ranks / 2)^-crowding.",
             {.min = 0.0001, .max = 1.0});
}

template <class Visitor>
void fields(Visitor& v, WideLineCoefficients& c) {
  v.required("step", c.step, "Of LL128, besides its bytes.", {.min = 1e-9, .max = 1e-3});
  v.required("share", c.fraction, "LL128's share of the link.", {.min = 0.001, .max = 0.9375});
}

template <class Visitor>
void fields(Visitor& v, InSwitchCoefficients& c) {
  v.required("launch", c.launch, "Besides its bytes.", {.min = 1e-7, .max = 1e-3});
  v.required("share", c.fraction, "Share of the link, counting bytes up and down.",
             {.min = 0.001, .max = 1.0});
}

template <class Visitor>
void fields(Visitor& v, PairwiseCoefficients& c) {
  v.required("launch", c.launch, "Time before the first byte.", {.min = 1e-7, .max = 1e-3});
  v.required("peer", c.peer, "Each further rank.", {.min = 1e-9, .max = 1e-3});
  v.required("low_latency", c.low_latency, "LL's rate to one peer.", {.min = 1e8, .max = 1e12});
  v.required("start", c.start, "Of Simple, besides its bytes.", {.min = 1e-7, .max = 1e-3});
  v.required("share", c.fraction, "Simple's share of the link.", {.min = 0.001, .max = 1.0});
  v.required("bend", c.bend_factor, "How start and bytes overlap, here and in the switch.",
             {.min = 0.4, .max = 1.0});
}

template <class Visitor>
void fields(Visitor& v, TunerFacts& c) {
  v.required("wire", c.wire, "What joins the ranks.");
  v.required("link", c.link_fraction, "Share of the link that rings count on.",
             {.min = 0.01, .max = 1.0});
  v.required("low_latency_max", c.low_latency_max, "The most that LL counts on.", {.min = 1.0});
  v.optional("in_switch", c.in_switch_fraction, "NVLS, of what rings count on; 0: none.",
             {.min = 0.0, .max = 1.0});
  v.optional("in_switch_ranks_min", c.in_switch_ranks_min, "Ranks from which NVLS is taken.",
             {.min = 2});
}

template <class Visitor>
void fields(Visitor& v, ChannelModel& c) {
  v.required("tuner", c.tuner, "What the library's own estimate takes.");
  v.required("ring", c.ring, "Rings with LL and Simple.");
  v.optional("wide_line", c.wide_line, "Rings with LL128.");
  v.optional("in_switch", c.in_switch, "Addition in the switches.");
  v.required("pairwise", c.pairwise, "All-to-all and messages.");
}

template <class Visitor>
void fields(Visitor& v, SharedBufferCoefficients& c) {
  v.required("launch", c.launch, "Of the kernel.", {.min = 1e-8, .max = 1e-3});
  v.required("step", c.step, "A barrier.", {.min = 1e-8, .max = 1e-3});
  v.required("peer", c.peer, "Of a barrier, each further rank.", {.min = 1e-9, .max = 1e-3});
  v.required("one_shot_share", c.one_shot_fraction, "Share of the link in one shot.",
             {.min = 0.001, .max = 1.0});
  v.required("two_shot_share", c.two_shot_fraction, "Share of the link in two shots.",
             {.min = 0.001, .max = 1.0});
}

template <class Visitor>
void fields(Visitor& v, EagerCoefficients& c) {
  v.required("launch", c.launch, "Of the host.", {.min = 1e-7, .max = 1e-2});
  v.required("copy", c.copy, "Into the registered buffer.", {.min = 1e9, .max = 1e14});
}

template <class Visitor>
void fields(Visitor& v, SharedBufferModel& c) {
  v.required("kernel", c.kernel, "One-shot and two-shot kernels.");
  v.optional("eager", c.eager, "What the host adds without graphs.");
  v.required("one_shot_max", c.one_shot_max, "Bytes of all ranks together, for one shot.",
             {.min = 0.0});
  v.required("payload_max", c.payload_max, "Largest call of these kernels.", {.min = 0.0});
  v.required("rank_max", c.rank_max, "Largest group of these kernels.", {.min = 1});
  v.required("fallback", c.fallback, "Library entry for everything larger.");
}

template <class Visitor>
void fields(Visitor& v, PlainCoefficients& c) {
  v.required("launch", c.launch, "Time before the first step.", {.min = 1e-7, .max = 1e-2});
  v.required("step", c.step, "Besides its bytes.", {.min = 1e-9, .max = 1e-2});
  v.required("share", c.fraction, "Share of the link.", {.min = 0.001, .max = 1.0});
  v.required("bend", c.bend_factor, "How steps and bytes overlap: 1 they add, more: the larger.",
             {.min = 0.5, .max = 6.0});
  v.required("crowding", c.crowding_factor, "Bandwidth goes as (ranks / 2)^-crowding.",
             {.min = 0.0001, .max = 1.0});
}

template <class Visitor>
void fields(Visitor& v, PlainModel& c) {
  v.optional("ring", c.ring, "Collectives.");
  v.optional("message", c.message, "Messages and all-to-all; unset: as the ring.");
}

template <class Visitor>
void fields(Visitor& v, LibraryResiduals& c) {
  v.required("op", c.op, "Collective.");
  v.required("low", c.low_factor, "Measured over predicted, 10th percentile.", {.min = 0.01});
  v.required("high", c.high_factor, "Measured over predicted, 90th percentile.", {.min = 0.01});
  v.required("error", c.error_fraction, "Median absolute error on unseen sizes.", {.min = 0.0});
  v.required("rows", c.rows, "Measured rows behind it.", {.min = 0});
}

template <class Visitor>
void fields(Visitor& v, LibraryEntry& c) {
  v.required("id", c.id, "Name of the file.");
  v.optional("aliases", c.aliases, "Other names.");
  v.required("summary", c.summary, "One line.");
  v.required("source", c.source, "What was fitted.");
  v.required("date", c.date, "When.");
  v.required("confidence", c.confidence, "How far to trust it.");
  v.required("library", c.library, "Name that systems share: nccl, vllm_custom.");
  v.required("version", c.version, "Release.");
  v.optional("current", c.current, "The newest release measured on this system.");
  v.required("system", c.system, "Accelerator id, or what the measurements call the system.");
  v.optional("architecture", c.architecture, "Kin that may borrow it.");
  v.required("link_bandwidth", c.link_bandwidth, "Of one rank, one direction.", {.min = 1.0});
  v.required("rank_max", c.rank_max, "Largest group measured.", {.min = 2});
  v.required("payload_max", c.payload_max, "Largest call measured.", {.min = 1.0});
  v.optional("channels", c.channels, "A library that chooses algorithm and protocol.");
  v.optional("shared_buffer", c.shared_buffer, "All-reduce kernels over shared buffers.");
  v.optional("plain", c.plain, "One ring, or one message.");
  v.required("residuals", c.residuals, "Measured over predicted, by collective.");
}

}  // namespace penstock::network

template <>
struct penstock::EnumText<penstock::network::Wire> {
  using W = penstock::network::Wire;
  static constexpr std::array<std::pair<W, std::string_view>, 2> kNames = {
      {{W::kNvlink, "nvlink"}, {W::kPcie, "pcie"}}};
};

template <>
struct penstock::EnumText<penstock::network::Regime> {
  using R = penstock::network::Regime;
  static constexpr std::array<std::pair<R, std::string_view>, 2> kNames = {
      {{R::kLatency, "latency"}, {R::kBandwidth, "bandwidth"}}};
};

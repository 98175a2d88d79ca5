/// What a communication library makes of a collective on a system: launch, time per step, attained
/// share of the links, and which algorithm and protocol it takes at which size.
///
/// Models: NCCL's ring with its protocols LL, LL128 and Simple, in-switch reduction (NVLS) and
/// pairwise exchange; the one-shot and two-shot all-reduce kernels of serving frameworks with their
/// switch by size and what they fall back to; plain rings. Does not model: several tiers at once,
/// traffic of others, stragglers. Formulas: docs/formulas/libraries.md. Validated against:
/// `penstock validate collectives`.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "penstock/base/fields.h"
#include "penstock/base/units.h"
#include "penstock/catalog/catalog.h"
#include "penstock/catalog/provenance.h"
#include "penstock/network/collective.h"

namespace penstock::network {

struct FabricTimes;

/// One call of a library. Bytes as nccl-tests counts them: an all-reduce's buffer, an all-gather's
/// result, a reduce-scatter's input, all that a rank holds for an all-to-all, a message.
struct LibraryCall {
  Operation op = Operation::kAllReduce;
  int64_t rank_count = 1;
  Bytes payload;
  bool floating = true;  ///< switches add floating-point numbers only
  bool eager = false;    ///< launched by the host, not from a captured graph
};

/// NCCL's ring. LL sends a flag with every word, so at most half of the link is payload.
struct RingCoefficients {
  Seconds launch = 5.0_us;
  Seconds step = 0.8_us;            ///< LL, besides its bytes
  double fraction = 0.35;           ///< LL, of the link
  double channel_factor = 10.0;     ///< channels that LL spreads over when there is enough
  Seconds simple_launch = 13.0_us;  ///< the same for Simple
  Seconds simple_step = 3.0_us;
  double simple_fraction = 0.8;
  double bend_factor = 1.0;            ///< how steps and bytes overlap: 1 add, large: the larger
  BytesPerSecond own_part = 1.0_TBps;  ///< at which a rank copies what stays with it
  double crowding_factor = 0.01;       ///< bandwidth goes as (ranks / 2)^-crowding
};

/// NCCL's LL128: 120 of 128 bytes are payload.
struct WideLineCoefficients {
  Seconds step = 1.0_us;
  double fraction = 0.8;
};

/// Multicast and addition in the switches (NVLS).
struct InSwitchCoefficients {
  Seconds launch = 30.0_us;
  double fraction = 0.65;
};

/// Every rank sends to every other at once, small messages in LL.
struct PairwiseCoefficients {
  Seconds launch = 6.0_us;
  Seconds peer = 0.3_us;                  ///< each further rank
  BytesPerSecond low_latency = 6.0_GBps;  ///< to one peer
  Seconds start = 14.0_us;                ///< of Simple, besides its bytes
  double fraction = 0.75;
  double bend_factor = 0.8;  ///< as that of rings; NVLS has the same
};

enum class Wire : uint8_t { kNvlink, kPcie };

/// What NCCL's own estimate takes for the system when it picks algorithm and protocol.
/// Source: NCCL src/graph/tuning.cc (2.27 to 2.29), search.cc for link rates.
struct TunerFacts {
  Wire wire = Wire::kNvlink;
  double link_fraction = 0.8;       ///< of the link that its rings count on
  BytesPerSecond low_latency_max;   ///< LL's most
  double in_switch_fraction = 0.0;  ///< NVLS, of what rings count on; 0: none
  int64_t in_switch_ranks_min = 8;  ///< as measured: four ranks of eight take rings
};

/// A library that chooses by its own estimate.
struct ChannelModel {
  TunerFacts tuner;
  RingCoefficients ring;
  std::optional<WideLineCoefficients> wide_line;  ///< unset: the library does not use LL128 here
  std::optional<InSwitchCoefficients> in_switch;
  PairwiseCoefficients pairwise;
};

/// One-shot: every rank reads all buffers. Two-shot: every rank sums its part, then all gather.
struct SharedBufferCoefficients {
  Seconds launch = 2.0_us;
  Seconds step = 0.5_us;  ///< a barrier
  Seconds peer = 0.1_us;  ///< of a barrier, each further rank
  double one_shot_fraction = 0.6;
  double two_shot_fraction = 0.6;
};

struct EagerCoefficients {
  Seconds launch = 25.0_us;        ///< the host's, under which a short kernel hides
  BytesPerSecond copy = 1.5_TBps;  ///< into the registered buffer
};

struct SharedBufferModel {
  SharedBufferCoefficients kernel;
  std::optional<EagerCoefficients> eager;
  Bytes one_shot_max;    ///< bytes of all ranks together; two ranks always take one shot
  Bytes payload_max;     ///< above it, the fall-back
  int64_t rank_max = 8;  ///< with more ranks, the fall-back
  std::string fallback;  ///< id of another library
};

/// One algorithm without a choice.
struct PlainCoefficients {
  Seconds launch = 10.0_us;
  Seconds step = 2.0_us;
  double fraction = 0.7;
  double bend_factor = 2.0;  ///< how steps and bytes overlap
  double crowding_factor = 0.01;
};

/// A library of which no choice shows: every collective is a ring, every message the same.
struct PlainModel {
  std::optional<PlainCoefficients> ring;
  std::optional<PlainCoefficients> message;  ///< unset: as the ring
};

/// Measured over predicted on sizes that a fit has not seen.
struct LibraryResiduals {
  Operation op = Operation::kAllReduce;
  double low_factor = 1.0;      ///< 10th percentile
  double high_factor = 1.0;     ///< 90th
  double error_fraction = 0.0;  ///< median of the absolute error
  int64_t rows = 0;
};

/// An entry of data/libraries: one library on one system.
struct LibraryEntry {
  std::string id;
  std::vector<std::string> aliases;
  std::string summary;
  std::string source;
  std::string date;
  catalog::Confidence confidence = catalog::Confidence::kMedium;
  std::string library;  ///< "nccl", "vllm_custom": the name that systems share
  std::string version;
  bool current = true;  ///< the newest release measured on this system
  std::string system;   ///< accelerator id, or what the measurements call the system
  std::string architecture;
  BytesPerSecond link_bandwidth;  ///< of one rank each way, of which fractions are shares
  int64_t rank_max = 8;           ///< largest group measured
  Bytes payload_max;              ///< largest call measured
  std::optional<ChannelModel> channels;
  std::optional<SharedBufferModel> shared_buffer;
  std::optional<PlainModel> plain;
  std::vector<LibraryResiduals> residuals;
};

enum class Regime : uint8_t { kLatency, kBandwidth };

/// A call's duration and how it comes about.
struct LibraryPrice {
  Seconds duration;
  Seconds low;                       ///< at the 10th percentile of the residuals
  Seconds high;                      ///< at the 90th
  std::string_view algorithm;        ///< a literal: "ring", "in_switch", "pairwise", ...
  std::string_view protocol;         ///< "LL", "LL128", "Simple"; empty where there is one
  Regime regime = Regime::kLatency;  ///< whether the links are busy for at least half of it
};

/// A library on a domain whose every rank has a bandwidth to all others together. Zero bytes and
/// single ranks take no time; more bytes never take less; no call is quicker than the link.
class Library {
 public:
  Library(LibraryEntry entry, std::shared_ptr<const Library> fallback);
  [[nodiscard]] LibraryPrice price(const LibraryCall& call, BytesPerSecond bandwidth) const;
  [[nodiscard]] const LibraryEntry& entry() const { return entry_; }
  /// The same with a band wider by a factor at either end.
  [[nodiscard]] Library widened(double spread_factor) const;

 private:
  [[nodiscard]] LibraryPrice price(const LibraryCall& call, const FabricTimes& times) const;
  friend std::shared_ptr<const Library> at_band_end(const Library& library, bool high);

  LibraryEntry entry_;
  std::shared_ptr<const Library> fallback_;
  enum class BandEnd : uint8_t { kTypical, kLow, kHigh } end_ = BandEnd::kTypical;
};

/// An entry of the catalog by id, with what it falls back to; unknown names are findings.
std::shared_ptr<const Library> read_library(const catalog::Catalog& catalog, std::string_view id,
                                            Findings& findings);

/// Every entry of the catalog, without fall-backs. Mistakes of an overlay are findings.
std::vector<LibraryEntry> library_entries(const catalog::Catalog& catalog, Findings& findings);

/// A library for an accelerator and how it was found.
struct LibraryChoice {
  std::shared_ptr<const Library> library;  ///< null only where an overlay has mistakes
  enum class Origin : uint8_t { kOwn, kKin, kDefault } origin = Origin::kOwn;

  /// One line for the notes of a result; empty when all is measured on this accelerator.
  [[nodiscard]] std::string note(const catalog::Accelerator& accelerator) const;
};

/// The library as measured on an accelerator, else what it borrows.
LibraryChoice choose_library(const catalog::Catalog& catalog, std::string_view library,
                             const catalog::Accelerator& accelerator, Findings& findings);

/// What an accelerator borrows where the library was not measured on it, or as if it had not been:
/// the entry of its nearest kin (catalog/kin.h) with a wider band, else the default entry.
LibraryChoice borrow_library(const catalog::Catalog& catalog, std::string_view library,
                             const catalog::Accelerator& accelerator, Findings& findings);

/// The same library with its durations at one end of their band.
std::shared_ptr<const Library> at_band_end(const Library& library, bool high);

}  // namespace penstock::network

#include "penstock/network/library_fields.h"

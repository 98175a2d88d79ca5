/// Which measured accelerator stands in for one without measurements.
///
/// Nearest is one of the same architecture; then one whose architecture the other's name extends
/// ("blackwell" for "blackwell_ultra") or that its set names; then one of the same maker. Among
/// equals the one with the nearest ratio of matrix peak to memory bandwidth. Nothing stands in
/// across makers: their kernels are written anew.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "penstock/catalog/accelerator.h"

namespace penstock::catalog {

enum class Kinship : uint8_t { kArchitecture, kNamed, kMaker };

/// A measured accelerator.
struct KinCandidate {
  Accelerator accelerator;
  std::vector<std::string> stands_in_for;  ///< further architectures that its set names
};

struct Kin {
  size_t index = 0;  ///< among the candidates
  Kinship kinship = Kinship::kArchitecture;
};

/// The nearest candidate other than the accelerator itself; nullopt when none is kin. Both need a
/// 16-bit matrix peak.
std::optional<Kin> nearest_kin(const Accelerator& own, std::span<const KinCandidate> candidates);

}  // namespace penstock::catalog

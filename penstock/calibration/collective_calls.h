/// Measured collectives as calls of the library models, and which rows are one library on one
/// system.
#pragma once

#include <string>
#include <vector>

#include "penstock/catalog/catalog.h"
#include "penstock/measurement/collectives.h"
#include "penstock/network/library.h"

namespace penstock::calibration {

/// Rows that one entry of data/libraries describes.
struct CollectiveGroup {
  std::string library;  ///< "nccl"; "nccl_torch_across" for rows that leave the node or pair
  std::string version;
  std::string system;
  bool current = true;  ///< the newest release of this library on this system
  std::vector<measurement::CollectiveRow> rows;

  /// "nccl_h100_sxm"; older releases carry their number.
  [[nodiscard]] std::string id() const;
};

/// Groups in order of id.
std::vector<CollectiveGroup> collective_groups(const std::vector<measurement::CollectiveRow>& rows);

/// The call that a row timed. oneCCL's rows count an all-gather's contribution, not its result:
/// only so are its three collectives equally fast, at every size and both rank counts.
network::LibraryCall library_call(const measurement::CollectiveRow& row);

/// Bandwidth of one rank each way: the links of the catalog's accelerator, of its network
/// interfaces for rows that leave the node, else what is published of the system.
BytesPerSecond link_of(const CollectiveGroup& group, const catalog::Catalog& catalog);

}  // namespace penstock::calibration

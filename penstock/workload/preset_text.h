/// A preset as the text of a file of data/workloads: lists on few lines, no empty keys.
#pragma once

#include <string>

#include "penstock/workload/workload.h"

namespace penstock::workload {

/// Reads back to the same preset.
std::string preset_text(const WorkloadPreset& preset);

}  // namespace penstock::workload

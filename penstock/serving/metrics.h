/// Definitions of the serving metrics, and of the first energy and money metrics beside them.
#pragma once

#include <span>

#include "penstock/base/metric_doc.h"

namespace penstock::serving {

std::span<const MetricDoc> metric_docs();

}  // namespace penstock::serving

/// What the kernel tests share.
#pragma once

#include "penstock/catalog/catalog.h"
#include "penstock/compute/machine.h"

namespace penstock::compute::test {

inline Machine machine_of(const char* id) {
  Findings findings;
  return Machine::of(catalog::Catalog::built_in().accelerator(id, {}, findings).value());
}

}  // namespace penstock::compute::test

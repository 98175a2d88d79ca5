/// Any bytes read as azure_csv: findings, or a trace in order that survives writing.

#include "tests/fuzz/trace_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  penstock::fuzz::run_trace_reader(data, size, "azure_csv");
  return 0;
}

// Fuzzes the reader of scenarios: any bytes give a scenario, which then has a resolved text that
// reads back to itself, or findings; never anything else.
#include "penstock/scenario/scenario.h"

#include <cstdint>
#include <string>

#include "penstock/base/check.h"
#include "penstock/catalog/catalog.h"

namespace {

using namespace penstock;  // NOLINT: a program of one file

std::shared_ptr<const Source> source_of(std::string text) {
  return std::make_shared<Source>(Source{"scenario.yaml", std::move(text)});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const catalog::Catalog catalog = catalog::Catalog::built_in();
  std::string text(reinterpret_cast<const char*>(data), size);
  // names of files would read what lies on this machine
  const bool names_files = text.find("trace") != std::string::npos ||
                           text.find('/') != std::string::npos ||
                           text.find("json") != std::string::npos;
  try {
    const scenario::Scenario read = scenario::read_scenario(source_of(text), catalog);
    if (names_files) return 0;
    const scenario::Scenario again =
        scenario::read_scenario(source_of(read.resolved_yaml), catalog);
    PENSTOCK_CHECK(again.resolved_yaml == read.resolved_yaml, "resolved text differs:\n{}\n{}",
                   read.resolved_yaml, again.resolved_yaml);
  } catch (const InputError& error) {
    PENSTOCK_CHECK(!error.findings().empty(), "an InputError without findings");
  }
  return 0;
}

// Replays a scenario and prints its summary: replay SCENARIO.yaml
#include <cstdio>

#include "penstock/penstock.h"

int main(int, char** arguments) try {
  const auto catalog = penstock::catalog::Catalog::built_in();
  const auto scenario = penstock::scenario::read_scenario(arguments[1], catalog);
  const penstock::Result result = penstock::scenario::run(scenario);
  std::puts(penstock::report::summary_text(result).c_str());
} catch (const penstock::InputError& mistakes) {
  return std::puts(mistakes.what()), 2;
}

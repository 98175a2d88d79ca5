// Goal: bills of materials have the counts that are published, and what differs is known to the
// last digit. Method: tests/golden/bom.csv, whose error column is held.

#include <gtest/gtest.h>

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <fstream>

#include "penstock/base/text.h"
#include "penstock/network/parts.h"

namespace penstock::network {
namespace {

struct Row {
  std::string subject;
  std::string quantity;
  double published = 0.0;
  double off = 0.0;
};

double number(std::string_view text) {
  double value = std::nan("");
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::vector<Row> rows() {
  const char* directory = std::getenv("PENSTOCK_SOURCE_DIR");
  std::ifstream file(std::string(directory != nullptr ? directory : ".") + "/tests/golden/bom.csv");
  std::vector<Row> all;
  std::string line;
  bool header = true;
  while (std::getline(file, line)) {
    if (line.starts_with('#') || std::exchange(header, false)) continue;
    const auto cells = split(line, ',');
    EXPECT_EQ(cells.size(), 5U) << line;
    if (cells.size() != 5) continue;
    all.push_back(
        {std::string(cells[0]), std::string(cells[1]), number(cells[2]), number(cells[3])});
  }
  EXPECT_GT(all.size(), 10U);
  return all;
}

double power_of(const PartFigures& part) {
  Interval<Watts> power = *part.power;
  if (part.laser_power) power += *part.laser_power;
  return (power.low + power.high).value() / 2.0;
}

double count(const Machine& machine, const Bill& bill, const std::string& quantity) {
  const auto accelerators = static_cast<double>(machine.accelerator_count());
  const auto modules = static_cast<double>(bill.count_of(catalog::PartKind::kOpticalModule));
  if (quantity == "modules_per_accelerator") return modules / accelerators;
  if (quantity == "ends_per_cube") return modules / (accelerators / 64.0);
  const std::string kind = quantity.substr(0, quantity.find(':'));
  const std::string fabric = kind == quantity ? "" : quantity.substr(kind.size() + 1);
  int64_t sum = 0;
  for (const BillLine& line : bill.lines) {
    const bool wanted = enum_name(line.kind) == kind && (fabric.empty() || line.fabric == fabric);
    sum += wanted ? line.count : 0;
  }
  return static_cast<double>(sum);
}

TEST(BillOfMaterials, PublishedCounts) {
  const catalog::Catalog catalog = catalog::Catalog::built_in();
  Findings findings;
  const PartSet parts(catalog, findings);
  for (const Row& row : rows()) {
    double ours = 0.0;
    if (row.quantity == "power") {
      const PartFigures* part = parts.find(row.subject);
      ASSERT_NE(part, nullptr) << row.subject;
      ours = power_of(*part);
    } else {
      const auto machine = build_machine(catalog, row.subject, {}, findings);
      ASSERT_TRUE(machine.has_value()) << to_text(findings.all());
      ours = count(*machine,
                   make_bill(*machine, parts, catalog, OpticsVariant::kAsBuilt, {}, findings),
                   row.quantity);
    }
    const double off = row.published == 0.0 ? ours : 100.0 * (ours / row.published - 1.0);
    EXPECT_NEAR(off, row.off, 0.05) << row.subject << " " << row.quantity << ": ours " << ours;
  }
  EXPECT_TRUE(findings.empty()) << to_text(findings.all());
}

/// The pod's circuit switches have as many ports in use as there are optical ends.
TEST(BillOfMaterials, EndsOfAPodFillItsCircuitSwitches) {
  const catalog::Catalog catalog = catalog::Catalog::built_in();
  Findings findings;
  const PartSet parts(catalog, findings);
  const auto pod = build_machine(catalog, "tpu_v4_pod", {}, findings);
  ASSERT_TRUE(pod.has_value());
  const Bill bill = make_bill(*pod, parts, catalog, OpticsVariant::kAsBuilt, {}, findings);
  EXPECT_EQ(bill.count_of(catalog::PartKind::kOpticalModule),
            128 * bill.count_of(catalog::PartKind::kOpticalCircuitSwitch));
}

}  // namespace
}  // namespace penstock::network

// Goal: systems, links and prices are read with their provenance and contradictions are named.
// Method: entries inline; the built-in ones against the accelerators they are made of.

#include "penstock/catalog/system.h"

#include <gtest/gtest.h>

#include "penstock/catalog/catalog.h"

namespace penstock::catalog {
namespace {

constexpr const char* kHead = R"(id: mine
summary: A test entry
source: its maker
confidence: high
)";

Node parse(const std::string& text, Findings& findings) {
  auto source = std::make_shared<Source>();
  source->name = "mine.yaml";
  source->text = kHead + text;
  return parse_yaml(source, findings);
}

template <class Entry>
std::string mistakes(Entry (*read)(const Node&, Findings&), const std::string& text) {
  Findings findings;
  const Node tree = parse(text, findings);
  static_cast<void>(read(tree, findings));
  return to_text(findings.all());
}

bool mentions(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

template <class T>
double number(const MaybeSourced<T>& figure) {
  return figure ? figure->value.value() : 0.0;
}

TEST(System, TellsSizeLinksAndPrice) {
  Findings findings;
  const auto system = Catalog::built_in().system("a3_384", Mark{}, findings);
  ASSERT_TRUE(system.has_value()) << to_text(findings.all());
  EXPECT_EQ(system->id, "cloudmatrix384");
  EXPECT_EQ(system->accelerator, "ascend_910c");
  EXPECT_EQ(system->accelerator_count.value, 384);
  EXPECT_EQ(system->node_count->value, 48);
  EXPECT_EQ(system->scale_up.accelerator_count.value, 384);
  EXPECT_EQ(system->scale_up.bandwidth_each_way->value, 392_GBps);
  EXPECT_EQ(system->scale_up.switch_count->value, 448);
  EXPECT_EQ(system->scale_up.optical_module_count->value, 5376);
  EXPECT_EQ(system->power_high->value, Watts(559e3));
  EXPECT_EQ(system->power_high->provenance.confidence, Confidence::kMedium);
  EXPECT_EQ(system->price_low->provenance.confidence, Confidence::kLow);
}

TEST(System, ContradictionsAreMistakes) {
  const std::string text = mistakes(read_system, R"(vendor: Me
accelerator_count: 8
scale_up: {accelerator_count: 16}
power_low: 2 kW
power_high: 1 kW
)");
  EXPECT_TRUE(mentions(text, "'power_low' 2 kW exceeds 'power_high' 1 kW")) << text;
  EXPECT_TRUE(mentions(text, "a scale-up domain of 16 accelerators in a system of 8")) << text;
}

TEST(System, CountsAreWholeAndMoreThanNone) {
  const std::string text = mistakes(read_system, R"(vendor: Me
accelerator_count: 0
node_count: 1.5
scale_up: {accelerator_count: {value: -2}}
)");
  EXPECT_TRUE(mentions(text, "mine.yaml:6:20: 'accelerator_count' must be more than 0")) << text;
  EXPECT_TRUE(mentions(text, "'node_count' must be a whole number")) << text;
  EXPECT_TRUE(mentions(text, "'accelerator_count' must be more than 0; got \"-2\"")) << text;
}

// Peaks, memory and links of a system are those of its accelerators: published totals are rounded,
// so five percent; some makers add up GiB and write GB, so eight percent of memory. The Atlas 950
// counts all its memory, not the high-bandwidth part.
TEST(BuiltInSystems, AreTheSumOfTheirAccelerators) {
  const Catalog catalog = Catalog::built_in();
  for (const std::string& id : catalog.ids("systems")) {
    Findings findings;
    const auto system = catalog.system(id, Mark{}, findings);
    ASSERT_TRUE(system.has_value()) << to_text(findings.all());
    if (!system->accelerator) continue;
    const auto one = catalog.accelerator(*system->accelerator, Mark{}, findings);
    ASSERT_TRUE(one.has_value()) << to_text(findings.all());
    const auto count = static_cast<double>(system->accelerator_count.value);
    const auto expect_sum = [&](const char* what, double all, double single, double off = 0.05) {
      if (all == 0.0 || single == 0.0) return;
      EXPECT_NEAR(all / (count * single), 1.0, off) << id << " " << what;
    };
    expect_sum("bf16", number(system->peak.bf16), number(one->peak.bf16));
    expect_sum("fp8", number(system->peak.fp8), number(one->peak.fp8));
    expect_sum("fp4", number(system->peak.fp4), number(one->peak.fp4));
    if (id != "atlas950_superpod") {
      expect_sum("memory", number(system->memory_capacity), one->memory_capacity.value.value(),
                 0.08);
    }
    const auto& link = one->scale_up ? one->scale_up->bandwidth_each_way : std::nullopt;
    if (system->scale_up.bandwidth_each_way && link) {
      EXPECT_EQ(system->scale_up.bandwidth_each_way->value, link->value) << id;
    }
    expect_sum("links", number(system->scale_up.total_bandwidth) / 2, number(link));
  }
}

TEST(Link, LinksMakeTheTotal) {
  Findings findings;
  const auto link = Catalog::built_in().link("NVLink4", Mark{}, findings);
  ASSERT_TRUE(link.has_value()) << to_text(findings.all());
  EXPECT_EQ(link->bandwidth_each_way.value, 450_GBps);
  EXPECT_EQ(link->link_count->value, 18);
  const std::string text = mistakes(read_link, R"(link_count: 4
link_bandwidth_each_way: 20 GB/s
bandwidth_each_way: 160 GB/s
)");
  EXPECT_TRUE(mentions(text, "4 links of 20 GB/s make 80 GB/s; 'bandwidth_each_way' is 160 GB/s"))
      << text;
}

TEST(Price, TokensOrYears) {
  Findings findings;
  const auto r1 = Catalog::built_in().price("deepseek-r1-api", Mark{}, findings);
  ASSERT_TRUE(r1.has_value() && r1->tokens.has_value()) << to_text(findings.all());
  EXPECT_DOUBLE_EQ(r1->tokens->output.value.value() * 1e6, 2.19);
  EXPECT_EQ(r1->tokens->output.provenance.date, "2025-02");
  const auto h100 = Catalog::built_in().price("h100-street", Mark{}, findings);
  ASSERT_TRUE(h100.has_value()) << to_text(findings.all());
  ASSERT_EQ(h100->years.size(), 4U);
  EXPECT_EQ(h100->years[0].high.value, 45'000_usd);
  EXPECT_EQ(h100->years[0].high.provenance.date, "2022");
  EXPECT_TRUE(mentions(mistakes(read_price, ""), "either 'tokens', or 'accelerator'"));
  const std::string text = mistakes(read_price, R"(accelerator: h100_sxm
years:
  - {year: 2024, low: $2, high: $1}
  - {year: 2023, low: $1, high: $2}
  - {year: 20, low: 1, high: $2}
)");
  EXPECT_TRUE(mentions(text, "'year' must be between 1990 and 2100")) << text;
  EXPECT_TRUE(mentions(text, "'low' needs a unit of dollars")) << text;
}

TEST(Price, YearsGoUp) {
  const std::string text = mistakes(read_price, R"(accelerator: h100_sxm
years:
  - {year: 2024, low: $2, high: $1}
  - {year: 2023, low: $1, high: $2}
)");
  EXPECT_TRUE(mentions(text, "'low' $2 exceeds 'high' $1")) << text;
  EXPECT_TRUE(mentions(text, "year 2023 stands after 2024")) << text;
}

// The sellers' rules of thumb: output dearer than input, cached input cheaper.
TEST(BuiltInPrices, Order) {
  const Catalog catalog = Catalog::built_in();
  size_t token_lists = 0;
  for (const std::string& id : catalog.ids("prices")) {
    Findings findings;
    const auto price = catalog.price(id, Mark{}, findings);
    ASSERT_TRUE(price.has_value()) << to_text(findings.all());
    if (!price->tokens) continue;
    ++token_lists;
    EXPECT_GT(price->tokens->output.value, price->tokens->input.value) << id;
    if (price->tokens->cached_input) {
      EXPECT_LT(price->tokens->cached_input->value, price->tokens->input.value) << id;
    }
  }
  EXPECT_EQ(token_lists, 17U);
}

TEST(BuiltInEntries, NameAcceleratorsThatExist) {
  const Catalog catalog = Catalog::built_in();
  for (const std::string_view kind : {"systems", "prices"}) {
    for (const std::string& id : catalog.ids(kind)) {
      const auto tree = catalog.tree(kind, id);
      const Node* name = tree->find("accelerator");
      if (name == nullptr) continue;
      EXPECT_TRUE(catalog.canonical_id("accelerators", name->text).has_value()) << id;
    }
  }
}

}  // namespace
}  // namespace penstock::catalog

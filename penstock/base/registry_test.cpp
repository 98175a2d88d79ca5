// Goal: variations list in name order, whatever the order of linking. Method: three registered out
// of order.
#include "penstock/base/registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace penstock {
namespace {

struct Shape {
  virtual ~Shape() = default;
  [[nodiscard]] virtual int corners() const = 0;
};

struct WideSquare final : Shape {
  [[nodiscard]] int corners() const override { return 4; }
};
struct Circle final : Shape {
  [[nodiscard]] int corners() const override { return 0; }
};
struct AnyTriangle final : Shape {
  [[nodiscard]] int corners() const override { return 3; }
};

PENSTOCK_REGISTER(Shape, WideSquare, "Four corners.");
PENSTOCK_REGISTER(Shape, AnyTriangle, "Three corners.");
PENSTOCK_REGISTER(Shape, Circle, "No corners.");

TEST(Registry, ListsInNameOrderAndMakes) {
  EXPECT_THAT(Registry<Shape>::names(),
              testing::ElementsAre("any_triangle", "circle", "wide_square"));
  const auto* entry = Registry<Shape>::find("wide_square");
  ASSERT_NE(entry, nullptr);
  EXPECT_EQ(entry->doc, "Four corners.");
  EXPECT_EQ(entry->make()->corners(), 4);
  EXPECT_EQ(Registry<Shape>::find("WideSquare"), nullptr);
}

TEST(Registry, NamesAreSnakeCase) {
  EXPECT_EQ(snake_case("RoundRobin"), "round_robin");
  EXPECT_EQ(snake_case("A"), "a");
  EXPECT_EQ(snake_case("PowerOf2"), "power_of2");
}

}  // namespace
}  // namespace penstock

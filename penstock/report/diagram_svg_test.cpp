// Goal: pictures hold every class with its counts, are well-formed whatever the names, and load
// nothing. Method: small pictures of each shape; a scanner that balances tags.
#include "penstock/report/diagram_svg.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "penstock/report/html.h"

namespace penstock::report {
namespace {

size_t count(const std::string& text, std::string_view part) {
  size_t found = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

bool contains(const std::string& text, std::string_view part) { return count(text, part) > 0; }

// elements left open or closed out of order
std::vector<std::string> unbalanced(const std::string& xml) {
  std::vector<std::string> open;
  for (size_t at = xml.find('<'); at != std::string::npos; at = xml.find('<', at)) {
    const size_t end = xml.find('>', at);
    if (end == std::string::npos) return {"no end"};
    const std::string tag = xml.substr(at + 1, end - at - 1);
    at = end;
    if (tag.starts_with('?') || tag.ends_with('/')) continue;
    if (!tag.starts_with('/')) {
      open.push_back(tag.substr(0, tag.find(' ')));
    } else if (open.empty() || open.back() != tag.substr(1)) {
      return {tag};
    } else {
      open.pop_back();
    }
  }
  return open;
}

DiagramLinks links_between(size_t from, size_t to, LinkPattern pattern, int64_t bundles) {
  return {.name = "links",
          .from = from,
          .to = to,
          .pattern = pattern,
          .bundle_count = bundles,
          .bandwidth_each_way = BytesPerSecond(50e9),
          .medium = "optical",
          .used_fraction = {}};
}

Diagram tiers() {
  Diagram diagram{"topology", "Fabrics of a pod", {{"pod", "", {}, {}, {}}}};
  diagram.planes[0].vertices = {{"accelerator", VertexRole::kAccelerator, 0, 384, 384, ""},
                                {"leaf", VertexRole::kSwitch, 1, 336, 48, "leaf_chip"},
                                {"spine", VertexRole::kSwitch, 2, 112, 1, "spine_chip"},
                                {"host", VertexRole::kHost, 0, 192, 192, ""}};
  diagram.planes[0].links = {links_between(0, 1, LinkPattern::kTier, 384),
                             links_between(1, 2, LinkPattern::kTier, 48),
                             links_between(3, 1, LinkPattern::kTier, 192)};
  diagram.planes[0].facts = {{"network.diameter", 4.0, "link", {}, {}}};
  return diagram;
}

Diagram rings() {
  Diagram diagram{"topology", "Torus", {{"torus", "", {}, {}, {}}}};
  diagram.planes[0].vertices = {{"accelerator", VertexRole::kAccelerator, 0, 64, 64, ""},
                                {"circuit", VertexRole::kSwitch, 1, 48, 1, ""}};
  for (int d = 0; d < 3; ++d) {
    diagram.planes[0].links.push_back(links_between(0, 0, LinkPattern::kRings, 64));
    diagram.planes[0].links.back().ring_size = 4;
  }
  return diagram;
}

Diagram mesh() {
  Diagram diagram{"topology", "Mesh", {{"mesh", "", {}, {}, {}}}};
  diagram.planes[0].vertices = {{"accelerator", VertexRole::kAccelerator, 0, 8, 8, ""}};
  diagram.planes[0].links = {links_between(0, 0, LinkPattern::kAllPairs, 28)};
  return diagram;
}

Diagram groups() {
  Diagram diagram{"topology", "Dragonfly", {{"dragonfly", "", {}, {}, {}}}};
  diagram.planes[0].vertices = {{"accelerator", VertexRole::kAccelerator, 0, 256, 256, ""},
                                {"router", VertexRole::kSwitch, 1, 64, 16, ""}};
  diagram.planes[0].links = {links_between(0, 1, LinkPattern::kTier, 256),
                             links_between(1, 1, LinkPattern::kAllPairs, 96),
                             links_between(1, 1, LinkPattern::kGroupPairs, 120)};
  return diagram;
}

TEST(DiagramSvg, IsWellFormedAndLoadsNothing) {
  for (const Diagram& diagram : {tiers(), rings(), mesh(), groups(), Diagram{}}) {
    const std::string svg = diagram_svg(diagram);
    EXPECT_EQ(unbalanced(svg), std::vector<std::string>{}) << diagram.title;
    EXPECT_EQ(count(svg, "http"), 1U) << "only the name of the format";
    for (const char* part : {"nan", "inf", "url(", "@import", "<script"}) {
      EXPECT_FALSE(contains(svg, part)) << part << " in " << diagram.title;
    }
  }
}

TEST(DiagramSvg, NamesEveryClassWithItsCounts) {
  const std::string svg = diagram_svg(tiers());
  for (const char* part : {"accelerator × 384", "host × 192", "leaf × 336", "in 48 units",
                           "… × 112", "spine × 112", "spine_chip", "384 links, 50 GB/s each way",
                           "links · optical", "Diameter", "4 links", "prefers-color-scheme:dark"}) {
    EXPECT_TRUE(contains(svg, part)) << part;
  }
}

TEST(DiagramSvg, DrawsShapesAsTheyAre) {
  // 8 accelerators, their label and the legend; all pairs of them in one path
  const std::string joined = diagram_svg(mesh());
  EXPECT_EQ(count(joined, "class=\"dv dva\""), 10U);
  const size_t path = joined.find("<path class=\"de deo\" d=\"", joined.find("<path class=\"de"));
  ASSERT_NE(path, std::string::npos);
  const std::string longest = joined.substr(path);
  EXPECT_GE(count(longest, "L"), 28U);
  // 4 x 4 in two layers, and arcs round the ends of 4 rings each way
  const std::string torus = diagram_svg(rings());
  EXPECT_EQ(count(torus, "class=\"dv dva\""), 34U);
  EXPECT_EQ(count(torus, "C"), 8U);
  // rings of two have no ends to join
  Diagram pairs = rings();
  for (DiagramLinks& links : pairs.planes[0].links) links.ring_size = 2;
  EXPECT_EQ(count(diagram_svg(pairs), "C"), 0U);
  const std::string flown = diagram_svg(groups());
  EXPECT_TRUE(contains(flown, "… × 16 groups"));
  EXPECT_EQ(count(flown, "<circle"), 6U);
}

TEST(DiagramSvg, ALoadColoursItsLinks) {
  Diagram diagram = tiers();
  EXPECT_FALSE(contains(diagram_svg(diagram), "used</text>"));
  diagram.planes[0].links[0].used_fraction = 0.25;
  diagram.planes[0].links[1].used_fraction = 1.0;
  diagram.planes[0].links[2].used_fraction = std::numeric_limits<double>::quiet_NaN();
  const std::string svg = diagram_svg(diagram);
  EXPECT_TRUE(contains(svg, ">25 % used</text>"));
  EXPECT_TRUE(contains(svg, ">100 % used</text>"));
  EXPECT_EQ(count(svg, "% used</text>"), 2U);
  EXPECT_TRUE(contains(svg, "class=\"de deo du\" style=\"opacity:1.00"));
  EXPECT_FALSE(contains(svg, "nan"));
}

TEST(DiagramSvg, NamesOfUsersStayTexts) {
  const std::string evil = "</text><script>alert(1)</script>\"'&\x1b[31m\xff";
  Diagram diagram = tiers();
  diagram.title = diagram.planes[0].name = diagram.planes[0].note = evil;
  for (DiagramVertices& v : diagram.planes[0].vertices) v.name = v.part = evil;
  for (DiagramLinks& l : diagram.planes[0].links) l.name = l.medium = evil;
  diagram.planes[0].links.push_back(links_between(0, 99, LinkPattern::kTier, 1));
  const std::string svg = diagram_svg(diagram);
  EXPECT_EQ(unbalanced(svg), std::vector<std::string>{});
  EXPECT_FALSE(contains(svg, "<script"));
  EXPECT_FALSE(contains(svg, "\x1b"));
  Result result;
  result.diagrams = {diagram, tiers()};
  const std::string page = to_html(result);
  EXPECT_FALSE(contains(page, "<script>alert"));
  EXPECT_TRUE(contains(page, "<section id=\"pictures\">"));
  EXPECT_TRUE(contains(page, "Fabrics of a pod"));
}

}  // namespace
}  // namespace penstock::report

// Goal: every reader can tell the series apart and read the text, in both modes.
// Method: WCAG 2.1 contrast ratios; distances in OKLab between all pairs of series as seen with
// full colour vision and with protanopia and deuteranopia (Machado, Oliveira and Fernandes 2009,
// severity 1.0); steps of lightness between neighbours.
#include "penstock/report/palette.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <string>

namespace penstock::report {
namespace {

using Rgb = std::array<double, 3>;
using Matrix = std::array<Rgb, 3>;

Rgb linear(std::string_view hex) {
  Rgb rgb{};
  for (size_t i = 0; i < 3; ++i) {
    const double c = std::stoi(std::string(hex.substr(1 + 2 * i, 2)), nullptr, 16) / 255.0;
    rgb.at(i) = c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
  }
  return rgb;
}

double luminance(const Rgb& c) { return 0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2]; }

double contrast(std::string_view a, std::string_view b) {
  const double first = luminance(linear(a)) + 0.05;
  const double second = luminance(linear(b)) + 0.05;
  return std::max(first, second) / std::min(first, second);
}

Rgb times(const Matrix& m, const Rgb& c) {
  Rgb out{};
  for (size_t i = 0; i < 3; ++i)
    out.at(i) = m.at(i)[0] * c[0] + m.at(i)[1] * c[1] + m.at(i)[2] * c[2];
  return out;
}

Rgb oklab(const Rgb& rgb) {
  constexpr Matrix kToCone = {{{0.4122214708, 0.5363325363, 0.0514459929},
                               {0.2119034982, 0.6806995451, 0.1073969566},
                               {0.0883024619, 0.2817188376, 0.6299787005}}};
  constexpr Matrix kToLab = {{{0.2104542553, 0.7936177850, -0.0040720468},
                              {1.9779984951, -2.4285922050, 0.4505937099},
                              {0.0259040371, 0.7827717662, -0.8086757660}}};
  Rgb cone = times(kToCone, rgb);
  for (double& c : cone) c = std::cbrt(c);
  return times(kToLab, cone);
}

constexpr std::array<Matrix, 3> kSights = {{
    {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}},
    {{{0.152286, 1.052583, -0.204868},
      {0.114503, 0.786281, 0.099216},
      {-0.003882, -0.048116, 1.051998}}},
    {{{0.367322, 0.860646, -0.227968},
      {0.280085, 0.672501, 0.047413},
      {-0.011820, 0.042940, 0.968881}}},
}};

double least_distance(std::string_view a, std::string_view b) {
  double least = 10.0;
  for (const Matrix& sight : kSights) {
    const Rgb first = oklab(times(sight, linear(a)));
    const Rgb second = oklab(times(sight, linear(b)));
    least = std::min(least,
                     std::hypot(first[0] - second[0], first[1] - second[1], first[2] - second[2]));
  }
  return least;
}

void check(const Palette& palette) {
  for (const std::string_view text :
       {palette.ink, palette.muted, palette.accent, palette.good, palette.bad, palette.warn}) {
    EXPECT_GE(contrast(text, palette.card), 4.5) << text;
    EXPECT_GE(contrast(text, palette.page), 4.5) << text;
  }
  for (size_t i = 0; i < palette.series.size(); ++i) {
    EXPECT_GE(contrast(palette.series.at(i), palette.card), 3.0) << palette.series.at(i);
    for (size_t j = 0; j < i; ++j) {
      EXPECT_GE(least_distance(palette.series.at(i), palette.series.at(j)), 0.1)
          << palette.series.at(i) << " and " << palette.series.at(j);
    }
    if (i == 0) continue;
    // neighbours in a stack still differ on a black and white print
    const double step =
        oklab(linear(palette.series.at(i)))[0] - oklab(linear(palette.series.at(i - 1)))[0];
    EXPECT_GE(std::abs(step), 0.035) << palette.series.at(i);
  }
}

TEST(Palette, OfTheLightPageIsReadable) { check(kLightPalette); }
TEST(Palette, OfTheDarkPageIsReadable) { check(kDarkPalette); }

}  // namespace
}  // namespace penstock::report

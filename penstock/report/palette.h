/// Colours of the page, light and dark. Chosen so that neighbours differ in lightness and all pairs
/// stay apart for red-, green- and blue-blind readers; palette_test.cpp measures both.
#pragma once

#include <array>
#include <string_view>

namespace penstock::report {

struct Palette {
  std::string_view page;    ///< behind everything
  std::string_view card;    ///< behind a plot or a table
  std::string_view ink;     ///< text
  std::string_view muted;   ///< text of lesser weight
  std::string_view line;    ///< hairlines and grids
  std::string_view accent;  ///< links, focus, the brand
  std::string_view good;
  std::string_view bad;
  std::string_view warn;
  std::string_view rest;  ///< what is folded into "other"
  std::array<std::string_view, 8> series;
};

inline constexpr Palette kLightPalette = {
    .page = "#f3f6f8",
    .card = "#ffffff",
    .ink = "#14212b",
    .muted = "#536472",
    .line = "#dde4e9",
    .accent = "#1d6fc0",
    .good = "#137a52",
    .bad = "#b3261e",
    .warn = "#9a5b00",
    .rest = "#8a979f",
    .series = {"#1d6fc0", "#e0750f", "#41208f", "#18997f", "#5f0c2e", "#a07dfb", "#7f5a14",
               "#42586b"},
};

inline constexpr Palette kDarkPalette = {
    .page = "#0e1419",
    .card = "#151c21",
    .ink = "#e6ecf0",
    .muted = "#9aa9b4",
    .line = "#2a353d",
    .accent = "#5cb0f2",
    .good = "#5fd3a0",
    .bad = "#ff8a80",
    .warn = "#f0b75a",
    .rest = "#6f7c85",
    .series = {"#66b6f5", "#e87a33", "#7c5fe0", "#6fe3c4", "#c0435a", "#e8e27a", "#9f5a9a",
               "#8a9fa8"},
};

}  // namespace penstock::report

/// What other simulators and planners publish or were measured to err, in words, with sources.
#pragma once

#include <span>
#include <string_view>

namespace penstock::validation {

struct PeerFigure {
  std::string_view peer;
  std::string_view what;    ///< metric and ground truth
  std::string_view figure;  ///< error
  std::string_view source;  ///< who says so, where
  std::string_view suite;   ///< of Penstock's on the same or the nearest data; may be empty
};

std::span<const PeerFigure> peer_figures();

}  // namespace penstock::validation

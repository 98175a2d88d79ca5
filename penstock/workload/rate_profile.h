/// The rate of a recorded trace over time, in steps, with its silences as steps of rate zero.
#pragma once

#include <vector>

#include "penstock/base/units.h"
#include "penstock/workload/trace.h"

namespace penstock::workload {

class RateProfile {
 public:
  struct Piece {
    Seconds end;
    PerSecond rate;
  };

  /// Pieces begin at zero and end one after the other.
  explicit RateProfile(std::vector<Piece> pieces);

  [[nodiscard]] const std::vector<Piece>& pieces() const { return pieces_; }
  /// Integral of the rate from zero; past the last piece its end counts.
  [[nodiscard]] double arrivals_until_factor(Seconds time) const;

 private:
  std::vector<Piece> pieces_;
  std::vector<double> before_;  // arrivals before each piece
};

/// A rate for every `piece` of time, cut at silences. Pieces are longer where the trace has few
/// requests or is very long.
RateProfile rates_by_piece(const Trace& trace, Seconds piece);

/// One rate outside silences.
RateProfile rate_in_bursts(const Trace& trace);

}  // namespace penstock::workload

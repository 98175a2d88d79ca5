#include "penstock/workload/rate_profile.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "penstock/base/check.h"
#include "penstock/workload/limits.h"

namespace penstock::workload {
namespace {

struct Silence {
  Seconds begin;
  Seconds end;
};

/// Gaps of more than 25 times the mean, which a Poisson process would show once in e^25 gaps; the
/// longest hundred. Their ends are moved inwards to round numbers, so that no arrival is copied.
std::vector<Silence> silences(const Trace& trace) {
  constexpr double kSilent = 25.0;
  constexpr size_t kSilencesMax = 100;
  if (trace.size() < 2) return {};
  const Seconds threshold = trace.span() * (kSilent / static_cast<double>(trace.size() - 1));
  const double grain = std::pow(10.0, std::floor(std::log10(threshold.value() / 5.0)));
  std::vector<Silence> found;
  for (size_t i = 1; i < trace.size(); ++i) {
    const Seconds begin = trace.arrivals[i - 1].seconds();
    const Seconds end = trace.arrivals[i].seconds();
    if (end - begin <= threshold) continue;
    found.push_back({Seconds(std::ceil(begin.value() / grain) * grain),
                     Seconds(std::floor(end.value() / grain) * grain)});
  }
  if (found.size() > kSilencesMax) {
    std::stable_sort(found.begin(), found.end(), [](const Silence& a, const Silence& b) {
      return a.end - a.begin > b.end - b.begin;
    });
    found.resize(kSilencesMax);
    std::sort(found.begin(), found.end(),
              [](const Silence& a, const Silence& b) { return a.begin < b.begin; });
  }
  return found;
}

/// How many requests arrive before an instant; the last one belongs to the end of the trace.
size_t count_before(const Trace& trace, Seconds time) {
  if (time >= trace.span()) return trace.size();
  const auto at = std::lower_bound(trace.arrivals.begin(), trace.arrivals.end(), time,
                                   [](Time a, Seconds t) { return a.seconds() < t; });
  return static_cast<size_t>(at - trace.arrivals.begin());
}

struct Cut {
  Seconds end;
  bool silent = false;
};

/// Pieces between the given marks and the silences, up to the trace's end.
std::vector<Cut> cuts(const Trace& trace, std::vector<Seconds> marks,
                      const std::vector<Silence>& silent) {
  constexpr double kMilliseconds = 1e3;
  const Seconds end =
      std::min(kSpanMax, Seconds(std::ceil(trace.span().value() * kMilliseconds) / kMilliseconds));
  std::vector<Cut> result;
  const auto cut_at = [&](Seconds at, bool is_silent) {
    const Seconds last = result.empty() ? Seconds() : result.back().end;
    if (at > last && at <= end) result.push_back({at, is_silent});
  };
  auto mark = marks.begin();
  for (const Silence& silence : silent) {
    for (; mark != marks.end() && *mark < silence.begin; ++mark) cut_at(*mark, false);
    cut_at(silence.begin, false);
    cut_at(silence.end, true);
    while (mark != marks.end() && *mark <= silence.end) ++mark;
  }
  for (; mark != marks.end() && *mark < end; ++mark) cut_at(*mark, false);
  cut_at(end, false);
  return result;
}

/// A rate as a preset keeps it: four digits.
PerSecond rounded(PerSecond rate) {
  if (rate <= PerSecond()) return {};
  const double place = std::pow(10.0, 3.0 - std::floor(std::log10(rate.value())));
  return PerSecond(std::round(rate.value() * place) / place);
}

}  // namespace

RateProfile::RateProfile(std::vector<Piece> pieces) : pieces_(std::move(pieces)) {
  PENSTOCK_CHECK(!pieces_.empty(), "a profile of {} pieces", pieces_.size());
  double arrivals = 0.0;
  Seconds begin;
  for (const Piece& piece : pieces_) {
    before_.push_back(arrivals);
    arrivals += piece.rate * (piece.end - begin);
    begin = piece.end;
  }
}

double RateProfile::arrivals_until_factor(Seconds time) const {
  const auto after = std::upper_bound(pieces_.begin(), pieces_.end(), time,
                                      [](Seconds t, const Piece& piece) { return t < piece.end; });
  const size_t i = std::min(static_cast<size_t>(after - pieces_.begin()), pieces_.size() - 1);
  const Seconds begin = i == 0 ? Seconds() : pieces_[i - 1].end;
  return before_[i] + pieces_[i].rate * (std::min(time, pieces_[i].end) - begin);
}

RateProfile rates_by_piece(const Trace& trace, Seconds piece) {
  // fewer requests tell no rate; more pieces are no longer a summary
  constexpr double kRequestsMin = 50.0;
  constexpr double kPiecesMax = 240.0;
  const double most = std::clamp(static_cast<double>(trace.size()) / kRequestsMin, 1.0, kPiecesMax);
  const double count = std::clamp(std::round(trace.span() / piece), 1.0, std::floor(most));
  // whole seconds where a piece has many
  const Seconds even = trace.span() / count;
  const Seconds step = even >= 10.0_s ? Seconds(std::ceil(even.value())) : even;
  std::vector<Seconds> marks;
  for (double i = 1.0; i < count; ++i) marks.push_back(step * i);
  std::vector<RateProfile::Piece> pieces;
  size_t before = 0;
  Seconds begin;
  for (const Cut& cut : cuts(trace, std::move(marks), silences(trace))) {
    const size_t until = count_before(trace, cut.end);
    const auto arrivals = static_cast<double>(until - before);
    pieces.push_back({cut.end, rounded(arrivals / (cut.end - begin))});
    before = until;
    begin = cut.end;
  }
  return RateProfile(std::move(pieces));
}

RateProfile rate_in_bursts(const Trace& trace) {
  const std::vector<Cut> all = cuts(trace, {}, silences(trace));
  Seconds busy;
  Seconds begin;
  for (const Cut& cut : all) {
    if (!cut.silent) busy += cut.end - begin;
    begin = cut.end;
  }
  // arrivals in lumps with nothing between have no rate
  const PerSecond rate =
      busy > Seconds() ? rounded(static_cast<double>(trace.size()) / busy) : PerSecond();
  std::vector<RateProfile::Piece> pieces;
  for (const Cut& cut : all) pieces.push_back({cut.end, cut.silent ? PerSecond() : rate});
  return RateProfile(std::move(pieces));
}

}  // namespace penstock::workload

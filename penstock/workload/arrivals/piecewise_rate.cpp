#include <algorithm>
#include <string>

#include "penstock/workload/renewal.h"

namespace penstock::workload {
namespace {

// limits that keep a walk over the pieces short: no sane profile comes near them
constexpr Seconds kSpanMin{1.0};
constexpr PerSecond kPeakMin{1e-6};

struct PiecewiseRateConfig {
  std::vector<Seconds> until;
  std::vector<PerSecond> rates;
  double burstiness = 1.0;
  std::vector<double> gap_shares;
  std::vector<double> gap_ratios;
};

template <class Visitor>
void fields(Visitor& v, PiecewiseRateConfig& c) {
  v.required("until", c.until, "End of each piece, from the start of the profile, increasing.");
  v.required("rates", c.rates, "Mean arrival rate of each piece; as many as 'until'.",
             {.min = 0.0, .max = kRateBounds.max});
  v.optional("burstiness", c.burstiness,
             "Standard deviation of the gaps over their mean within a piece: gamma gaps, 1 is "
             "Poisson. Not used when 'gap_shares' is given.",
             {.min = 0.0, .max = GapLaw::kBurstinessMax});
  v.optional("gap_shares", c.gap_shares,
             "Knots of a measured law of the gaps: share of gaps at most 'gap_ratios' times the "
             "mean gap.",
             {.min = 0.0, .max = 1.0});
  v.optional("gap_ratios", c.gap_ratios,
             "Gap over mean gap at each of 'gap_shares'; scaled so that the mean is one.",
             {.min = 1e-12, .max = kRateBounds.max});
}

void check(const PiecewiseRateConfig& c, const Node& node, Findings& findings) {
  const auto at = [&](std::string_view key) {
    const Node* value = node.find(key);
    return value != nullptr ? value->mark : node.mark;
  };
  if (c.until.size() != c.rates.size()) {
    findings.add(at("rates"), fmt::format("{} rates for {} ends in 'until'; each piece has one",
                                          c.rates.size(), c.until.size()));
  }
  Seconds before;
  for (const Seconds end : c.until) {
    if (end <= before) {
      findings.add(at("until"), fmt::format("'until' must increase from above zero; {} s follows "
                                            "{} s",
                                            end.value(), before.value()));
      break;
    }
    before = end;
  }
  if (!c.until.empty() && (c.until.back() < kSpanMin || c.until.back() > kSpanMax)) {
    findings.add(at("until"),
                 fmt::format("a profile lasts between {} and {}; got {}", to_text(kSpanMin),
                             to_text(kSpanMax), to_text(c.until.back())));
  }
  if (std::none_of(c.rates.begin(), c.rates.end(), [](PerSecond r) { return r >= kPeakMin; })) {
    findings.add(at("rates"),
                 fmt::format("at least one rate must be {} or more", to_text(kPeakMin)));
  }
  if (c.gap_shares.size() != c.gap_ratios.size()) {
    findings.add(at("gap_shares"), fmt::format("{} 'gap_shares' for {} 'gap_ratios'",
                                               c.gap_shares.size(), c.gap_ratios.size()));
  }
  if (!std::is_sorted(c.gap_shares.begin(), c.gap_shares.end())) {
    findings.add(at("gap_shares"), "'gap_shares' must not decrease");
  }
  if (!std::is_sorted(c.gap_ratios.begin(), c.gap_ratios.end())) {
    findings.add(at("gap_ratios"), "'gap_ratios' must not decrease");
  }
}

/// Walks the pieces, again and again.
class PiecewiseProfile {
 public:
  PiecewiseProfile(const PiecewiseRateConfig& config, double load_ratio) {
    int64_t begin = 0;
    for (size_t i = 0; i < config.until.size(); ++i) {
      const int64_t end = picoseconds_of_span(config.until[i]);
      pieces_.push_back({end - begin, config.rates[i] * load_ratio});
      begin = end;
    }
    left_ = pieces_.front().length;
  }

  bool advance(double gap) {
    while (true) {
      const Piece& piece = pieces_[piece_];
      const double held = piece.rate * Time::from_picoseconds(left_).seconds();
      if (gap < held) {
        const int64_t step = std::min(picoseconds_of_span(gap / piece.rate), left_);
        left_ -= step;
        return move_on(now_, step);
      }
      gap -= held;
      if (!move_on(now_, left_)) return false;
      piece_ = piece_ + 1 < pieces_.size() ? piece_ + 1 : 0;
      left_ = pieces_[piece_].length;
    }
  }
  [[nodiscard]] int64_t picoseconds() const { return now_; }

 private:
  struct Piece {
    int64_t length;  // picoseconds
    PerSecond rate;
  };

  std::vector<Piece> pieces_;
  size_t piece_ = 0;
  int64_t left_ = 0;  // of the piece, picoseconds
  int64_t now_ = 0;
};

class PiecewiseRate final : public Described<ArrivalProcess, PiecewiseRateConfig> {
 public:
  [[nodiscard]] PerSecond mean_rate() const override {
    double arrivals = 0.0;
    Seconds before;
    for (size_t i = 0; i < config_.until.size(); ++i) {
      arrivals += config_.rates[i] * (config_.until[i] - before);
      before = config_.until[i];
    }
    return arrivals / before;
  }
  [[nodiscard]] std::optional<Seconds> span() const override { return config_.until.back(); }
  [[nodiscard]] std::unique_ptr<ArrivalSource> start(uint64_t seed,
                                                     double load_ratio) const override {
    return std::make_unique<RenewalSource<PiecewiseProfile>>(PiecewiseProfile(config_, load_ratio),
                                                             gap_law(), seed);
  }

 private:
  [[nodiscard]] GapLaw gap_law() const {
    if (config_.gap_shares.empty()) return GapLaw::gamma(config_.burstiness);
    std::vector<ScoreTable::Knot> knots;
    for (size_t i = 0; i < config_.gap_shares.size(); ++i) {
      knots.push_back({config_.gap_shares[i], config_.gap_ratios[i]});
    }
    return GapLaw::table(ScoreTable(knots));
  }
};
PENSTOCK_REGISTER(ArrivalProcess, PiecewiseRate,
                  "A rate that changes over time in steps, with gamma or measured gaps inside.");

}  // namespace
}  // namespace penstock::workload

/// Physical quantities as types: a double tagged with the exponents of its dimensions.
///
/// `Bytes + Seconds` does not compile; `Bytes / BytesPerSecond` is `Seconds`; equal dimensions
/// divide to a plain double, which in Penstock always means a pure ratio.
#pragma once

#include <compare>
#include <cstdint>

namespace penstock {

/// Exponents of the base dimensions of a quantity. A structural type, usable as template argument.
struct Dim {
  int8_t second = 0;
  int8_t byte = 0;
  int8_t flop = 0;
  int8_t joule = 0;
  int8_t dollar = 0;
  int8_t token = 0;

  friend constexpr bool operator==(const Dim&, const Dim&) = default;
  friend constexpr Dim operator+(Dim a, Dim b) {
    return {int8_t(a.second + b.second), int8_t(a.byte + b.byte),     int8_t(a.flop + b.flop),
            int8_t(a.joule + b.joule),   int8_t(a.dollar + b.dollar), int8_t(a.token + b.token)};
  }
  friend constexpr Dim operator-(Dim a, Dim b) {
    return {int8_t(a.second - b.second), int8_t(a.byte - b.byte),     int8_t(a.flop - b.flop),
            int8_t(a.joule - b.joule),   int8_t(a.dollar - b.dollar), int8_t(a.token - b.token)};
  }
};

/// A number with dimension D, held in SI units (seconds, bytes, flop, joules) and dollars, tokens.
template <Dim D>
class Quantity {
 public:
  static constexpr Dim kDim = D;

  constexpr Quantity() = default;
  constexpr explicit Quantity(double value) : value_(value) {}

  /// The number in base units. For hot loops and for printing; arithmetic belongs on the types.
  [[nodiscard]] constexpr double value() const { return value_; }

  friend constexpr auto operator<=>(Quantity, Quantity) = default;
  friend constexpr Quantity operator+(Quantity a, Quantity b) {
    return Quantity(a.value_ + b.value_);
  }
  friend constexpr Quantity operator-(Quantity a, Quantity b) {
    return Quantity(a.value_ - b.value_);
  }
  friend constexpr Quantity operator-(Quantity a) { return Quantity(-a.value_); }
  friend constexpr Quantity operator*(Quantity a, double factor) {
    return Quantity(a.value_ * factor);
  }
  friend constexpr Quantity operator*(double factor, Quantity a) {
    return Quantity(a.value_ * factor);
  }
  friend constexpr Quantity operator/(Quantity a, double factor) {
    return Quantity(a.value_ / factor);
  }
  constexpr Quantity& operator+=(Quantity other) {
    value_ += other.value_;
    return *this;
  }
  constexpr Quantity& operator-=(Quantity other) {
    value_ -= other.value_;
    return *this;
  }

 private:
  double value_ = 0.0;
};

template <Dim A, Dim B>
constexpr auto operator*(Quantity<A> a, Quantity<B> b) {
  if constexpr (A + B == Dim{}) {
    return a.value() * b.value();
  } else {
    return Quantity<A + B>(a.value() * b.value());
  }
}

template <Dim A, Dim B>
constexpr auto operator/(Quantity<A> a, Quantity<B> b) {
  if constexpr (A == B) {
    return a.value() / b.value();
  } else {
    return Quantity<A - B>(a.value() / b.value());
  }
}

template <Dim D>
constexpr auto operator/(double a, Quantity<D> b) {
  return Quantity<Dim{} - D>(a / b.value());
}

using Seconds = Quantity<Dim{.second = 1}>;
using PerSecond = Quantity<Dim{.second = -1}>;
using Bytes = Quantity<Dim{.byte = 1}>;
using BytesPerSecond = Quantity<Dim{.second = -1, .byte = 1}>;
using Flop = Quantity<Dim{.flop = 1}>;
using FlopPerSecond = Quantity<Dim{.second = -1, .flop = 1}>;
using Joules = Quantity<Dim{.joule = 1}>;
using Watts = Quantity<Dim{.second = -1, .joule = 1}>;
using Dollars = Quantity<Dim{.dollar = 1}>;
using DollarsPerSecond = Quantity<Dim{.second = -1, .dollar = 1}>;
using DollarsPerJoule = Quantity<Dim{.joule = -1, .dollar = 1}>;
using Tokens = Quantity<Dim{.token = 1}>;
using TokensPerSecond = Quantity<Dim{.second = -1, .token = 1}>;
using DollarsPerToken = Quantity<Dim{.dollar = 1, .token = -1}>;
using JoulesPerToken = Quantity<Dim{.joule = 1, .token = -1}>;
using JoulesPerFlop = Quantity<Dim{.flop = -1, .joule = 1}>;
using JoulesPerByte = Quantity<Dim{.byte = -1, .joule = 1}>;

inline namespace literals {
// NOLINTBEGIN(bugprone-macro-parentheses)
#define PENSTOCK_LITERAL(suffix, Type, factor)                   \
  constexpr Type operator""_##suffix(long double value) {        \
    return Type(static_cast<double>(value) * (factor));          \
  }                                                              \
  constexpr Type operator""_##suffix(unsigned long long value) { \
    return Type(static_cast<double>(value) * (factor));          \
  }
PENSTOCK_LITERAL(s, Seconds, 1.0)
PENSTOCK_LITERAL(ms, Seconds, 1e-3)
PENSTOCK_LITERAL(us, Seconds, 1e-6)
PENSTOCK_LITERAL(hours, Seconds, 3600.0)
PENSTOCK_LITERAL(B, Bytes, 1.0)
PENSTOCK_LITERAL(MiB, Bytes, 1048576.0)
PENSTOCK_LITERAL(GiB, Bytes, 1073741824.0)
PENSTOCK_LITERAL(GB, Bytes, 1e9)
PENSTOCK_LITERAL(GBps, BytesPerSecond, 1e9)
PENSTOCK_LITERAL(TBps, BytesPerSecond, 1e12)
PENSTOCK_LITERAL(TFLOPps, FlopPerSecond, 1e12)
PENSTOCK_LITERAL(W, Watts, 1.0)
PENSTOCK_LITERAL(J, Joules, 1.0)
PENSTOCK_LITERAL(usd, Dollars, 1.0)
PENSTOCK_LITERAL(tokens, Tokens, 1.0)
#undef PENSTOCK_LITERAL
// NOLINTEND(bugprone-macro-parentheses)
}  // namespace literals

}  // namespace penstock

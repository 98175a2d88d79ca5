/// Coefficient structs as lists of numbers, by the `fields` description that files use too.
#pragma once

#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include "penstock/base/fields.h"

namespace penstock::calibration {

/// One number of a coefficient struct, in base units.
struct Coefficient {
  std::string_view name;
  double value_factor = 0.0;
  Bounds bounds;
};

/// Collects the numbers of a struct whose members are quantities and ratios.
class CoefficientList {
 public:
  template <class T>
  static std::vector<Coefficient> of(T values) {
    CoefficientList list;
    fields(list, values);
    return std::move(list.items_);
  }
  template <class T>
  void required(std::string_view name, T& member, std::string_view, Bounds bounds = {}) {
    if constexpr (IsQuantity<T>::value) {
      items_.push_back({name, member.value(), bounds});
    } else {
      static_assert(std::is_same_v<T, double>, "coefficients are quantities or ratios");
      items_.push_back({name, member, bounds});
    }
  }
  template <class T>
  void optional(std::string_view name, T& member, std::string_view, Bounds bounds = {}) {
    required(name, member, {}, bounds);
  }

 private:
  std::vector<Coefficient> items_;
};

/// Assigns numbers, in the order of CoefficientList, to a struct.
class CoefficientSetter {
 public:
  template <class T>
  static void set(T& target, std::span<const double> numbers) {
    CoefficientSetter setter;
    setter.numbers_ = numbers;
    fields(setter, target);
  }
  template <class T>
  void required(std::string_view, T& member, std::string_view, Bounds = {}) {
    member = T(numbers_[next_++]);
  }
  template <class T>
  void optional(std::string_view name, T& member, std::string_view, Bounds = {}) {
    required(name, member, {});
  }

 private:
  std::span<const double> numbers_;
  size_t next_ = 0;
};

}  // namespace penstock::calibration

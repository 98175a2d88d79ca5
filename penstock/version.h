/// Version of the product; CMake reads it from here.
#pragma once

#include <string_view>

namespace penstock {

constexpr std::string_view kVersion = "0.1.0";

}  // namespace penstock

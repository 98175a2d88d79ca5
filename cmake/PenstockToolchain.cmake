# How every file is compiled and linked. Defines the interface target penstock_options (flags),
# which all own targets link.

option(PENSTOCK_LTO "Link-time optimisation for the binary and the benchmarks" OFF)
option(PENSTOCK_PCH "Precompile the standard and fmt headers" ON)
option(PENSTOCK_FUZZ "Build the libFuzzer targets (clang)" OFF)
option(PENSTOCK_TESTS "Build tests and benchmarks" ON)
set(PENSTOCK_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize= takes them")

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
# unset, so that the compiler's own default (PIE) holds for libraries and executables alike: they
# share one PCH
unset(CMAKE_POSITION_INDEPENDENT_CODE)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g -D_GLIBCXX_ASSERTIONS")
if(PENSTOCK_SANITIZE)
  # -g1 keeps the line numbers of a report at a fraction of the objects' size.
  set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1 -D_GLIBCXX_ASSERTIONS")
endif()
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

# One cache serves all checkouts: paths below this one are hashed relative to the build folder, and
# a precompiled header counts by its content.
file(RELATIVE_PATH PENSTOCK_SOURCE_FROM_BUILD ${CMAKE_BINARY_DIR} ${CMAKE_SOURCE_DIR})
find_program(PENSTOCK_CCACHE ccache)
if(PENSTOCK_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
    CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}
    CCACHE_NOHASHDIR=1
    CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
    ${PENSTOCK_CCACHE})
endif()

add_library(penstock_options INTERFACE)
target_compile_features(penstock_options INTERFACE cxx_std_20)
target_include_directories(penstock_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(penstock_options INTERFACE
  -Wall -Wextra -Wshadow
  # a fused multiply-add rounds once where the source rounds twice: results would differ between
  # machines
  -ffp-contract=off
  # ccache hands the compiler paths relative to the build folder; without it they are absolute
  -ffile-prefix-map=${PENSTOCK_SOURCE_FROM_BUILD}= -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # ccache needs -fpch-preprocess to see through a precompiled header; the three warnings misfire
  # inside std::string (GCC bugs 105329 and 105651, fixed in 13), and the address sanitizer sees
  # what they would
  target_compile_options(penstock_options INTERFACE -Wconversion -Werror
    -fpch-preprocess -Wno-restrict -Wno-stringop-overflow -Wno-array-bounds)
elseif(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  # clang serves fuzzing and clang-tidy; warnings are g++'s to judge (clang's -Wconversion means
  # more, and it calls libstdc++ 12's own stable_sort deprecated)
  target_compile_options(penstock_options INTERFACE
    -Wno-deprecated-declarations -Xclang -fno-pch-timestamp)
endif()

if(PENSTOCK_SANITIZE)
  target_compile_options(penstock_options INTERFACE
    -fsanitize=${PENSTOCK_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(penstock_options INTERFACE -fsanitize=${PENSTOCK_SANITIZE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # the instrumentation itself trips this warning in g++ 12; the release build keeps it
    target_compile_options(penstock_options INTERFACE -Wno-maybe-uninitialized)
  endif()
endif()
if(PENSTOCK_FUZZ)
  target_compile_options(penstock_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

# a shared library that nothing uses is not a dependency of the binary
target_link_options(penstock_options INTERFACE -Wl,--as-needed)

# Objects of the modules that simulate hold both machine code and the optimiser's form: the binary
# and the benchmarks (targets that call penstock_optimise_whole) link the second, the tests and the
# installed archive the first. So ten test executables do not each optimise the program again, and
# readers and writers, which gain nothing, do not make every link wait. mold links what is machine
# code; mold 1.10 stops at an archive member that only the optimiser's output asks for.
set(whole $<BOOL:$<TARGET_PROPERTY:PENSTOCK_WHOLE>>)
find_program(PENSTOCK_MOLD mold)
if(PENSTOCK_MOLD)
  target_link_options(penstock_options INTERFACE $<$<NOT:${whole}>:-fuse-ld=mold>)
endif()
if(PENSTOCK_LTO)
  target_link_options(penstock_options INTERFACE
    $<IF:${whole},-flto=auto,-fno-lto> $<${whole}:-O2>)
endif()
function(penstock_optimise_module module)
  if(PENSTOCK_LTO AND module MATCHES "^(base|engine|compute|network|serving)$")
    target_compile_options(penstock_${module} PRIVATE -flto=auto -ffat-lto-objects)
  endif()
endfunction()
function(penstock_optimise_whole target)
  set_target_properties(${target} PROPERTIES PENSTOCK_WHOLE ${PENSTOCK_LTO})
endfunction()

# The shared precompiled header: what nearly every file includes anyway. Heavier headers stay out
# (see CONTRIBUTING.md).
set(PENSTOCK_PCH_HEADERS
  <algorithm> <array> <bit> <charconv> <cmath> <compare> <concepts> <cstddef> <cstdint> <cstring>
  <functional> <limits> <map> <memory> <numeric> <optional> <set> <span> <stdexcept> <string>
  <string_view> <tuple> <type_traits> <unordered_map> <utility> <variant> <vector>
  <fmt/format.h>)

# Libraries from Debian 12. Defines penstock_dependencies, which every module links; the linker
# drops what is unused.

find_package(Threads REQUIRED)
find_package(fmt 9 REQUIRED)
find_package(yaml-cpp 0.7 REQUIRED)
find_package(simdjson 3 REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(tl-expected REQUIRED)
find_path(PENSTOCK_RANDOM123 Random123/philox.h REQUIRED)

# Debian's yaml-cpp target names the shared library; the archive beside it makes the binary easier
# to carry around.
find_library(PENSTOCK_YAML_CPP NAMES libyaml-cpp.a yaml-cpp REQUIRED)

# fmt 9 compiled in (see the file); another version, which needs other sources, is linked shared.
if(fmt_VERSION VERSION_LESS 10)
  add_library(penstock_fmt STATIC ${CMAKE_SOURCE_DIR}/cmake/fmt_library.cpp)
  target_compile_options(penstock_fmt PRIVATE -O2)
else()
  add_library(penstock_fmt INTERFACE)
  target_link_libraries(penstock_fmt INTERFACE fmt::fmt)
endif()

add_library(penstock_dependencies INTERFACE)
target_include_directories(penstock_dependencies SYSTEM INTERFACE
  ${PENSTOCK_RANDOM123} ${YAML_CPP_INCLUDE_DIR})
target_link_libraries(penstock_dependencies INTERFACE
  penstock_fmt simdjson::simdjson nlohmann_json::nlohmann_json tl::expected
  ${PENSTOCK_YAML_CPP} Threads::Threads)

if(PENSTOCK_TESTS)
  find_package(GTest REQUIRED)
  find_package(benchmark QUIET)
  find_package(rapidcheck QUIET)
  add_library(penstock_testing INTERFACE)
  find_library(PENSTOCK_GMOCK gmock)
  target_link_libraries(penstock_testing INTERFACE
    GTest::gtest_main GTest::gtest $<$<BOOL:${PENSTOCK_GMOCK}>:${PENSTOCK_GMOCK}>)
  if(rapidcheck_FOUND)
    target_link_libraries(penstock_testing INTERFACE rapidcheck)
  endif()
endif()

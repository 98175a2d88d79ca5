# The modules: one OBJECT library per folder under penstock/, found by globbing, layered by
# cmake/layers.txt. OBJECT libraries because files of an open set register themselves, and a linker
# drops such files from an archive.

# Reads cmake/layers.txt into PENSTOCK_MODULES (the folders that exist, lowest first) and
# PENSTOCK_MAY_INCLUDE_<module>.
macro(penstock_read_layers)
  set(layers ${CMAKE_SOURCE_DIR}/cmake/layers.txt)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${layers})
  file(STRINGS ${layers} lines REGEX "^[a-z]+:")
  set(PENSTOCK_MODULES "")
  foreach(line IN LISTS lines)
    string(REGEX MATCH "^([a-z]+):(.*)$" _ "${line}")
    set(module ${CMAKE_MATCH_1})
    separate_arguments(below UNIX_COMMAND "${CMAKE_MATCH_2}")
    file(GLOB_RECURSE found CONFIGURE_DEPENDS
      ${CMAKE_SOURCE_DIR}/penstock/${module}/*.cpp ${CMAKE_SOURCE_DIR}/penstock/${module}/*.h)
    if(found)
      list(APPEND PENSTOCK_MODULES ${module})
      set(PENSTOCK_MAY_INCLUDE_${module} ${below})
    endif()
  endforeach()
endmacro()

# Flags, libraries and the shared precompiled header of one own target.
function(penstock_configure target)
  target_link_libraries(${target} PRIVATE penstock_options penstock_dependencies)
  if(PENSTOCK_PCH)
    target_precompile_headers(${target} REUSE_FROM penstock_pch)
  endif()
endfunction()

# Links the objects of the named modules, as far as they exist.
function(penstock_link_modules target)
  foreach(module IN LISTS ARGN)
    if(TARGET penstock_${module})
      target_link_libraries(${target} PRIVATE penstock_${module})
    endif()
  endforeach()
endfunction()

# data/ compiled into the catalog module by a host tool, so that start-up parses no files.
function(penstock_embed_catalog)
  set(tool ${CMAKE_SOURCE_DIR}/tools/embed_catalog.cpp)
  if(NOT EXISTS ${tool} OR NOT TARGET penstock_catalog)
    return()
  endif()
  add_executable(embed_catalog ${tool})
  penstock_configure(embed_catalog)
  penstock_link_modules(embed_catalog base)
  file(GLOB_RECURSE data CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/data/*.yaml)
  set(generated ${CMAKE_BINARY_DIR}/generated/catalog_data.cpp)
  file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/generated)
  add_custom_command(OUTPUT ${generated}
    COMMAND embed_catalog ${generated} ${CMAKE_SOURCE_DIR}/data
    DEPENDS embed_catalog ${data}
    COMMENT "Embedding the catalog" VERBATIM)
  target_sources(penstock_catalog PRIVATE ${generated})
endfunction()

macro(penstock_add_modules)
  penstock_read_layers()
  if(PENSTOCK_PCH)
    file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/generated/pch.cpp CONTENT "")
    add_library(penstock_pch OBJECT ${CMAKE_BINARY_DIR}/generated/pch.cpp)
    target_link_libraries(penstock_pch PRIVATE penstock_options penstock_dependencies)
    target_precompile_headers(penstock_pch PRIVATE ${PENSTOCK_PCH_HEADERS})
  endif()
  foreach(module IN LISTS PENSTOCK_MODULES)
    file(GLOB sources CONFIGURE_DEPENDS
      ${CMAKE_SOURCE_DIR}/penstock/${module}/*.cpp ${CMAKE_SOURCE_DIR}/penstock/${module}/*/*.cpp)
    set(tests ${sources})
    list(FILTER tests INCLUDE REGEX "_test(_support)?\\.cpp$")
    list(FILTER sources EXCLUDE REGEX "_test(_support)?\\.cpp$")
    list(FILTER sources EXCLUDE REGEX "/penstock/cli/main\\.cpp$")
    set(PENSTOCK_TESTS_OF_${module} ${tests})
    if(sources)
      add_library(penstock_${module} OBJECT ${sources})
      penstock_configure(penstock_${module})
      penstock_optimise_module(${module})
    endif()
  endforeach()
  penstock_embed_catalog()
endmacro()

# libpenstock.a: every module but the doors. Users of the installed archive link all of it (see
# PenstockInstall.cmake).
function(penstock_add_library)
  set(objects "")
  foreach(module IN LISTS PENSTOCK_MODULES)
    if(TARGET penstock_${module} AND NOT module MATCHES "^(cli|server)$")
      list(APPEND objects $<TARGET_OBJECTS:penstock_${module}>)
    endif()
  endforeach()
  if(fmt_VERSION VERSION_LESS 10)
    list(APPEND objects $<TARGET_OBJECTS:penstock_fmt>)
  endif()
  if(objects)
    add_library(penstock_library STATIC ${objects})
    set_target_properties(penstock_library PROPERTIES
      OUTPUT_NAME penstock EXPORT_NAME penstock LINKER_LANGUAGE CXX)
  endif()
endfunction()

function(penstock_add_binary)
  if(NOT EXISTS ${CMAKE_SOURCE_DIR}/penstock/cli/main.cpp)
    return()
  endif()
  add_executable(penstock ${CMAKE_SOURCE_DIR}/penstock/cli/main.cpp)
  set_target_properties(penstock PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
  penstock_optimise_whole(penstock)
  penstock_configure(penstock)
  penstock_link_modules(penstock ${PENSTOCK_MODULES})
endfunction()

# What every test may ask its environment for.
function(penstock_test_environment name label)
  set(environment "PENSTOCK_SOURCE_DIR=${CMAKE_SOURCE_DIR}")
  if(TARGET penstock)
    list(APPEND environment "PENSTOCK_BINARY=$<TARGET_FILE:penstock>")
  endif()
  if(PENSTOCK_SANITIZE)
    list(APPEND environment UBSAN_OPTIONS=print_stacktrace=1
      ASAN_OPTIONS=strict_string_checks=1:detect_stack_use_after_return=1)
  endif()
  set_tests_properties(${name} PROPERTIES
    ENVIRONMENT "${environment}" LABELS ${label} TIMEOUT 900 WORKING_DIRECTORY ${CMAKE_BINARY_DIR})
endfunction()

# One GoogleTest executable that is one ctest entry, linked with the objects of the named modules.
function(penstock_add_test name label sources)
  add_executable(${name} ${sources})
  penstock_configure(${name})
  penstock_link_modules(${name} ${ARGN})
  target_link_libraries(${name} PRIVATE penstock_testing)
  add_test(NAME ${name} COMMAND ${name} --gtest_brief=1)
  penstock_test_environment(${name} ${label})
  if(TARGET penstock AND NOT label STREQUAL "unit")
    add_dependencies(${name} penstock)
  endif()
endfunction()

# A module's tests link the module and what it may include, nothing above: a layering mistake does
# not link.
function(penstock_add_module_tests)
  add_custom_target(unit_tests)
  foreach(module IN LISTS PENSTOCK_MODULES)
    if(PENSTOCK_TESTS_OF_${module})
      penstock_add_test(${module}_test unit "${PENSTOCK_TESTS_OF_${module}}"
        ${PENSTOCK_MAY_INCLUDE_${module}} ${module})
      add_dependencies(unit_tests ${module}_test)
    endif()
  endforeach()
endfunction()

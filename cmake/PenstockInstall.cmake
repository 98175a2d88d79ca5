# `cmake --install` and the packages: binary, man page, completions, library, headers, scenarios.

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# The binary writes its own man page and completions, so that they cannot fall behind its flags.
function(penstock_install_generated)
  set(folder ${CMAKE_BINARY_DIR}/generated)
  install(CODE "
    function(generate file)
      execute_process(COMMAND \"$<TARGET_FILE:penstock>\" \${ARGN}
        OUTPUT_FILE \"${folder}/\${file}\" COMMAND_ERROR_IS_FATAL ANY)
    endfunction()
    generate(penstock.1 man)
    generate(penstock.bash completion bash)
    generate(_penstock completion zsh)
    generate(penstock.fish completion fish)")
  install(FILES ${folder}/penstock.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
  install(FILES ${folder}/penstock.bash RENAME penstock
    DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
  install(FILES ${folder}/_penstock DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
  install(FILES ${folder}/penstock.fish
    DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
endfunction()

function(penstock_install_library)
  install(TARGETS penstock_library ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
  # the archive without the optimiser's form, which only the same compiler could read
  install(CODE "
    execute_process(COMMAND ${CMAKE_OBJCOPY} --wildcard -R .gnu.lto_* -R .gnu.debuglto_*
      \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_LIBDIR}/libpenstock.a\"
      COMMAND_ERROR_IS_FATAL ANY)")
  install(DIRECTORY ${CMAKE_SOURCE_DIR}/penstock DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
    FILES_MATCHING PATTERN "*.h" PATTERN "*_test_support.h" EXCLUDE
    PATTERN "cli" EXCLUDE PATTERN "server" EXCLUDE)
  configure_package_config_file(${CMAKE_SOURCE_DIR}/cmake/penstockConfig.cmake.in
    ${CMAKE_BINARY_DIR}/generated/penstockConfig.cmake
    INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/penstock
    PATH_VARS CMAKE_INSTALL_INCLUDEDIR CMAKE_INSTALL_LIBDIR)
  write_basic_package_version_file(${CMAKE_BINARY_DIR}/generated/penstockConfigVersion.cmake
    COMPATIBILITY SameMinorVersion)
  install(FILES
    ${CMAKE_BINARY_DIR}/generated/penstockConfig.cmake
    ${CMAKE_BINARY_DIR}/generated/penstockConfigVersion.cmake
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/penstock)
endfunction()

function(penstock_install)
  if(NOT TARGET penstock OR NOT TARGET penstock_library)
    return()
  endif()
  install(TARGETS penstock RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  penstock_install_generated()
  penstock_install_library()
  install(DIRECTORY ${CMAKE_SOURCE_DIR}/scenarios DESTINATION ${CMAKE_INSTALL_DATADIR}/penstock
    FILES_MATCHING PATTERN "*.yaml")
  foreach(file README.md CHANGELOG.md)
    if(EXISTS ${CMAKE_SOURCE_DIR}/${file})
      install(FILES ${CMAKE_SOURCE_DIR}/${file} DESTINATION ${CMAKE_INSTALL_DOCDIR})
    endif()
  endforeach()
  install(FILES ${CMAKE_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright)
endfunction()

penstock_install()

set(CPACK_GENERATOR DEB TGZ)
set(CPACK_PACKAGE_NAME penstock)
set(CPACK_PACKAGE_VENDOR "Penstock contributors")
set(CPACK_PACKAGE_CONTACT "Penstock contributors")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_PACKAGE_DESCRIPTION
  "Replays request traces on modelled serving instances and answers with latencies, throughput,\n\
energy and cost, each from named and dated inputs.")
set(CPACK_RESOURCE_FILE_LICENSE ${CMAKE_SOURCE_DIR}/LICENSE)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# what a program that links the library needs besides
set(CPACK_DEBIAN_PACKAGE_SUGGESTS
  "libfmt-dev, libexpected-dev, libsimdjson-dev, libyaml-cpp-dev, cmake (>= 3.25)")
include(CPack)

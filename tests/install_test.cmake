# Goal: what `cmake --install` writes is enough for another project to build against and run.
# Method: installs to a scratch prefix, builds examples/find_package with nothing but that prefix,
# runs it, and runs the installed binary.
#
# Takes -DBUILD=<build folder> -DSOURCE=<tree>.
set(scratch ${BUILD}/install_test)
file(REMOVE_RECURSE ${scratch})

function(run)
  execute_process(COMMAND ${ARGN} OUTPUT_VARIABLE text ERROR_VARIABLE text RESULT_VARIABLE status)
  if(NOT status EQUAL 0)
    list(JOIN ARGN " " line)
    message(FATAL_ERROR "${line}\nexited with ${status}:\n${text}")
  endif()
  set(text "${text}" PARENT_SCOPE)
endfunction()

run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${scratch}/prefix)
foreach(file bin/penstock share/man/man1/penstock.1
    share/bash-completion/completions/penstock share/doc/penstock/copyright)
  file(SIZE ${scratch}/prefix/${file} size)
  if(size EQUAL 0)
    message(FATAL_ERROR "installed ${file} is empty")
  endif()
endforeach()
run(${scratch}/prefix/bin/penstock --version)

run(${CMAKE_COMMAND} -S ${SOURCE}/examples/find_package -B ${scratch}/example -G Ninja
  -DCMAKE_PREFIX_PATH=${scratch}/prefix -DCMAKE_BUILD_TYPE=Release)
run(${CMAKE_COMMAND} --build ${scratch}/example)
run(${CMAKE_COMMAND} -E chdir ${SOURCE} ${scratch}/example/replay
  scenarios/azure_conversation_hour.yaml)
message("${text}")

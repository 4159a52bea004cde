# The way of an author outside this tree: install the SDK, build against it, prove the plugin, load it.
# cmake -DBUILD=... -DSOURCE=... -DFOLDER=... -DCOMPILER=... -DGATEHOUSE=... -P Run.cmake
function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE out ERROR_VARIABLE out)
  if(NOT status EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "${command}\nanswered ${status}:\n${out}")
  endif()
  set(said "${out}" PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE ${FOLDER})
run(${CMAKE_COMMAND} --install ${BUILD} --component sdk --prefix ${FOLDER}/prefix)
run(${CMAKE_COMMAND} -S ${SOURCE} -B ${FOLDER}/build -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_BUILD_TYPE=Debug
  -DCMAKE_PREFIX_PATH=${FOLDER}/prefix)
run(${CMAKE_COMMAND} --build ${FOLDER}/build)

set(plugins ${FOLDER}/build/lib/gatehouse/plugins)
run(${FOLDER}/prefix/bin/plugin-contract ${plugins}/upper.so)
run(${FOLDER}/prefix/bin/plugin-contract ${plugins}/upper.so --settings longest_line=5)

file(WRITE ${FOLDER}/gatehouse.yaml "store: {path: gatehouse.db}
plugins:
  directory: build/lib/gatehouse/plugins
  load: [upper]
  settings: {upper: {longest_line: 100}}
control: {socket: control.sock}
listeners:
  - {name: upper, protocol: upper, address: \"127.0.0.1:0\", authenticate: []}
")
run(${GATEHOUSE} plugins --config ${FOLDER}/gatehouse.yaml)
if(NOT said MATCHES "upper 1.0  protocol" OR NOT said MATCHES "longest_line \\(integer, bytes, default 1024\\)")
  message(FATAL_ERROR "gatehouse plugins does not list the plugin:\n${said}")
endif()
file(REMOVE_RECURSE ${FOLDER})

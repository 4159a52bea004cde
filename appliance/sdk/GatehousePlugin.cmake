# gatehouse_add_plugin(NAME SOURCES file... [LINKS target...])
#
# Makes NAME.so in <build>/lib/gatehouse/plugins: hidden symbols, one exported (GatehousePlugin.map), nothing left undefined.
# Used by Gatehouse's own tree and, through find_package(Gatehouse), by everybody else's.

function(gatehouse_add_plugin name)
  cmake_parse_arguments(PLUGIN "" "" "SOURCES;LINKS" ${ARGN})
  if(NOT name MATCHES "^[a-z][a-z0-9_]*$")
    message(FATAL_ERROR "gatehouse_add_plugin: \"${name}\" is no plugin name: small letters, digits and _ only")
  endif()
  set(map ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/GatehousePlugin.map)
  add_library(${name} MODULE ${PLUGIN_SOURCES})
  set_target_properties(${name} PROPERTIES
    PREFIX "" SUFFIX ".so"
    LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib/gatehouse/plugins
    CXX_STANDARD 20 CXX_STANDARD_REQUIRED ON CXX_EXTENSIONS OFF
    C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    LINK_DEPENDS ${map})
  target_link_libraries(${name} PRIVATE Gatehouse::sdk ${PLUGIN_LINKS} $<TARGET_NAME_IF_EXISTS:gatehouse_options>)
  target_link_options(${name} PRIVATE LINKER:--version-script=${map})
  if(NOT GATEHOUSE_SANITIZE) # a sanitizer's runtime lives in the host
    target_link_options(${name} PRIVATE LINKER:-z,defs LINKER:--no-undefined)
  endif()
endfunction()

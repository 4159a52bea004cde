# find_package(Gatehouse): the target Gatehouse::sdk and the function gatehouse_add_plugin.
get_filename_component(GATEHOUSE_PREFIX ${CMAKE_CURRENT_LIST_DIR}/../../.. ABSOLUTE)
if(NOT TARGET Gatehouse::sdk)
  add_library(Gatehouse::sdk INTERFACE IMPORTED)
  set_target_properties(Gatehouse::sdk PROPERTIES INTERFACE_INCLUDE_DIRECTORIES ${GATEHOUSE_PREFIX}/include/gatehouse)
endif()
include(${CMAKE_CURRENT_LIST_DIR}/GatehousePlugin.cmake)

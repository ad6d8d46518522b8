# SPDX-License-Identifier: Apache-2.0
# nigh_layer(path/below/src [NAME name] [LINKS ...] [PRIVATE_LINKS ...] [PCH header])
#
# Makes the static library nigh_<name> of the folder's *.cpp, and the program <name>_test of its
# *_test.cpp, which CTest runs. <name> is the path with '/' as '_' unless NAME says otherwise.
function(nigh_layer path)
  cmake_parse_arguments(arg "" "NAME;PCH" "LINKS;PRIVATE_LINKS" ${ARGN})
  if(NOT arg_NAME)
    string(REPLACE / _ arg_NAME ${path})
  endif()
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${path}/*.cpp)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")

  if(NOT sources)
    return()
  endif()

  add_library(nigh_${arg_NAME} STATIC ${sources})
  target_include_directories(nigh_${arg_NAME} PUBLIC ${CMAKE_SOURCE_DIR}/src
                             ${CMAKE_SOURCE_DIR}/include)
  target_link_libraries(nigh_${arg_NAME} PUBLIC ${arg_LINKS} PRIVATE ${arg_PRIVATE_LINKS})
  if(arg_PCH)
    target_precompile_headers(nigh_${arg_NAME} PRIVATE ${arg_PCH})
  endif()

  if(NIGH_TESTS AND tests)
    add_executable(${arg_NAME}_test ${tests})
    target_link_libraries(${arg_NAME}_test PRIVATE nigh_${arg_NAME} ${arg_PRIVATE_LINKS}
                          GTest::gmock_main)
    add_test(NAME ${arg_NAME} COMMAND ${arg_NAME}_test)
  endif()
endfunction()

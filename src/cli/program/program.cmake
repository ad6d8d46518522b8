# SPDX-License-Identifier: Apache-2.0
include(GNUInstallDirs)

if(TARGET nigh_client AND TARGET nigh_server)
  add_executable(nigh ${CMAKE_CURRENT_LIST_DIR}/main.cpp ${CMAKE_CURRENT_LIST_DIR}/serve_command.cpp
                 ${CMAKE_CURRENT_LIST_DIR}/plain_commands.cpp)
  target_link_libraries(nigh PRIVATE nigh_cli nigh_keep nigh_plain nigh_server)
  set_target_properties(nigh PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
  install(TARGETS nigh RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()

add_executable(nigh_manual ${CMAKE_CURRENT_LIST_DIR}/manual_main.cpp)
target_link_libraries(nigh_manual PRIVATE nigh_cli)

set(pages)
foreach(page nigh.1 nigh-serve.8)
  set(source ${CMAKE_SOURCE_DIR}/docs/man/${page}.md)
  set(made ${CMAKE_BINARY_DIR}/man/${page})
  add_custom_command(OUTPUT ${made} DEPENDS nigh_manual ${source}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_BINARY_DIR}/man
    COMMAND nigh_manual ${source} ${made} VERBATIM)
  string(REGEX MATCH "[0-9]$" section ${page})
  install(FILES ${made} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
  list(APPEND pages ${made})
endforeach()
add_custom_target(nigh_man ALL DEPENDS ${pages})

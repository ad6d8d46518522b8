# SPDX-License-Identifier: Apache-2.0
# libnigh: one static library of all layers that a client needs, installed with <nigh/…> and a
# CMake package, so that find_package(nigh) and nigh::nigh are all that a program has to know.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(layers nigh_base nigh_wire nigh_ssh nigh_http2 nigh_io nigh_files nigh_delta nigh_service_run
    nigh_service_session nigh_service_sync nigh_service_channel nigh_service_tunnel nigh_client)
set(objects)
foreach(layer ${layers})
  list(APPEND objects $<TARGET_OBJECTS:${layer}>)
endforeach()

add_library(libnigh STATIC ${objects})
add_library(nigh::nigh ALIAS libnigh)
set_target_properties(libnigh PROPERTIES OUTPUT_NAME nigh EXPORT_NAME nigh LINKER_LANGUAGE CXX)
target_include_directories(libnigh INTERFACE $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/include>
                           $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_compile_features(libnigh INTERFACE cxx_std_20)
# Asio's own code is in the library: a program that used it header-only beside that would have two.
target_compile_definitions(libnigh INTERFACE BOOST_ASIO_SEPARATE_COMPILATION)
if(NIGH_SANITIZE)  # then what links it must be built alike
  target_compile_options(libnigh INTERFACE -fsanitize=${NIGH_SANITIZE})
  target_link_options(libnigh INTERFACE -fsanitize=${NIGH_SANITIZE})
  target_compile_definitions(libnigh INTERFACE BOOST_ASIO_DISABLE_AWAITABLE_FRAME_RECYCLING)
endif()
target_link_libraries(libnigh
  PUBLIC Boost::headers Threads::Threads
  PRIVATE OpenSSL::SSL OpenSSL::Crypto PkgConfig::nghttp2 PkgConfig::xxhash PkgConfig::zstd fmt::fmt tomlplusplus::tomlplusplus)

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/nigh)
install(TARGETS libnigh EXPORT nigh ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY ${CMAKE_SOURCE_DIR}/include/nigh DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT nigh FILE nighTargets.cmake NAMESPACE nigh:: DESTINATION ${package})
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/nighConfig.cmake.in
                              ${CMAKE_BINARY_DIR}/nighConfig.cmake INSTALL_DESTINATION ${package})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/nighConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/nighConfig.cmake ${CMAKE_BINARY_DIR}/nighConfigVersion.cmake
        DESTINATION ${package})

add_subdirectory(${CMAKE_SOURCE_DIR}/examples ${CMAKE_BINARY_DIR}/examples)

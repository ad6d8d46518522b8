# SPDX-License-Identifier: Apache-2.0
# How everything is compiled: language level, warnings, sanitizers, hardening, cache and linker.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

add_compile_options(-Wall -Wextra -Wshadow -Wnon-virtual-dtor -Wno-missing-field-initializers -Werror)
add_compile_definitions(BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_SEPARATE_COMPILATION)

find_program(NIGH_CCACHE ccache)
if(NIGH_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros
      CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} ${NIGH_CCACHE})
endif()
if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
  add_compile_options(-fpch-instantiate-templates "SHELL:-Xclang -fno-pch-timestamp")
  find_program(NIGH_LLD NAMES ld.lld-19 ld.lld)
  if(NIGH_LLD)
    add_link_options(--ld-path=${NIGH_LLD})
  endif()
endif()

if(NIGH_SANITIZE)
  add_compile_options(-fsanitize=${NIGH_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer
                      -O1 -gline-tables-only)
  add_link_options(-fsanitize=${NIGH_SANITIZE})
  # Recycled coroutine frames hide use-after-free from ASan.
  add_compile_definitions(BOOST_ASIO_DISABLE_AWAITABLE_FRAME_RECYCLING NIGH_SANITIZED)
elseif(CMAKE_BUILD_TYPE STREQUAL Release)
  add_compile_options(-fstack-protector-strong -D_FORTIFY_SOURCE=2 -fcf-protection)
  add_link_options(-Wl,-z,relro,-z,now -Wl,--as-needed)
endif()

if(NIGH_TIDY)
  find_program(NIGH_CLANG_TIDY NAMES clang-tidy-19 clang-tidy REQUIRED)
  set(CMAKE_CXX_CLANG_TIDY ${NIGH_CLANG_TIDY} --quiet)
endif()

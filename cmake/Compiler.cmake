# How every target is compiled: warnings are errors, ccache and mold where they are present, sanitizers on demand.
find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()
find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()

add_library(tollgate_options INTERFACE)
target_compile_definitions(tollgate_options INTERFACE TOLLGATE_VERSION="${PROJECT_VERSION}")
target_include_directories(tollgate_options INTERFACE ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR}/generated)
target_compile_options(tollgate_options INTERFACE -Wall -Wextra -Wpedantic -Werror -Wnon-virtual-dtor
                                                  -Woverloaded-virtual $<$<CXX_COMPILER_ID:GNU>:-Wshadow=local>)
# Asio 1.74 uses std::exchange without its header under C++20.
target_compile_options(tollgate_options INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-include$<SEMICOLON>utility>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # False alarms of g++ 12 inside the standard library at -O2.
  target_compile_options(tollgate_options INTERFACE -Wno-restrict -Wno-maybe-uninitialized)
endif()
if(TOLLGATE_SANITIZE)
  if(TOLLGATE_SANITIZE MATCHES thread)
    # g++ warns of the fences inside Asio, which tsan does not see.
    add_compile_options(-Wno-tsan)
  endif()
  add_compile_options(-fsanitize=${TOLLGATE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${TOLLGATE_SANITIZE})
endif()

# tollgate_library(NAME SOURCES … DEPS …): one folder, one static library.
# tollgate_program(NAME SOURCES … DEPS …): a program, in bin/.
function(tollgate_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS;PRIVATE_DEPS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC tollgate_options ${ARG_DEPS} PRIVATE ${ARG_PRIVATE_DEPS})
endfunction()

function(tollgate_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE tollgate_options ${ARG_DEPS})
endfunction()

# tollgate_test(NAME SOURCES … DEPS … LABELS …): a GoogleTest program, one ctest entry a test.
function(tollgate_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS;LABELS" ${ARGN})
  tollgate_program(${name} SOURCES ${ARG_SOURCES} DEPS ${ARG_DEPS} GTest::gmock GTest::gtest_main)
  # What is tested is optimised as it is shipped. The tests themselves run for seconds and take half of the build:
  # compiled like this they take half of that.
  target_compile_options(${name} PRIVATE -O0 -g1)
  gtest_discover_tests(${name} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT 120 DISCOVERY_TIMEOUT 30)
endfunction()
include(GoogleTest)

# tollgate_embed(TARGET SYMBOL FILE): makes FILE's bytes readable as `extern const std::string_view SYMBOL`
# in namespace tollgate::embedded, so that one binary is all that a user has to carry.
function(tollgate_embed target symbol file)
  set(out ${CMAKE_BINARY_DIR}/generated/embedded/${symbol}.cc)
  add_custom_command(
    OUTPUT ${out}
    COMMAND ${CMAKE_COMMAND} -DSYMBOL=${symbol} -DIN=${file} -DOUT=${out} -P ${CMAKE_SOURCE_DIR}/cmake/Embed.cmake
    DEPENDS ${file} ${CMAKE_SOURCE_DIR}/cmake/Embed.cmake)
  target_sources(${target} PRIVATE ${out})
endfunction()

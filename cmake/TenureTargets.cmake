# How a target of Tenure is made: C++20, warnings as errors for our own code, one library per folder,
# dependencies named with their visibility.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib)

find_program(TENURE_CCACHE ccache)
if(TENURE_CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${TENURE_CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_C_COMPILER_LAUNCHER})
endif()

find_package(Threads REQUIRED)
find_package(absl REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)
if(TENURE_WITH_GRPC)
  find_package(Protobuf REQUIRED)
  find_package(gRPC CONFIG REQUIRED)
endif()
if(TENURE_TESTS)
  find_package(GTest REQUIRED)
  include(GoogleTest)
endif()

set(TENURE_WARNINGS -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror)
if(TENURE_SANITIZE)
  # Sanitizers apply to every target, so that libraries and tests agree.
  add_compile_options(-fsanitize=${TENURE_SANITIZE} -fno-omit-frame-pointer)
  if(TENURE_SANITIZE MATCHES undefined)
    # The first finding ends the program. AddressSanitizer sees null pointers as well as the check
    # for them does, which doubles what templates compile to.
    add_compile_options(-fno-sanitize-recover=all -fno-sanitize=null)
  endif()
  add_link_options(-fsanitize=${TENURE_SANITIZE})
endif()
if(TENURE_FUZZ)
  # What the fuzzer steers by: every library says which branches an input took.
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
  # Clang counts changes of sign to -Wconversion, GCC does not.
  list(APPEND TENURE_WARNINGS -Wthread-safety -Wno-sign-conversion)
endif()

function(tenure_options target)
  target_compile_options(${target} PRIVATE ${TENURE_WARNINGS})
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR})
endfunction()

# tenure_library(NAME SOURCES … [PUBLIC …] [PRIVATE …]): PUBLIC are the folders whose headers ours include.
function(tenure_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  add_library(tenure_${name} STATIC ${ARG_SOURCES})
  add_library(tenure::${name} ALIAS tenure_${name})
  tenure_options(tenure_${name})
  target_link_libraries(tenure_${name} PUBLIC ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE})
  set_property(GLOBAL APPEND PROPERTY TENURE_LIBRARIES tenure_${name})
endfunction()

# The tests about threads, which are all that a build with ThreadSanitizer needs.
add_custom_target(thread_tests)

# tenure_test(NAME SOURCES … LINK … [LABELS …] [TIMEOUT seconds]): a GoogleTest binary, each case one ctest.
# LABELS: `threads` where several threads share what is tested, `slow` where a run takes more than a minute.
function(tenure_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;LINK;LABELS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  tenure_options(${name})
  target_link_libraries(${name} PRIVATE ${ARG_LINK} GTest::gmock GTest::gtest_main)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  if(threads IN_LIST ARG_LABELS)
    add_dependencies(thread_tests ${name})
  endif()
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT ${ARG_TIMEOUT})
  # gtest_discover_tests splits properties that are lists, so those are set when ctest starts.
  set(properties ${CMAKE_CURRENT_BINARY_DIR}/${name}_properties.cmake)
  file(CONFIGURE OUTPUT ${properties} @ONLY CONTENT [[
foreach(test IN LISTS @name@_TESTS)
  set_tests_properties("${test}" PROPERTIES LABELS "@name@;@ARG_LABELS@"
    ENVIRONMENT "TENURE_SOURCE_DIR=@PROJECT_SOURCE_DIR@;TENURE_BINARY_DIR=@CMAKE_BINARY_DIR@")
endforeach()
]])
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES ${properties})
endfunction()

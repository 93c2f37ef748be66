#include <gtest/gtest.h>

#include "tests/expression/table.h"

namespace tenure::expression {
namespace {

// Language definition, "List of Standard Definitions".
TEST(Conversion, ToIntAndUint) {
  ExpectAll({{"int(42u)", "42"},
             {"int(1.9)", "1"},
             {"int(-7.9)", "-7"},
             {"int('-12')", "-12"},
             {"int('1.5')", "invalid_argument"},
             {"int('')", "invalid_argument"},
             {"int('9223372036854775808')", "overflow"},
             {"int(18446744073709551615u)", "overflow"},
             {"int(1e99)", "overflow"},
             {"int(9223372036854775807.0)", "overflow"},
             {"int(0.0/0.0)", "overflow"},
             {"int(timestamp('1969-12-31T23:59:59.5Z'))", "-1"},
             {"int(true)", "check"},
             {"uint(1)", "uint 1"},
             {"uint(-1)", "overflow"},
             {"uint(25.5)", "uint 25"},
             {"uint(1e19)", "uint 10000000000000000000"},
             {"uint('300')", "uint 300"},
             {"uint('-1')", "invalid_argument"}});
}

TEST(Conversion, ToDoubleStringBytesBool) {
  ExpectAll({{"double('1.5e3')", "double 1500"},
             {"double(' 1')", "invalid_argument"},
             {"double(9007199254740993)", "double 9007199254740992"},
             {"string(1.5)", "\"1.5\""},
             {"string(-4.5e-3)", "\"-0.0045\""},
             {"string(1e100)", "\"1e+100\""},
             {"string(12u)", "\"12\""},
             {"string(true)", "\"true\""},
             {"string(b'\\303\\277') == 'ÿ'", "true"},
             {"string(b'\\xff')", "invalid_argument"},
             {"string(null)", "check"},
             {"string([1])", "check"},
             {"bytes('ÿ')", "b\"\\303\\277\""},
             {"bool('true')", "true"},
             {"bool('T')", "true"},
             {"bool('no')", "invalid_argument"},
             {"bool(1)", "check"}});
}

TEST(Conversion, TypesAreValues) {
  ExpectAll({{"type(1)", "int"},
             {"type(1u) == uint", "true"},
             {"type(null) == null_type", "true"},
             {"type([1]) == list", "true"},
             {"type({}) == map", "true"},
             {"type(type(1)) == type", "true"},
             {"type(type)", "type"},
             {"type(timestamp(0)) == google.protobuf.Timestamp", "true"},
             {"type(duration('1s'))", "google.protobuf.Duration"},
             {"type(dyn([1, 'a']))", "list"},
             {"dyn", "check"}});
}

TEST(Text, FunctionsAreUnicodeAware) {
  ExpectAll({{"size('ÿ😀')", "2"},
             {"'ÿ😀'.size()", "2"},
             {"size(b'ÿ')", "2"},
             {"'hello'.contains('ll')", "true"},
             {"'hello'.contains('')", "true"},
             {"'hello'.startsWith('he') && 'hello'.endsWith('lo')", "true"},
             {"'hello'.matches('h.*o')", "true"},
             {"'hello'.matches('^e')", "false"},
             {"matches('hello', 'ell')", "true"},
             {"'😀'.matches('^.$')", "true"},
             {"'a'.matches('(')", "invalid_argument"},
             {"'a'.contains(1)", "check"},
             {"dyn('a').contains(dyn(1))", "no_such_overload"},
             {"size(1)", "check"}});
}

}  // namespace
}  // namespace tenure::expression

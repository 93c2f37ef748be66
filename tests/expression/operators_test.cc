#include <gtest/gtest.h>

#include <limits>

#include "tests/expression/table.h"

namespace tenure::expression {
namespace {

// Language definition, "Equality" and "Ordering".
TEST(Equality, Numbers_AreOneLine) {
  ExpectAll({{"1 == 1.0", "true"},
             {"1u == 1", "true"},
             {"1.0 == 1u", "true"},
             {"1 == 2u", "false"},
             {"-1 == 18446744073709551615u", "false"},
             {"9007199254740993 == 9007199254740992.0", "false"},
             {"9223372036854775807 == 9223372036854775808.0", "false"},
             {"18446744073709551615u == 18446744073709551616.0", "false"},
             {"0.0 == -0.0", "true"},
             {"1.0 != 1", "false"}});
}

TEST(Equality, NotANumber_EqualsNothing) {
  ExpectAll({{"0.0/0.0 == 0.0/0.0", "false"},
             {"0.0/0.0 != 0.0/0.0", "true"},
             {"[0.0/0.0] == [0.0/0.0]", "false"},
             {"{'a': 0.0/0.0} != {'a': 0.0/0.0}", "true"},
             {"0.0/0.0 < 1", "false"},
             {"0.0/0.0 >= 1", "false"},
             {"1 < 0.0/0.0", "false"},
             {"0.0/0.0 in [0.0/0.0]", "false"}});
}

TEST(Equality, DifferentTypes_AreUnequal) {
  ExpectAll({{"1 == '1'", "false"},
             {"null == false", "false"},
             {"null == null", "true"},
             {"'a' == b'a'", "false"},
             {"[1] == {0: 1}", "false"},
             {"[1, 'a'] != ['a', 1]", "true"},
             {"int == type(1)", "true"},
             {"duration('1s') == timestamp('1970-01-01T00:00:01Z')", "false"}});
}

TEST(Equality, ListsAndMaps_CompareTheirItems) {
  ExpectAll({{"[1, 2.0, 3u] == [1.0, 2u, 3]", "true"},
             {"[] == []", "true"},
             {"[1] == [1, 2]", "false"},
             {"[[1], []] == [[1], []]", "true"},
             {"{'a': 1, 'b': 2} == {'b': 2, 'a': 1.0}", "true"},
             {"{1: 'a'} == {1u: 'a'}", "true"},
             {"{} == {}", "true"},
             {"{'a': 1} == {'b': 1}", "false"}});
}

TEST(Ordering, CrossesKindsOfNumbers) {
  ExpectAll({{"1 < 1.5", "true"},
             {"1u > 0.5", "true"},
             {"-1 < 0u", "true"},
             {"9223372036854775807 < 9223372036854775808.0", "true"},
             {"9223372036854775807 < 1e300", "true"},
             {"-9223372036854775808 <= -9223372036854775808.0", "true"},
             {"18446744073709551615u > 9223372036854775807", "true"},
             {"0u < -1.0", "false"},
             {"1.0/0.0 > 9223372036854775807", "true"}});
}

TEST(Ordering, StringsByCodePointBytesByOctet) {
  ExpectAll({{"'a' < 'b'", "true"},
             {"'a' < 'B'", "false"},
             {"'' < 'a'", "true"},
             {"'\\uFF5A' < '\\U0001F600'", "true"},
             {"'\\U0001F431' < '\\U0001F436'", "true"},
             {"b'\\x01' < b'\\xff'", "true"},
             {"b'a' < b'aa'", "true"},
             {"false < true", "true"},
             {"true < true", "false"},
             {"1 < 'a'", "check"},
             {"dyn(1) < 'a'", "no_such_overload"},
             {"[1] < [2]", "check"}});
}

// "Logical operators": errors are absorbed from either side.
TEST(Logic, Errors_AreAbsorbedByWhatDecides) {
  ExpectAll({{"false && 1/0 > 0", "false"},
             {"1/0 > 0 && false", "false"},
             {"1/0 > 0 || true", "true"},
             {"true || 1/0 > 0", "true"},
             {"1/0 > 0 && true", "division_by_zero"},
             {"false || 1/0 > 0", "division_by_zero"},
             {"1/0 > 0 || 1%0 > 0 || true", "true"},
             {"false && 32", "false"},
             {"'horses' && false", "false"},
             {"true && 'x'", "no_such_overload"},
             {"true || 32", "true"},
             {"!true || !false", "true"},
             {"!0", "check"},
             {"!dyn(0)", "no_such_overload"}});
}

TEST(Logic, Conditional_EvaluatesOneBranch) {
  ExpectAll({{"true ? 1 : 1/0", "1"},
             {"false ? 1/0 : 'b'", "\"b\""},
             {"1/0 > 0 ? 1 : 2", "division_by_zero"},
             {"true ? false ? 1 : 2 : 3", "parse"},
             {"true ? (false ? 1 : 2) : 3", "2"},
             {"false ? 1 : false ? 2 : 3", "3"},
             {"'a' ? 1 : 2", "check"},
             {"dyn('a') ? 1 : 2", "no_such_overload"}});
}

TEST(Precedence, FollowsTheGrammar) {
  ExpectAll({{"1 + 2 * 3", "7"},
             {"(1 + 2) * 3", "9"},
             {"10 - 4 - 3", "3"},
             {"16 / 4 / 2", "2"},
             {"1 + 2 == 3 && 4 < 5 || false", "true"},
             {"true || true && false", "true"},
             {"-2 + 3", "1"},
             {"--2", "2"},
             {"!!true", "true"},
             {"!-2", "check"},
             {"1 < 2 == true", "true"},
             {"2 - -1", "3"},
             {"2 -1", "1"},
             {"--------------------------------19", "19"}});
}

// "Arithmetic": 64 bits, checked; no conversion between kinds.
TEST(Arithmetic, Overflow_IsAnError) {
  ExpectAll({{"9223372036854775807 + 1", "overflow"},
             {"-9223372036854775808 - 1", "overflow"},
             {"9223372036854775807 * 2", "overflow"},
             {"-(-9223372036854775808)", "overflow"},
             {"-9223372036854775808 / -1", "overflow"},
             {"-9223372036854775808 % -1", "overflow"},
             {"18446744073709551615u + 1u", "overflow"},
             {"0u - 1u", "overflow"},
             {"9223372036854775808u * 2u", "overflow"},
             {"9223372036854775807 - 1 + 1", "9223372036854775807"}});
}

TEST(Arithmetic, DivisionAndModulus) {
  ExpectAll({{"7 / 2", "3"},
             {"-7 / 2", "-3"},
             {"7 % -3", "1"},
             {"-7 % 3", "-1"},
             {"7u / 2u", "uint 3"},
             {"1 / 0", "division_by_zero"},
             {"1 % 0", "division_by_zero"},
             {"1u / 0u", "division_by_zero"},
             {"1.0 / 0.0", "double +Inf"},
             {"-1.0 / 0.0", "double -Inf"},
             {"1.0 % 2.0", "check"},
             {"dyn(1.0) % dyn(2.0)", "no_such_overload"}});
}

TEST(Arithmetic, KindsDoNotMix) {
  ExpectAll({{"1 + 1.0", "check"},
             {"1 + 1u", "check"},
             {"dyn(1) + 1.0", "no_such_overload"},
             {"-(1u)", "check"},
             {"'a' + 1", "check"},
             {"1.5 + 1.5", "double 3"},
             {"'a' + 'b'", "\"ab\""},
             {"b'a' + b'\\xff'", "b\"a\\377\""},
             {"[1] + ['a']", "[1, \"a\"]"}});
}

TEST(Collections, IndexAndIn) {
  ExpectAll({{"[7, 8, 9][0]", "7"},
             {"[7, 8, 9][3]", "out_of_bounds"},
             {"[7, 8, 9][-1]", "out_of_bounds"},
             {"[7, 8, 9][dyn(1.0)]", "8"},
             {"[7, 8, 9][dyn(0.1)]", "invalid_argument"},
             {"[7, 8, 9][dyn(1u)]", "8"},
             {"[1]['a']", "check"},
             {"{'a': 1}['a']", "1"},
             {"{'a': 1}.a", "1"},
             {"{'a': 1}.b", "no_such_key"},
             {"{1u: 'x'}[1]", "\"x\""},
             {"{1: 'x'}[dyn(1.0)]", "\"x\""},
             {"{1: 'x'}[dyn(1.5)]", "no_such_key"},
             {"{'content-type': 1}.`content-type`", "1"},
             {"2 in [1, 2u]", "true"},
             {"2.0 in [1, 2]", "true"},
             {"'a' in ['b']", "false"},
             {"1 in []", "false"},
             {"'a' in {'a': 1}", "true"},
             {"1 in {1u: 1}", "true"},
             {"1 in 1", "check"}});
}

TEST(Collections, Literals) {
  ExpectAll({{"[1, 2,]", "[1, 2]"},
             {"{'a': 1,} == {'a': 1}", "true"},
             {"{'a': 1, 'a': 2}", "duplicate_key"},
             {"{1: 1, 1u: 2}", "duplicate_key"},
             {"{1.0: 1}", "check"},
             {"{dyn(1.0): 1}", "invalid_argument"},
             {"{null: 1}", "check"},
             {"[1/0]", "division_by_zero"},
             {"{'a': 1/0}", "division_by_zero"}});
}

}  // namespace
}  // namespace tenure::expression

#include <gtest/gtest.h>

#include "tests/expression/table.h"

namespace tenure::expression {
namespace {

// Language definition, "Macros".
TEST(Macros, AllAndExists_AbsorbErrorsAsLogicDoes) {
  ExpectAll({{"[1,2].all(x, x > 0)", "true"},
             {"[1,2].all(x, x/0 > 1 || true)", "true"},
             {"[1,2,3].all(x, 6/(2-x) < 0)", "false"},
             {"[1,2].all(x, 6/(2-x) > 0)", "division_by_zero"},
             {"[].all(x, 1/0 > 0)", "true"},
             {"[0,1].exists(x, 1/x == 1)", "true"},
             {"[0,2].exists(x, 1/x == 1)", "division_by_zero"},
             {"[].exists(x, true)", "false"},
             {"[1].all(x, 'a')", "no_such_overload"},
             {"{'a': 1, 'b': 2}.exists(k, k == 'b')", "true"},
             {"{'a': 1}.all(k, k == 'b')", "false"}});
}

TEST(Macros, ExistsOne_TellsErrors) {
  ExpectAll({{"[1,2,3].exists_one(x, x > 2)", "true"},
             {"[1,2,3].exists_one(x, x > 1)", "false"},
             {"[].exists_one(x, true)", "false"},
             {"[3,0].exists_one(x, 1/x == 0)", "division_by_zero"}});
}

TEST(Macros, MapAndFilter_MakeLists) {
  ExpectAll({{"[1,2,3].map(x, x * x)", "[1, 4, 9]"},
             {"[1,2,3].map(x, x > 1, x * 10)", "[20, 30]"},
             {"[1,2,3].filter(x, x % 2 == 1)", "[1, 3]"},
             {"{'a': 1}.map(k, k + '!')", "[\"a!\"]"},
             {"[[1,2],[3]].map(x, x.map(y, y + size(x)))", "[[3, 4], [4]]"},
             {"[1,0].map(x, 1/x)", "division_by_zero"},
             {"[1].filter(x, x)", "no_such_overload"},
             {"[1].map(x, [2].map(x, x))", "[[2]]"}});
}

TEST(Macros, WrongForms_AreRefused) {
  ExpectAll({{"[1].all(x.y, true)", "parse"},
             {"[1].all(1, true)", "parse"},
             {"[1].all(x)", "check"},
             {"1.5.all(x, true)", "check"},
             {"[1].all(x, y > 1)", "check"},
             {"has(1)", "parse"},
             {"has([1][0])", "parse"},
             {"has({'a': 1}.a)", "true"},
             {"has({'a': 1}.b)", "false"},
             {"has({'a': 1/0}.a)", "division_by_zero"}});
}

TEST(Has, PlainNames_AreForRulesOnly) {
  ExpectAll({{"has(x)", "parse"}}, {{"x", Value::Of(true)}});
}

}  // namespace
}  // namespace tenure::expression

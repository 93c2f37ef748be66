#include <gtest/gtest.h>

#include "tests/expression/table.h"

namespace tenure::expression {
namespace {

// Language definition, "Numeric Values" and "String and Bytes Values".
TEST(NumberLiteral, Forms) {
  ExpectAll({{"0x1F", "31"},
             {"-0x10", "-16"},
             {"0xFFu", "uint 255"},
             {"12u", "uint 12"},
             {"12U", "uint 12"},
             {"1.5e3", "double 1500"},
             {".5", "double 0.5"},
             {"-.5", "double -0.5"},
             {"1e-2", "double 0.01"},
             {"1E2", "double 100"},
             {"-9223372036854775808", "-9223372036854775808"},
             {"-0x8000000000000000", "-9223372036854775808"},
             {"18446744073709551615u", "uint 18446744073709551615"},
             {"9223372036854775808", "parse"},
             {"-9223372036854775809", "parse"},
             {"18446744073709551616u", "parse"},
             {"-1u", "parse"},
             {"1.", "parse"},
             {"1e", "parse"},
             {"0x", "parse"},
             {"1e400", "parse"},
             {"1a", "parse"}});
}

TEST(StringLiteral, QuotesAndRaw) {
  ExpectAll({{"'a\"b'", "\"a\\\"b\""},
             {"\"a'b\" == 'a\\'b'", "true"},
             {"'''a'b''c''' == \"a'b''c\"", "true"},
             {"\"\"\"a\nb\"\"\" == 'a\\nb'", "true"},
             {"'''\r\n'''.size()", "2"},
             {"r'\\n' == '\\\\n'", "true"},
             {"R\"a\\\" == 'a\\\\'", "true"},
             {"r'''\\d''' == '\\\\d'", "true"},
             {"'' == \"\"", "true"},
             {"''''''.size()", "0"},
             {"'a\nb'", "parse"},
             {"'a", "parse"},
             {"'''a''", "parse"}});
}

TEST(StringLiteral, Escapes) {
  ExpectAll({{"'\\a\\b\\f\\n\\r\\t\\v' == '\\x07\\x08\\x0C\\x0A\\x0D\\x09\\x0B'", "true"},
             {"'\\\\\\?\\\"\\'\\`' == r'\\?' + '\"' + \"'\" + '`'", "true"},
             {"'\\x41\\X42\\103\\u0044\\U00000045'", "\"ABCDE\""},
             {"'\\U0001F600'.size()", "1"},
             {"'\\377' == '\\u00ff'", "true"},
             {"b'\\377' == b'\\xff'", "true"},
             {"bytes('\\377') == b'\\377'", "false"},
             {"'\\400'", "parse"},
             {"'\\8'", "parse"},
             {"'\\x4'", "parse"},
             {"'\\z'", "parse"},
             {"'\\uD800'", "parse"},
             {"'\\U0000DFFF'", "parse"},
             {"'\\U00110000'", "parse"},
             {"b'\\u0041'", "parse"},
             {"'\\", "parse"}});
}

TEST(BytesLiteral, Forms) {
  ExpectAll({{"b'abc'", "b\"abc\""},
             {"B\"\"\"a\nb\"\"\".size()", "3"},
             {"br'\\n'.size()", "2"},
             {"b'\xC3\xBF'.size()", "2"},
             {"b'ÿ' == b'\\303\\277'", "true"}});
}

TEST(StringLiteral, InvalidUtf8_IsRefused) {
  ExpectAll({{"'\xff'", "parse"}, {"'\xed\xa0\x80'", "parse"}, {"'\xc0\x80'", "parse"}});
}

TEST(Names, ReservedAndKeywords) {
  ExpectAll({{"if", "parse"},
             {"for + 1", "parse"},
             {"package()", "parse"},
             {"{'for': 1}.for", "1"},
             {"{'in': 1}.in", "parse"},
             {"true", "true"},
             {"null", "null"},
             {"`a`", "parse"},
             {"nope", "check"}});
}

TEST(Names, DottedNames_LongestVariableFirst) {
  Map inner;
  inner.Insert(Value::String("b"), Value::Of(int64_t{1}));
  const absl::flat_hash_map<std::string, Value> variables = {{"a", Value::OfMap(std::move(inner))},
                                                             {"a.b.c", Value::Of(int64_t{3})},
                                                             {"x", Value::Of(int64_t{4})}};
  ExpectAll({{"a.b", "1"},
             {"a.b.c", "3"},
             {"a.b.c == 3", "true"},
             {".x", "4"},
             {"[1].exists(x, x == 1 && .x == 4)", "true"},
             {"[{'b': 7}].map(a, a.b)", "[7]"},
             {"[{'b': {'c': 8}}].map(a, a.b.c)", "[8]"},
             {"a.z", "no_such_key"},
             {"a.b.d", "no_such_overload"},
             {"has(a.b)", "true"},
             {"has(a.z)", "false"}},
            variables);
}

TEST(Syntax, CommentsAndSpaces) {
  ExpectAll({{"1 // one\n + 2", "3"},
             {"\t1\r\n+\f2", "3"},
             {"", "parse"},
             {"   ", "parse"},
             {"1 +", "parse"},
             {"(1", "parse"},
             {"1)", "parse"},
             {"1 = 1", "parse"},
             {"true & false", "parse"},
             {"a ? b", "parse"},
             {"[1, , 2]", "parse"},
             {"size(1, )", "parse"},
             {"1 2", "parse"},
             {"# x", "parse"}});
}

}  // namespace
}  // namespace tenure::expression

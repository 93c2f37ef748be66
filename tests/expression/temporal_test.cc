#include <gtest/gtest.h>

#include "tests/expression/table.h"

namespace tenure::expression {
namespace {

TEST(Timestamp, ParsesAndPrintsRfc3339) {
  ExpectAll(
      {{"timestamp('2009-02-13T23:31:30Z')", "timestamp 2009-02-13T23:31:30Z"},
       {"timestamp('2009-02-14T01:31:30+02:00')", "timestamp 2009-02-13T23:31:30Z"},
       {"timestamp('1969-12-31T23:59:59.999999999Z')", "timestamp 1969-12-31T23:59:59.999999999Z"},
       {"timestamp(1234567890)", "timestamp 2009-02-13T23:31:30Z"},
       {"timestamp('2020-02-29T00:00:00Z')", "timestamp 2020-02-29T00:00:00Z"},
       {"timestamp('2021-02-29T00:00:00Z')", "invalid_argument"},
       {"timestamp('2021-01-01')", "invalid_argument"},
       {"timestamp('2021-01-01T24:00:00Z')", "invalid_argument"},
       {"timestamp('0000-01-01T00:00:00Z')", "invalid_argument"},
       {"timestamp('10000-01-01T00:00:00Z')", "invalid_argument"},
       {"timestamp(253402300800)", "overflow"},
       {"int(timestamp('2009-02-13T23:31:30Z'))", "1234567890"}});
}

TEST(Duration, ParsesAndPrints) {
  ExpectAll({{"duration('1h30m')", "duration 5400s"},
             {"duration('-1.5s')", "duration -1.5s"},
             {"duration('1h1m1s1ms1us1ns')", "duration 3661.001001001s"},
             {"duration('0')", "duration 0s"},
             {"duration('1')", "invalid_argument"},
             {"duration('')", "invalid_argument"},
             {"duration('1d')", "invalid_argument"},
             {"duration('320000000000s')", "invalid_argument"},
             {"string(duration('1000000s'))", "\"1000000s\""}});
}

TEST(Duration, GettersTellTheWholeLength) {
  ExpectAll({{"duration('1h30m').getMinutes()", "90"},
             {"duration('10000s').getHours()", "2"},
             {"duration('3730s').getSeconds()", "3730"},
             {"duration('123.321456789s').getMilliseconds()", "321"},
             {"duration('-90m').getHours()", "-1"},
             {"duration('1s').getFullYear()", "check"}});
}

TEST(Timestamp, GettersInUtcAndZones) {
  ExpectAll({{"timestamp('2009-02-13T23:31:30Z').getFullYear()", "2009"},
             {"timestamp('2009-02-13T23:31:30Z').getMonth()", "1"},
             {"timestamp('2009-02-13T23:31:30Z').getDayOfMonth()", "12"},
             {"timestamp('2009-02-13T23:31:30Z').getDate()", "13"},
             {"timestamp('2009-02-13T23:31:30Z').getDayOfWeek()", "5"},
             {"timestamp('2009-02-15T23:31:30Z').getDayOfWeek()", "0"},
             {"timestamp('2009-02-13T23:31:30Z').getDayOfYear()", "43"},
             {"timestamp('2009-02-13T23:31:20.123456789Z').getMilliseconds()", "123"},
             {"timestamp('2009-02-13T23:31:30Z').getDate('Australia/Sydney')", "14"},
             {"timestamp('2009-02-13T02:00:00Z').getDayOfMonth('-02:30')", "11"},
             {"timestamp('2009-02-13T23:31:30Z').getHours('02:00')", "1"},
             {"timestamp('2009-02-13T23:31:30Z').getMinutes('Asia/Kathmandu')", "16"},
             {"timestamp('2009-02-13T23:31:30Z').getSeconds('-00:00')", "30"},
             {"timestamp(0).getHours('Nowhere/Land')", "invalid_argument"},
             {"timestamp(0).getHours('../../etc/passwd')", "invalid_argument"},
             {"timestamp(0).getHours('+25:00')", "invalid_argument"}});
}

TEST(Temporal, ArithmeticStaysInRange) {
  ExpectAll({{"timestamp(0) + duration('1s') == timestamp(1)", "true"},
             {"duration('1s') + timestamp(0) == timestamp(1)", "true"},
             {"timestamp(60) - timestamp(0) == duration('1m')", "true"},
             {"timestamp(0) - duration('1ns') < timestamp(0)", "true"},
             {"duration('1s') - duration('3s')", "duration -2s"},
             {"timestamp('9999-12-31T23:59:59.999999999Z') + duration('1ns')", "overflow"},
             {"timestamp('0001-01-01T00:00:00Z') - duration('1ns')", "overflow"},
             {"timestamp('9999-12-31T23:59:59Z') - timestamp('0001-01-01T00:00:00Z')", "overflow"},
             {"duration('9223372036s') + duration('9223372036s')", "overflow"},
             {"timestamp(0) + timestamp(0)", "check"},
             {"duration('1s') * 2", "check"}});
}

}  // namespace
}  // namespace tenure::expression

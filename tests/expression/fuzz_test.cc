// Two seconds or so of the fuzz target on mutations of expressions that are fine.
#include <gtest/gtest.h>

#include <random>

#include "absl/strings/str_cat.h"
#include "tests/fuzz/expression_fuzz.h"

namespace tenure::expression {
namespace {

const char* const kSeeds[] = {"i > 1 && d < 2.5 || c.s == 'West'",
                              "[1, 2u, 3.0].all(x, x / i > 1 || true)",
                              "{'a': [1], 2: b'\\xff'}['a'][0] in [i, 7]",
                              "has(c.s) ? c.s.matches('^W.*t$') : !b",
                              "t + duration('1h30m') > timestamp('2018-01-03T10:00:00Z') - u",
                              "t.getHours('Europe/Berlin') == int('0x1F') % -3",
                              "[[1]].map(x, x[0] > 0, x + x).exists_one(y, size(y) == 2)",
                              "'''a\\u00e9\\U0001F600''' + r\"\\d\" != string(1e-300)",
                              "-9223372036854775808 / -1 == uint(type(null) == int ? 1 : 2)",
                              "a.b{c: 1}[?2].?d.`e-f` // comment"};

std::string Mutated(std::string text, std::mt19937& random) {
  static constexpr char kBytes[] =
      "()[]{}.,:?+-*/%!<>=&|'\"\\`0123456789eExXuUbrTZ _aids\n\xc3\xa9\xff";
  for (size_t n = 1 + random() % 4; n > 0; --n) {
    const size_t at = random() % (text.size() + 1);
    const char byte = kBytes[random() % (sizeof(kBytes) - 1)];
    switch (random() % 5) {
      case 0:
        text.insert(at, 1, byte);
        break;
      case 1:
        text.erase(at, 1 + random() % 3);
        break;
      case 2:
        if (at < text.size()) text[at] = byte;
        break;
      case 3: {
        const std::string other = kSeeds[random() % std::size(kSeeds)];
        const size_t from = random() % other.size();
        text.insert(at, other.substr(from, 1 + random() % 12));
        break;
      }
      default:
        text.insert(at, text.substr(random() % (text.size() + 1), 1 + random() % 10));
    }
  }
  return text;
}

TEST(Fuzz, MutatedExpressions_NeverBreakAnInvariant) {
  size_t compiled = 0;
  for (uint32_t seed = 1; seed <= 30'000; ++seed) {
    std::mt19937 random(seed);
    const std::string text = Mutated(kSeeds[random() % std::size(kSeeds)], random);
    SCOPED_TRACE(absl::StrCat("seed ", seed, ": ", text));
    compiled += FuzzOne(text) ? 1 : 0;
  }
  EXPECT_GT(compiled, 500u);
}

}  // namespace
}  // namespace tenure::expression

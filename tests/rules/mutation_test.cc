// Seeded mutations of the shipped rules through the fuzz target.
#include <gtest/gtest.h>

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "server/base/clock.h"
#include "server/base/random.h"
#include "server/rules/compiler.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace tenure::rules {
namespace {

constexpr int64_t kBudgetUs = 2'000'000;
constexpr absl::string_view kPieces[] = {"{",        "}",
                                         "[",        "]",
                                         ": ",       "- ",
                                         "\n",       "\t",
                                         "\"",       "'",
                                         "&a ",      "*a",
                                         "<<:",      "!!x ",
                                         "|\n",      ">-\n ",
                                         "# ",       "? ",
                                         "---\n",    "%",
                                         "\xC3\xA9", "\xFF",
                                         "~",        "1e999",
                                         "-1",       "0x7fffffffffffffff",
                                         "&& ",      "|| ",
                                         "(",        "stage",
                                         "when: ",   "id: "};

std::string Mutate(std::string text, Random* random) {
  const uint64_t changes = 1 + random->Below(8);
  for (uint64_t i = 0; i < changes && !text.empty(); ++i) {
    const size_t at = random->Below(text.size());
    const size_t length = random->Below(40);
    switch (random->Below(5)) {
      case 0:
        text.erase(at, length);
        break;
      case 1: {
        const absl::string_view piece = kPieces[random->Below(std::size(kPieces))];
        text.insert(at, piece.data(), piece.size());
        break;
      }
      case 2:
        text[at] = static_cast<char>(random->Below(256));
        break;
      case 3:
        text.insert(at, text.substr(random->Below(text.size()), length * 5));
        break;
      default:
        text.resize(at);
        break;
    }
  }
  return text;
}

std::string Text(FolderPart part) {
  const char* source = std::getenv("TENURE_SOURCE_DIR");
  const auto files =
      ReadFolder(absl::StrCat(source == nullptr ? "." : source, "/rules/default"), part);
  std::string text;
  EXPECT_TRUE(files.ok()) << files.status();
  if (!files.ok()) return text;
  for (const Source& file : *files) text += file.text;
  return text;
}

TEST(Rules_Mutated, GiveProblemsNeverACrash) {
  const std::string whole = Text(FolderPart::kRules);
  const std::string cases = Text(FolderPart::kTests);
  const int64_t until_us = MonotonicUs() + kBudgetUs;
  uint64_t seed = 1;
  for (; MonotonicUs() < until_us; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    Random random(seed);
    const std::string text = Mutate(seed % 8 == 0 ? cases : whole, &random);
    LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(text.data()), text.size());
  }
  RecordProperty("inputs", static_cast<int>(seed));
  EXPECT_GT(seed, 1u);
}

}  // namespace
}  // namespace tenure::rules

#include "clients/cli/csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

namespace tenure::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class CsvReaderTest : public ::testing::Test {
 protected:
  std::string Write(const std::string& text) {
    const std::string path = ::testing::TempDir() + "csv_" +
                             ::testing::UnitTest::GetInstance()->current_test_info()->name() +
                             ".csv";
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }
  std::vector<absl::string_view> fields_;
};

TEST_F(CsvReaderTest, QuotesCrlfAndByteOrderMark_AreReadByRfc4180) {
  auto reader =
      CsvReader::Open(Write("\xEF\xBB\xBF"
                            "id,note\r\n1,\"a, \"\"b\"\"\nc\"\r\n\r\n2,\n3,\"\""));
  ASSERT_TRUE(reader.ok()) << reader.status();
  EXPECT_THAT((*reader)->header(), ElementsAre("id", "note"));
  ASSERT_TRUE(*(*reader)->Next(&fields_));
  EXPECT_THAT(fields_, ElementsAre("1", "a, \"b\"\nc"));
  EXPECT_EQ((*reader)->line(), 2);
  ASSERT_TRUE(*(*reader)->Next(&fields_));
  EXPECT_THAT(fields_, ElementsAre("2", ""));
  EXPECT_EQ((*reader)->line(), 5);
  ASSERT_TRUE(*(*reader)->Next(&fields_));
  EXPECT_THAT(fields_, ElementsAre("3", ""));
  EXPECT_FALSE(*(*reader)->Next(&fields_));
}

// The quick way over plain records and the slow one, which a quote asks for, say the same; at all
// distances of the separators from where sixteen bytes end.
TEST_F(CsvReaderTest, PlainRecordsOfAnyLength_AreReadAsQuotedOnes) {
  for (const std::string end : {"\n", "\r\n"}) {
    std::string plain = "a,b,c" + end, quoted = plain;
    for (size_t first = 0; first < 40; ++first) {
      for (size_t second = 0; second < 5; ++second) {
        const std::string a(first, 'x'), b(second * 7, 'y');
        const std::string c = first % 3 == 0 ? "" : "z";
        plain += a + ',' + b + ',' + c + end;
        quoted += '"' + a + "\",\"" + b + "\",\"" + c + '"' + end;
      }
    }
    const std::string path = Write(plain) + "2";
    std::ofstream(path, std::ios::binary) << quoted;
    auto one = CsvReader::Open(Write(plain)), other = CsvReader::Open(path);
    std::vector<absl::string_view> others;
    int records = 0;
    while (*(*one)->Next(&fields_)) {
      ASSERT_TRUE(*(*other)->Next(&others));
      ASSERT_EQ(fields_, others) << "record " << records;
      ASSERT_EQ((*one)->line(), (*other)->line());
      ++records;
    }
    EXPECT_EQ(records, 200);
    EXPECT_FALSE(*(*other)->Next(&others));
    std::remove(path.c_str());
  }
}

TEST_F(CsvReaderTest, Rewound_TheRecordsAndTheirLinesComeAgain) {
  for (const bool marked : {false, true}) {
    auto reader = CsvReader::Open(
        Write(std::string(marked ? "\xEF\xBB\xBF" : "") + "\"a\nb\",c\n1,2\n\n3,\"4\n5\"\n6,7\n"),
        ',', CsvReader::Passes::kMany);
    ASSERT_TRUE(reader.ok());
    for (int pass = 0; pass < 3; ++pass) {
      std::string seen;
      while (*(*reader)->Next(&fields_)) {
        seen += std::to_string((*reader)->line()) + ":" + std::string(fields_[1]) + ";";
      }
      EXPECT_EQ(seen, "3:2;5:4\n5;7:7;") << "pass " << pass;
      ASSERT_TRUE((*reader)->Rewind().ok());
    }
  }
}

TEST_F(CsvReaderTest, WrongNumberOfFields_NamesTheLine) {
  auto reader = CsvReader::Open(Write("a,b\n1,2\n1,2,3\n"));
  ASSERT_TRUE(*(*reader)->Next(&fields_));
  const auto refused = (*reader)->Next(&fields_);
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("line 3 has 3 fields"));
}

TEST_F(CsvReaderTest, BytesThatAreNoUtf8_NameTheLineAndTheByte) {
  auto reader = CsvReader::Open(Write("a,b\nZo\xC3\xAB,2\nZo\xEB,2\n"));
  ASSERT_TRUE(*(*reader)->Next(&fields_));
  const auto refused = (*reader)->Next(&fields_);
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(std::string(refused.status().message()),
              HasSubstr("line 3 is not UTF-8 text at its byte 3 (0xeb); convert"));
}

TEST_F(CsvReaderTest, UnclosedQuote_NamesTheLine) {
  auto reader = CsvReader::Open(Write("a,b\n1,\"2\n3,4\n"));
  const auto refused = (*reader)->Next(&fields_);
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("line 2 opens a quote"));
}

TEST_F(CsvReaderTest, EmptyFileMissingFileAndMissingColumn_AreNamed) {
  EXPECT_THAT(std::string(CsvReader::Open(Write("")).status().message()), HasSubstr("is empty"));
  EXPECT_THAT(std::string(CsvReader::Open("/nowhere.csv").status().message()),
              HasSubstr("/nowhere.csv"));
  auto reader = CsvReader::Open(Write("a,b\n"));
  EXPECT_THAT(std::string((*reader)->Column("c").status().message()),
              HasSubstr("no column `c`; its columns are a, b"));
}

TEST_F(CsvReaderTest, RecordsAcrossBufferEdges_AreWhole) {
  std::string text = "id,text\n";
  const std::string padding(997, 'x');
  for (int i = 0; i < 5000; ++i) text += std::to_string(i) + ",\"" + padding + "\"\n";
  auto reader = CsvReader::Open(Write(text));
  for (int i = 0; i < 5000; ++i) {
    ASSERT_TRUE(*(*reader)->Next(&fields_)) << i;
    ASSERT_EQ(fields_[0], std::to_string(i));
    ASSERT_EQ(fields_[1].size(), padding.size());
  }
  EXPECT_FALSE(*(*reader)->Next(&fields_));
}

TEST(CsvField, OnlyWhatNeedsQuotes_IsQuoted) {
  EXPECT_EQ(CsvField("plain"), "plain");
  EXPECT_EQ(CsvField("a,\"b\""), "\"a,\"\"b\"\"\"");
}

}  // namespace
}  // namespace tenure::cli

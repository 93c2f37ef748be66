#include "clients/cli/summary_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <string>

namespace tenure::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class SummaryFileTest : public ::testing::Test {
 protected:
  std::string Write(const std::string& text) {
    const std::string path = ::testing::TempDir() + "summary_" +
                             ::testing::UnitTest::GetInstance()->current_test_info()->name() +
                             ".csv";
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }
  // Why the file's last row is refused; the rows before it are right.
  std::string Refusal(const std::string& text, const SummaryColumns& columns = {}) {
    const auto file = SummaryFile::Open(Write(text), columns);
    if (!file.ok()) return std::string(file.status().message());
    SummaryFields row;
    std::vector<absl::string_view> fields;
    while (true) {
      const auto found = (*file)->Next(&row, &fields);
      if (!found.ok()) return std::string(found.status().message());
      if (!*found) return "";
    }
  }
};

TEST_F(SummaryFileTest, AllColumns_AreRead) {
  const auto file = SummaryFile::Open(
      Write("T,frequency,n,recency,monetary_value,age,log_intervals,holdout_frequency,web\n"
            "39,2,30,28,22.5,41,5.2,1,0\n39,0,1,0,,-7,0,0,1\n"),
      SummaryColumns{"n", {"web", "age"}});
  ASSERT_TRUE(file.ok()) << file.status();
  SummaryFields row;
  std::vector<absl::string_view> fields;
  ASSERT_TRUE(*(*file)->Next(&row, &fields));
  EXPECT_EQ(row.frequency, 2);
  EXPECT_EQ(row.recency, 28);
  EXPECT_EQ(row.age, 39);
  EXPECT_EQ(row.mean_spend, 22.5);
  EXPECT_EQ(row.weight, 30);
  EXPECT_EQ(row.log_intervals, 5.2);
  EXPECT_EQ(row.holdout, 1);
  EXPECT_THAT((*file)->covariates(), ElementsAre(0, 41));
  ASSERT_TRUE(*(*file)->Next(&row, &fields));
  EXPECT_TRUE(std::isnan(row.mean_spend));
  EXPECT_THAT((*file)->covariates(), ElementsAre(1, -7));
  EXPECT_FALSE(*(*file)->Next(&row, &fields));
}

TEST_F(SummaryFileTest, WithoutLogIntervals_TheyAreNotKnown) {
  const auto file = SummaryFile::Open(Write("frequency,recency,T\n1,2,3\n"), "");
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_FALSE((*file)->has_log_intervals());
  SummaryFields row;
  std::vector<absl::string_view> fields;
  ASSERT_TRUE(*(*file)->Next(&row, &fields));
  EXPECT_TRUE(std::isnan(row.log_intervals));
  EXPECT_EQ(row.weight, 1);
}

TEST_F(SummaryFileTest, EmptyFileAndMissingColumns_AreNamed) {
  EXPECT_THAT(Refusal(""), HasSubstr("is empty; its first line must name the columns"));
  EXPECT_THAT(Refusal("frequency,recency\n"), HasSubstr("no column `T`"));
  EXPECT_THAT(Refusal("frequency,recency,T\n", {"n", {}}), HasSubstr("no column `n`"));
  EXPECT_THAT(Refusal("frequency,recency,T\n", {"", {"web"}}), HasSubstr("no column `web`"));
}

TEST_F(SummaryFileTest, WhatCantBe_NamesLineColumnAndRemedy) {
  const struct {
    const char* row;
    const char* column;
    const char* why;
  } cases[] = {{"-1,0,3", "frequency", "below 0"},
               {"1.5,2,3", "frequency", "not a whole number"},
               {"2e9,2,3", "frequency", "not a whole number"},
               {"nan,2,3", "frequency", "not a number"},
               {",2,3", "frequency", "is empty"},
               {"1,-2,3", "recency", "not between 0 and T"},
               {"1,4,3", "recency", "are both in the same unit?"},
               {"1,nan,3", "recency", "not a number"},
               {"0,1,3", "recency", "must be 0 without a repeat purchase"},
               {"2,0,3", "recency", "must be above 0"},
               {"1,2,inf", "T", "not a number"},
               {"0,0,-3", "T", "below 0"},
               {"1,x,3", "recency", "write it like 1234.5"}};
  for (const auto& one : cases) {
    const std::string why = Refusal(std::string("frequency,recency,T\n1,2,3\n") + one.row + "\n");
    EXPECT_THAT(why, HasSubstr(std::string("line 3 column `") + one.column + "`")) << one.row;
    EXPECT_THAT(why, HasSubstr(one.why)) << one.row;
  }
}

TEST_F(SummaryFileTest, OtherColumnsThatCantBe_AreNamed) {
  const std::string head = "frequency,recency,T,log_intervals,holdout_frequency,n,web\n";
  const SummaryColumns columns{"n", {"web"}};
  EXPECT_EQ(Refusal(head + "2,20,30,4.6,0,1,0\n", columns), "");
  EXPECT_THAT(Refusal(head + "2,20,30,4.7,0,1,0\n", columns),
              HasSubstr("line 2 column `log_intervals`: 4.7 is more than"));
  EXPECT_THAT(Refusal(head + "0,0,30,1,0,1,0\n", columns), HasSubstr("there is no interval"));
  EXPECT_THAT(Refusal(head + "2,20,30,nan,0,1,0\n", columns), HasSubstr("`log_intervals`: `nan`"));
  EXPECT_THAT(Refusal(head + "2,20,30,4,-1,1,0\n", columns), HasSubstr("`holdout_frequency`: -1"));
  EXPECT_THAT(Refusal(head + "2,20,30,4,0,0,0\n", columns), HasSubstr("weight must be above 0"));
  EXPECT_THAT(Refusal(head + "2,20,30,4,0,1,red\n", columns), HasSubstr("`web`: `red`"));
  EXPECT_THAT(Refusal(head + "2,20,30,4,0,1,inf\n", columns), HasSubstr("`web`: `inf`"));
  EXPECT_EQ(Refusal("frequency,recency,T,kept\n1,2,3,0.75\n"), "");
  EXPECT_THAT(Refusal("frequency,recency,T,kept\n1,2,3,1.5\n"),
              HasSubstr("`kept`: 1.5 is no share"));
}

TEST_F(SummaryFileTest, EqualIntervals_AreTheMostThatTheirLogsCanBe) {
  for (const char* row : {"7,70,80,16.11809565095832", "1,3,3,1.0986122886681098"}) {
    EXPECT_EQ(Refusal(std::string("frequency,recency,T,log_intervals\n") + row + "\n"), "") << row;
  }
}

}  // namespace
}  // namespace tenure::cli

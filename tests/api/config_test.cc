#include "server/main/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"

namespace tenure::daemon {
namespace {

using ::testing::HasSubstr;

class ConfigTest : public ::testing::Test {
 protected:
  absl::StatusOr<Config> Read(const std::string& text) {
    const std::string path = folder + "/tenured.yaml";
    std::ofstream(path) << text;
    return ReadConfig(path);
  }
  ConfigTest() : folder(::testing::TempDir() + "/config_XXXXXX") {
    EXPECT_NE(mkdtemp(folder.data()), nullptr);
  }
  ~ConfigTest() override { std::filesystem::remove_all(folder); }

  std::string folder;  // of this test alone: others run beside it
};

TEST_F(ConfigTest, RelativePath_CountsFromTheFile) {
  const auto config = Read("data_dir: data\nrules: ../rules\n");
  ASSERT_TRUE(config.ok()) << config.status();
  const std::filesystem::path here(folder);
  EXPECT_EQ(config->data_dir, (here / "data").lexically_normal());
  EXPECT_EQ(config->rules, (here / "../rules").lexically_normal());
}

TEST_F(ConfigTest, EveryKey_IsRead) {
  const auto config = Read(
      "data_dir: d\nlisten: 127.0.0.1:0\ndurability: power_loss\ncallers: [shop]\ndrain: 3s\n"
      "threads: {decisions: 3, workers: 4}\nclock: {start: 2018-01-01, rate: 2}\n"
      "limits: {open_calls: 5, deadline_ms: 7}\nlog_level: warn\nsnapshot_every: 250\n");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->durability, journal::Durability::kPowerLoss);
  EXPECT_EQ(config->callers, std::vector<std::string>{"shop"});
  EXPECT_EQ(config->drain_ms, 3'000);
  EXPECT_EQ(config->snapshot_every, 250u);
  EXPECT_EQ(config->decision_threads, 3);
  EXPECT_EQ(config->workers, 4);
  EXPECT_EQ(config->clock->rate, 2);
  EXPECT_EQ(config->open_calls, 5u);
  EXPECT_EQ(config->limits.deadline_ms, 7);
}

TEST_F(ConfigTest, SeveralProblems_AreAllReportedWithTheirPlaces) {
  const auto config = Read("lisen: 127.0.0.1:0\nthreads: {decisions: 0}\n");
  ASSERT_FALSE(config.ok());
  const std::string message(config.status().message());
  EXPECT_THAT(message, HasSubstr(".yaml:1:1"));
  EXPECT_THAT(message, HasSubstr("listen"));
  EXPECT_THAT(message, HasSubstr("data_dir"));
  EXPECT_THAT(message, HasSubstr(".yaml:2:"));
}

TEST_F(ConfigTest, SnapshotEvery_AtItsLimitsAndOneOver) {
  EXPECT_EQ(Read("data_dir: d\n")->snapshot_every, 1'000'000u);
  EXPECT_EQ(Read("data_dir: d\nsnapshot_every: 1\n")->snapshot_every, 1u);
  EXPECT_EQ(Read("data_dir: d\nsnapshot_every: 1000000000\n")->snapshot_every, 1'000'000'000u);
  for (const char* wrong : {"0", "1000000001", "-5", "2.5", "often"}) {
    const auto config = Read(absl::StrCat("data_dir: d\nsnapshot_every: ", wrong, "\n"));
    ASSERT_FALSE(config.ok()) << wrong;
    const std::string message(config.status().message());
    EXPECT_THAT(message, HasSubstr("tenured.yaml:2:17"));
    EXPECT_THAT(message, HasSubstr("\"snapshot_every\""));
    EXPECT_THAT(message, HasSubstr("a whole number from 1 to 1000000000"));
    EXPECT_THAT(message, HasSubstr(wrong));
  }
}

TEST_F(ConfigTest, ClockOffLoopback_IsRefused) {
  EXPECT_FALSE(Read("data_dir: d\nlisten: 10.0.0.1:1\nclock: {start: 2018-01-01}\n").ok());
  EXPECT_TRUE(Read("data_dir: d\nlisten: \"[::1]:1\"\nclock: {start: 2018-01-01}\n").ok());
}

TEST_F(ConfigTest, ListenWithoutAPort_IsRefusedAtItsPlace) {
  for (const char* listen : {"127.0.0.1", "localhost", "\"127.0.0.1:\"", "\"[::1]\"", "\"::1\"",
                             "127.0.0.1:70000", "127.0.0.1:http", "\":7878\""}) {
    const auto config = Read(std::string("data_dir: d\nlisten: ") + listen + "\n");
    ASSERT_FALSE(config.ok()) << listen;
    EXPECT_THAT(std::string(config.status().message()),
                ::testing::AllOf(HasSubstr(".yaml:2:9: error: `listen`"), HasSubstr("port 0")));
  }
  for (const char* listen : {"127.0.0.1:0", "shop.example:7878", "\"[::1]:7878\""}) {
    EXPECT_TRUE(Read(std::string("data_dir: d\nlisten: ") + listen + "\n").ok()) << listen;
  }
}

TEST_F(ConfigTest, ChunksSmallerThanTheClientSends_AreRefused) {
  EXPECT_THAT(
      std::string(Read("data_dir: d\nlimits: {events_per_chunk: 1999}\n").status().message()),
      ::testing::AllOf(HasSubstr(".yaml:2:"), HasSubstr("2000")));
  EXPECT_TRUE(Read("data_dir: d\nlimits: {events_per_chunk: 2000}\n").ok());
}

TEST_F(ConfigTest, Folder_IsRefusedAsOne) {
  EXPECT_THAT(std::string(ReadConfig(::testing::TempDir()).status().message()),
              HasSubstr("is a folder; name the file"));
}

TEST_F(ConfigTest, Folders_KnowWhereTheyWereNamed) {
  const auto config = Read("data_dir: data\nrules: ../rules\n");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_THAT(config->rules_at, HasSubstr("tenured.yaml:2:8: `rules`"));
  EXPECT_THAT(config->data_dir_at, HasSubstr(".yaml:1:11: `data_dir`"));
  EXPECT_EQ(config->plugins_at, "");
}

TEST_F(ConfigTest, BatchLargerThanTheQueue_IsRefusedWithItsPlace) {
  const auto config = Read("data_dir: d\nlimits:\n  queue_depth: 10\n  batch_decide_rows: 11\n");
  ASSERT_FALSE(config.ok());
  EXPECT_THAT(std::string(config.status().message()), HasSubstr(".yaml:4:"));
  EXPECT_THAT(std::string(config.status().message()), HasSubstr("queue_depth"));
  EXPECT_FALSE(Read("data_dir: d\nlimits: {queue_depth: 999}\n").ok());  // 1,000 as shipped
  EXPECT_TRUE(Read("data_dir: d\nlimits: {queue_depth: 10, batch_decide_rows: 10}\n").ok());
}

TEST_F(ConfigTest, ClockThatTheJournalCanNotCount_IsRefused) {
  for (const char* start : {"1969-12-31T23:59:59Z", "2089-01-01", "2300-01-01"}) {
    const auto config = Read(std::string("data_dir: d\nclock: {start: ") + start + "}\n");
    ASSERT_FALSE(config.ok()) << start;
    EXPECT_THAT(std::string(config.status().message()), HasSubstr(".yaml:2:"));
  }
  for (const char* start : {"1970-01-01", "2088-12-31T23:59:59Z"}) {
    EXPECT_TRUE(Read(std::string("data_dir: d\nclock: {start: ") + start + "}\n").ok()) << start;
  }
}

TEST_F(ConfigTest, ShippedExample_IsRight) {
  const auto config =
      ReadConfig(std::string(std::getenv("TENURE_SOURCE_DIR")) + "/server/main/tenured.yaml");
  EXPECT_TRUE(config.ok()) << config.status();
}

}  // namespace
}  // namespace tenure::daemon

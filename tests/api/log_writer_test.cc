#include "server/main/log_writer.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <string>
#include <thread>

#include "absl/strings/str_cat.h"

namespace tenure::daemon {
namespace {

class LogWriterTest : public testing::Test {
 protected:
  LogWriterTest() {
    signal(SIGPIPE, SIG_IGN);
    EXPECT_EQ(pipe(ends), 0);
    EXPECT_GT(fcntl(ends[1], F_SETPIPE_SZ, 4'096), 0);
  }
  ~LogWriterTest() override {
    CloseReader();
    close(ends[1]);
  }
  void CloseReader() {
    if (ends[0] >= 0) close(ends[0]);
    ends[0] = -1;
  }
  // Until `words` were read.
  std::string ReadUntil(const std::string& words) {
    std::string text;
    char buffer[512];
    while (text.find(words) == std::string::npos) {
      const ssize_t size = read(ends[0], buffer, sizeof(buffer));
      if (size <= 0) break;
      text.append(buffer, static_cast<size_t>(size));
    }
    return text;
  }
  int ends[2] = {-1, -1};
};

TEST_F(LogWriterTest, Lines_ComeInTheirOrder) {
  LogWriter writer(ends[1]);
  for (int i = 0; i < 10; ++i) writer.Write(absl::StrCat("line ", i, "\n"));
  const std::string text = ReadUntil("line 9\n");
  EXPECT_THAT(text, testing::StartsWith("line 0\nline 1\n"));
}

TEST_F(LogWriterTest, NobodyReads_WritersGoOnAndTheGapIsNamed) {
  LogWriter writer(ends[1], 10);
  for (int i = 0; i < 10'000; ++i) writer.Write(absl::StrCat("line ", i, "\n"));
  EXPECT_FALSE(writer.Flush(50));
  std::string text;
  std::thread reader([&] { text = ReadUntil("after\n"); });
  while (!writer.Flush(1'000)) {
  }
  writer.Write("after\n");
  reader.join();
  EXPECT_THAT(text, testing::ContainsRegex("\n[0-9]+ log lines are missing here"));
}

TEST_F(LogWriterTest, ReaderThatHasGone_CostsNothing) {
  LogWriter writer(ends[1], 10);
  CloseReader();
  for (int i = 0; i < 100; ++i) writer.Write(std::string(1'000, 'x') + "\n");
  EXPECT_TRUE(writer.Flush(60'000));
}

TEST_F(LogWriterTest, StuckAtTheEnd_DoesNotHoldUpTheExit) {
  LogWriter writer(ends[1], 10);
  writer.Write(std::string(10'000, 'x') + "\n");
}

}  // namespace
}  // namespace tenure::daemon

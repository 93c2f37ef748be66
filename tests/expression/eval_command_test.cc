// `tenure expr eval` as a process.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"

namespace tenure {
namespace {

struct Ended {
  std::string output;
  int code;
};

// Runs a shell line in which $T is the binary.
Ended Shell(const std::string& line) {
  const char* folder = std::getenv("TENURE_BINARY_DIR");
  const std::string command =
      absl::StrCat("T=", folder == nullptr ? "." : folder, "/bin/tenure; ", line, " 2>/dev/null");
  Ended ended{"", -1};
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return ended;
  char buffer[4'096];
  while (const size_t n = std::fread(buffer, 1, sizeof(buffer), pipe)) {
    ended.output.append(buffer, n);
  }
  ended.code = WEXITSTATUS(pclose(pipe));
  return ended;
}

TEST(ExprEval, Single_PrintsTheValue) {
  EXPECT_EQ(Shell("$T expr eval '1 + 2 * 3'").output, "7\n");
  EXPECT_EQ(Shell("$T expr eval --vars '{\"a\": {\"b\": [1, 2.5]}}' 'a.b'").output, "[1,2.5]\n");
  EXPECT_EQ(Shell("$T expr eval --typed 'type(1u)'").output, "{\"type\":\"uint\"}\n");
  EXPECT_EQ(Shell("$T --json expr eval 'true'").output, "{\"value\":true}\n");
}

TEST(ExprEval, ExitCodes_AreTheContracts) {
  EXPECT_EQ(Shell("$T expr eval 1").code, 0);
  EXPECT_EQ(Shell("$T expr eval '1 +'").code, 1);
  EXPECT_EQ(Shell("$T expr eval '1/0'").code, 1);
  EXPECT_EQ(Shell("$T expr eval --vars nonsense 1").code, 1);
  EXPECT_EQ(Shell("$T expr eval").code, 2);
  EXPECT_EQ(Shell("echo '{}' | $T expr eval --batch").code, 0);
}

TEST(ExprEval, Batch_AnswersLineByLineAndGoesOnAfterABadOne) {
  const Ended ended = Shell(
      "printf '%s\\n' '{\"expr\":\"x+1\",\"vars\":{\"x\":1}}' garbage '{\"expr\":\"y\"}' "
      "'{\"expr\":\"1/0\"}' '{\"expr\":\"1 +\"}' '{\"expr\":\"[1.0/0.0]\"}' | "
      "$T expr eval --batch");
  EXPECT_EQ(ended.output,
            "{\"value\":2}\n"
            "{\"error\":\"line 2: no valid JSON\",\"kind\":\"parse\"}\n"
            "{\"error\":\"at 1: unknown name 'y'\",\"kind\":\"check\"}\n"
            "{\"error\":\"division by zero\",\"kind\":\"eval\"}\n"
            "{\"error\":\"at 4: the expression ends too early\",\"kind\":\"parse\"}\n"
            "{\"value\":[\"Infinity\"]}\n");
}

TEST(ExprEval, Typed_ValuesGoInAndOutUnchanged) {
  for (const char* value :
       {"{\"int\":\"-9223372036854775808\"}", "{\"uint\":\"18446744073709551615\"}",
        "{\"double\":\"NaN\"}", "{\"double\":-0.0}", "{\"string\":\"\"}", "{\"bytes\":\"AP8=\"}",
        "{\"bool\":true}", "{\"null\":null}", "{\"list\":[{\"int\":\"1\"},{\"list\":[]}]}",
        "{\"map\":[[{\"bool\":true},{\"map\":[]}]]}", "{\"timestamp\":\"2009-02-13T23:31:30.5Z\"}",
        "{\"duration\":\"-3.5s\"}", "{\"type\":\"int\"}"}) {
    const Ended ended =
        Shell(absl::StrCat("printf '%s\\n' '{\"expr\":\"x\",\"vars\":{\"x\":", value,
                           "}}' | $T expr eval --batch --typed"));
    EXPECT_EQ(ended.output, absl::StrCat("{\"value\":", value, "}\n"));
  }
}

}  // namespace
}  // namespace tenure

// Property: the columnar back end says of every row what the reference evaluator says of it.
#include <gtest/gtest.h>

#include <bit>
#include <random>

#include "absl/strings/str_cat.h"
#include "server/expression/program.h"
#include "server/expression/row.h"

namespace tenure::expression {
namespace {

const std::vector<Field>& Fields() {
  static const std::vector<Field> fields = {
      {"i", DType::kInt64},    {"j", DType::kInt64},     {"d", DType::kDouble},
      {"e", DType::kDouble},   {"s", DType::kString},    {"c.t", DType::kString},
      {"b", DType::kBool},     {"a", DType::kTimestamp}, {"z", DType::kTimestamp},
      {"u", DType::kDuration}, {"w", DType::kDuration}};
  return fields;
}

class Generator {
 public:
  explicit Generator(uint32_t seed) : random_(seed) {}

  size_t Below(size_t n) { return random_() % n; }
  const char* Pick(std::initializer_list<const char*> options) {
    return options.begin()[Below(options.size())];
  }

  std::string Bool(int depth) {
    if (depth == 0) return Pick({"b", "has(i)", "has(c.t)", "true", "false", "i > 1", "d < 0.5"});
    const int d = depth - 1;
    switch (Below(12)) {
      case 0:
        return absl::StrCat("(", Bool(d), " && ", Bool(d), " && ", Bool(d), ")");
      case 1:
      case 2:
        return absl::StrCat("(", Bool(d), " || ", Bool(d), ")");
      case 3:
        return absl::StrCat("!(", Bool(d), ")");
      case 4:
        return absl::StrCat("(", Bool(d), " ? ", Bool(d), " : ", Bool(d), ")");
      case 5:
        return Compare(Int(d), Double(d));
      case 6:
        return Compare(Number(d), Number(d));
      case 7:
        return Compare(Text(d), Text(d));
      case 8:
        return Compare(Time(d), Time(d));
      case 9:
        return Compare(Span(d), Span(d));
      case 10:
        return absl::StrCat(Number(d), " in ",
                            Pick({"[1, 2.0, 3u]", "[]", "[0.5, -1, 'x']", "[i, d]",
                                  "[9007199254740993, 9007199254740992.0, 1.0/0.0, 0.0/0.0]"}));
      default:
        return TextCondition(d);
    }
  }

 private:
  std::string Compare(const std::string& a, const std::string& b) {
    return absl::StrCat("(", a, Pick({" == ", " != ", " < ", " <= ", " > ", " >= "}), b, ")");
  }
  std::string Number(int d) { return Below(2) == 0 ? Int(d) : Double(d); }

  std::string Int(int depth) {
    if (depth == 0 || Below(3) == 0) {
      return Pick({"i", "j", "0", "1", "-3", "9223372036854775807", "9007199254740993",
                   "-9223372036854775808", "i"});
    }
    const int d = depth - 1;
    switch (Below(6)) {
      case 0:
        return absl::StrCat("-(", Int(d), ")");
      case 1:
        return absl::StrCat("int(", Pick({"d", "e", "a", "i", "1.9"}), ")");
      case 2:
        return absl::StrCat(Time(d), ".",
                            Pick({"getDayOfWeek()", "getHours('-09:30')", "getFullYear()",
                                  "getDayOfYear('Europe/Berlin')", "getMilliseconds()"}));
      case 3:
        return absl::StrCat(
            Span(d), ".",
            Pick({"getHours()", "getMinutes()", "getSeconds()", "getMilliseconds()"}));
      case 4:
        return absl::StrCat("(", Bool(d), " ? ", Int(d), " : ", Int(d), ")");
      default:
        return absl::StrCat("(", Int(d), Pick({" + ", " - ", " * ", " / ", " % "}), Int(d), ")");
    }
  }

  std::string Double(int depth) {
    if (depth == 0 || Below(3) == 0) {
      return Pick({"d", "e", "0.5", "-1.0", "1e300", "9007199254740992.0", "0.0/0.0"});
    }
    const int d = depth - 1;
    if (Below(5) == 0) return absl::StrCat("double(", Int(d), ")");
    if (Below(5) == 0) return absl::StrCat("-(", Double(d), ")");
    return absl::StrCat("(", Double(d), Pick({" + ", " - ", " * ", " / "}), Double(d), ")");
  }

  std::string Text(int depth) {
    if (depth == 0 || Below(2) == 0) return Pick({"s", "c.t", "'West'", "'East'", "''", "'é'"});
    if (Below(2) == 0) return absl::StrCat("(", Bool(0), " ? ", Text(0), " : ", Text(0), ")");
    return absl::StrCat("(", Text(0), " + ", Text(0), ")");
  }

  std::string TextCondition(int d) {
    switch (Below(4)) {
      case 0:
        return absl::StrCat(Text(0), " in ", Pick({"['West', 'é', 1]", "[]", "[s, 'East']"}));
      case 1:
        return absl::StrCat("(size(", Text(d), ") > ", Int(0), ")");
      case 2:
        return absl::StrCat(Pick({"s", "c.t"}), ".matches(", Pick({"'^W'", "'('", "'s?t$'"}), ")");
      default:
        return absl::StrCat(Text(d), ".", Pick({"contains", "startsWith", "endsWith"}), "(",
                            Text(0), ")");
    }
  }

  std::string Time(int depth) {
    if (depth == 0 || Below(2) == 0) {
      return Pick({"a", "z", "timestamp('2018-01-03T10:00:00Z')", "timestamp(i)",
                   "timestamp('2018-01-03T10:00:00.000000001Z')"});
    }
    return absl::StrCat("(", Time(0), Pick({" + ", " - "}), Span(depth - 1), ")");
  }

  std::string Span(int depth) {
    if (depth == 0 || Below(2) == 0) {
      return Pick({"u", "w", "duration('90m')", "duration('1ns')", "duration('-1.5s')"});
    }
    if (Below(2) == 0) return absl::StrCat("(", Time(0), " - ", Time(0), ")");
    return absl::StrCat("(", Span(depth - 1), Pick({" + ", " - "}), Span(0), ")");
  }

  std::mt19937 random_;
};

Batch RandomBatch(std::mt19937& random, size_t rows) {
  static const auto schema = std::make_shared<const Schema>(Schema::Create(Fields()).value());
  static constexpr int64_t kInts[] = {0,
                                      1,
                                      2,
                                      -3,
                                      7,
                                      1'000'000,
                                      9'007'199'254'740'993,
                                      std::numeric_limits<int64_t>::max(),
                                      std::numeric_limits<int64_t>::min()};
  static const double kDoubles[] = {0.0,
                                    -0.0,
                                    0.5,
                                    1,
                                    -3,
                                    9'007'199'254'740'992.0,
                                    1e300,
                                    std::numeric_limits<double>::infinity(),
                                    std::numeric_limits<double>::quiet_NaN()};
  static constexpr int64_t kMicros[] = {0,
                                        1,
                                        -1,
                                        5'400'000'000,
                                        1'514'973'600'000'000,
                                        -62'135'596'800'000'000,
                                        253'402'300'799'999'999,
                                        9'223'372'036'854'775,
                                        -9'223'372'036'854'776,
                                        std::numeric_limits<int64_t>::max()};
  static const char* const kTexts[] = {"West", "East", "", "é", "Northwest"};
  Batch batch(schema, rows);
  for (size_t c = 0; c < Fields().size(); ++c) {
    for (size_t r = 0; r < rows; ++r) {
      if (random() % 4 == 0) continue;
      switch (Fields()[c].dtype) {
        case DType::kBool:
          batch.SetBool(c, r, random() % 2 == 0);
          break;
        case DType::kInt64:
          batch.SetInt64(c, r, kInts[random() % std::size(kInts)]);
          break;
        case DType::kDouble:
          batch.SetDouble(c, r, kDoubles[random() % std::size(kDoubles)]);
          break;
        case DType::kString:
          batch.SetString(c, r, kTexts[random() % std::size(kTexts)]);
          break;
        default:
          batch.SetInt64(c, r, kMicros[random() % std::size(kMicros)]);
      }
    }
  }
  return batch;
}

Truth TruthOf(const Value& value) {
  if (value.kind() == Kind::kBool) return value.AsBool() ? Truth::kTrue : Truth::kFalse;
  const bool missing = value.is_error() && value.error().kind == ErrorKind::kNoSuchAttribute;
  return missing ? Truth::kMissing : Truth::kError;
}

TEST(Agreement, RandomConditions_MeanTheSameInBothBackEnds) {
  Declarations declarations;
  declarations.rules = true;
  for (const Field& field : Fields()) {
    declarations.variables[field.name] = StaticTypeOf(field.dtype);
  }
  size_t accepted = 0;
  for (uint32_t seed = 1; seed <= 4'000; ++seed) {
    Generator generator(seed);
    std::mt19937 random(seed);
    const std::string text = generator.Bool(3);
    SCOPED_TRACE(absl::StrCat("seed ", seed, ": ", text));
    const Batch batch = RandomBatch(random, 9);
    std::vector<Problem> problems;
    const auto program = Program::Compile(text, batch.schema(), &problems);
    std::vector<Problem> again;
    const auto node = Compile(text, declarations, Bounds(), &again);
    ASSERT_EQ(program == nullptr, node == nullptr);
    if (program == nullptr) continue;
    ++accepted;
    std::vector<uint32_t> rows = {0, 1, 2, 3, 4, 5, 6, 7, 8};
    if (seed % 2 == 0) std::swap(rows[2], rows[7]);
    std::vector<Truth> truths(rows.size());
    program->Test(batch, rows, absl::MakeSpan(truths));
    bool constant = false;
    const bool is_constant = program->IsConstant(&constant);
    for (size_t i = 0; i < rows.size(); ++i) {
      const RowActivation row(batch, rows[i]);
      const Value value = Evaluate(*node, row, Bounds());
      ASSERT_EQ(truths[i], TruthOf(value)) << "row " << rows[i];
      if (is_constant) {
        ASSERT_EQ(truths[i], constant ? Truth::kTrue : Truth::kFalse);
      }
      std::string missing;
      program->Explain(batch, rows[i], &missing);
      ASSERT_EQ(missing.empty(), truths[i] != Truth::kMissing);
    }
  }
  EXPECT_GT(accepted, 3'000u);
}

}  // namespace
}  // namespace tenure::expression

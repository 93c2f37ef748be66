#include "server/expression/program.h"

#include <gtest/gtest.h>

#include <numeric>

namespace tenure::expression {
namespace {

std::shared_ptr<const Schema> MakeSchema() {
  return std::make_shared<const Schema>(Schema::Create({{"purchases", DType::kInt64},
                                                        {"clv", DType::kDouble},
                                                        {"customer.region", DType::kString},
                                                        {"vip", DType::kBool},
                                                        {"last_seen", DType::kTimestamp},
                                                        {"gap", DType::kDuration}})
                                            .value());
}

// Row 0: everything there; row 1: nothing; row 2: other values.
Batch MakeBatch() {
  Batch batch(MakeSchema(), 3);
  batch.SetInt64(0, 0, 3);
  batch.SetDouble(1, 0, 120.5);
  batch.SetString(2, 0, "West");
  batch.SetBool(3, 0, true);
  batch.SetInt64(4, 0, 1'234'567'890'000'000);
  batch.SetInt64(5, 0, 5'400'000'000);
  batch.SetInt64(0, 2, 1);
  batch.SetDouble(1, 2, -1);
  batch.SetString(2, 2, "East");
  batch.SetBool(3, 2, false);
  batch.SetInt64(4, 2, 0);
  batch.SetInt64(5, 2, 1);
  return batch;
}

std::shared_ptr<const Program> Compiled(absl::string_view text) {
  std::vector<Problem> problems;
  auto program = Program::Compile(text, *MakeSchema(), &problems);
  for (const Problem& p : problems) ADD_FAILURE() << text << ": " << p.message;
  return program;
}

// One letter a row: f, t, m(issing) or e(rror).
std::string Truths(absl::string_view text) {
  const auto program = Compiled(text);
  if (program == nullptr) return "refused";
  const Batch batch = MakeBatch();
  std::vector<uint32_t> rows = {0, 1, 2};
  std::vector<Truth> out(3);
  program->Test(batch, rows, absl::MakeSpan(out));
  std::string letters;
  for (const Truth truth : out) letters += "ftme"[static_cast<size_t>(truth)];
  return letters;
}

TEST(Program, Conditions_AnswerRowByRow) {
  const std::pair<const char*, const char*> kCases[] = {
      {"purchases >= 3", "tmf"},
      {"3 <= purchases", "tmf"},
      {"purchases > 2.5", "tmf"},
      {"clv > 0", "tmf"},
      {"customer.region == 'West'", "tmf"},
      {"customer.region in ['East', 'North']", "fmt"},
      {"customer.region.startsWith('W') && purchases > 1", "tmf"},
      {"customer.region.matches('^[EW].*st$')", "tmt"},
      {"vip", "tmf"},
      {"!vip", "fmt"},
      {"vip || purchases < 2", "tmt"},
      {"has(purchases)", "tft"},
      {"has(customer.region) && customer.region == 'West'", "tff"},
      {"!has(clv) || clv < 0", "ftt"},
      {"purchases in [1, 2.0, 7u]", "fmt"},
      {"clv in [120.5, -1]", "tmt"},
      {"last_seen > timestamp('2000-01-01T00:00:00Z')", "tmf"},
      {"gap >= duration('1h')", "tmf"},
      {"last_seen.getDayOfWeek() == 5", "tmf"},
      {"last_seen + gap > last_seen", "tmt"},
      {"gap.getMinutes() == 90", "tmf"},
      {"10 / (purchases - 1) > 4", "tme"},
      {"purchases > 1 ? clv > 100 : clv < 0", "tmt"},
      {"[purchases, 5].exists(x, x > 4)", "tmt"},
      {"vip == true", "tmf"},
      {"true", "ttt"},
      {"vip && false", "fff"}};
  for (const auto& [text, truths] : kCases) {
    EXPECT_EQ(Truths(text), truths) << text;
  }
}

TEST(Program, Columns_AreWhatItReads) {
  const auto program = Compiled("vip || customer.region == 'West' && has(clv)");
  EXPECT_EQ(program->columns(), (std::vector<std::string>{"clv", "customer.region", "vip"}));
  EXPECT_EQ(program->result_type(), DType::kBool);
}

TEST(Program, Constants_AreSeen) {
  bool value = true;
  EXPECT_TRUE(Compiled("vip && 1 > 2")->IsConstant(&value));
  EXPECT_FALSE(value);
  EXPECT_TRUE(Compiled("vip || true")->IsConstant(&value));
  EXPECT_TRUE(value);
  EXPECT_FALSE(Compiled("vip || !vip")->IsConstant(&value));
}

TEST(Program, EvaluateDoubles_MarksWhatIsMissingOrFails) {
  const Batch batch = MakeBatch();
  std::vector<uint32_t> rows = {2, 0, 1};
  std::vector<double> out(3);
  std::vector<uint8_t> valid(3);
  const auto values = [&](absl::string_view text) {
    EXPECT_TRUE(Compiled(text)
                    ->EvaluateDoubles(batch, rows, absl::MakeSpan(out), absl::MakeSpan(valid))
                    .ok());
  };
  values("clv * 2.0");
  EXPECT_EQ(out, (std::vector<double>{-2, 241, 0}));
  EXPECT_EQ(valid, (std::vector<uint8_t>{1, 1, 0}));
  values("vip ? 1.5 : purchases");
  EXPECT_EQ(out, (std::vector<double>{1, 1.5, 0}));
  values("1 / (purchases - 1)");
  EXPECT_EQ(valid, (std::vector<uint8_t>{0, 1, 0}));
  values("gap");
  EXPECT_EQ(out[1], 5.4e9);
  EXPECT_EQ(Compiled("customer.region")
                ->EvaluateDoubles(batch, rows, absl::MakeSpan(out), absl::MakeSpan(valid))
                .code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(Program, Problems_AreToldAllAtOnceWithTheirPlaceAndASuggestion) {
  std::vector<Problem> problems;
  EXPECT_EQ(Program::Compile("purchaes > 3 && custmer.region == 'x' && clv + 1 > 0 && "
                             "customer.region.startWith('W') && customer.region == 3",
                             *MakeSchema(), &problems),
            nullptr);
  ASSERT_EQ(problems.size(), 5u);
  EXPECT_EQ(problems[0].offset, 0u);
  EXPECT_EQ(problems[0].length, 8u);
  EXPECT_EQ(problems[0].message, "unknown name 'purchaes'");
  EXPECT_EQ(problems[0].suggestion, "did you mean 'purchases'?");
  EXPECT_EQ(problems[1].suggestion, "did you mean 'customer.region'?");
  EXPECT_EQ(problems[2].message, "no such overload: + on (double, int)");
  EXPECT_EQ(problems[3].suggestion, "did you mean 'startsWith'?");
  EXPECT_EQ(problems[4].message, "a string never equals a int");
}

TEST(Program, Explain_ShowsTheOperandsThatDecided) {
  const Batch batch = MakeBatch();
  const auto program = Compiled("vip && purchases >= 3 && clv > 200.0");
  std::string missing;
  auto operands = program->Explain(batch, 0, &missing);
  ASSERT_EQ(operands.size(), 1u);
  EXPECT_EQ(operands[0].text, "clv");
  EXPECT_EQ(operands[0].value, "120.5");
  EXPECT_EQ(missing, "");
  operands = program->Explain(batch, 1, &missing);
  EXPECT_EQ(missing, "vip");
  EXPECT_EQ(operands[0].value, "missing");
  operands = Compiled("customer.region == 'West'")->Explain(batch, 2, &missing);
  EXPECT_EQ(operands[0].text, "customer.region");
  EXPECT_EQ(operands[0].value, "\"East\"");
}

TEST(Program, Batches_MayHaveTheirColumnsElsewhere) {
  const auto program = Compiled("purchases > 1");
  for (int i = 0; i < 8; ++i) {  // more schemas than are remembered
    auto schema = std::make_shared<const Schema>(
        Schema::Create({{"x", DType::kBool}, {"purchases", DType::kInt64}}).value());
    Batch batch(schema, 1);
    batch.SetInt64(1, 0, 2);
    Truth truth = Truth::kFalse;
    program->Test(batch, {0}, absl::MakeSpan(&truth, 1));
    EXPECT_EQ(truth, Truth::kTrue);
  }
}

TEST(Program, ManyRows_CrossChunksAndSelections) {
  auto schema = std::make_shared<const Schema>(Schema::Create({{"n", DType::kInt64}}).value());
  Batch batch(schema, 5'000);
  for (size_t r = 0; r < 5'000; ++r) {
    if (r % 7 != 0) batch.SetInt64(0, r, static_cast<int64_t>(r));
  }
  const auto program = Program::Compile("n % 2 == 0 && n < 4000", *schema, nullptr);
  std::vector<uint32_t> rows(4'990);
  std::iota(rows.begin(), rows.end(), 10);
  for (const bool gaps : {false, true}) {
    if (gaps) rows.erase(rows.begin() + 100, rows.begin() + 103);
    std::vector<Truth> out(rows.size());
    program->Test(batch, rows, absl::MakeSpan(out));
    for (size_t i = 0; i < rows.size(); ++i) {
      const Truth expected = rows[i] % 7 == 0                      ? Truth::kMissing
                             : rows[i] % 2 == 0 && rows[i] < 4'000 ? Truth::kTrue
                                                                   : Truth::kFalse;
      ASSERT_EQ(out[i], expected) << "row " << rows[i];
    }
  }
}

}  // namespace
}  // namespace tenure::expression

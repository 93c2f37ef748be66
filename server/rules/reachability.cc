#include "server/rules/reachability.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_join.h"
#include "server/rules/closed_column.h"

namespace tenure::rules {
namespace {

using expression::Truth;

constexpr size_t kMaxCombinations = 4'096;
constexpr double kLargestExact = 9'007'199'254'740'992;  // 2^53: beyond it neighbours are the same

bool IsWordByte(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.';
}

// Whether what stands after a word makes a call or a prefixed string of it.
bool BeginsCall(absl::string_view rest) {
  if (!rest.empty() && (rest[0] == '"' || rest[0] == '\'')) return true;
  rest = absl::StripLeadingAsciiWhitespace(rest);
  return !rest.empty() && rest[0] == '(';
}

// What a condition's text names.
struct Literals {
  bool comparable = true;  // columns, literals, comparisons and connectives alone
  std::set<double> numbers = {0, 1};
  std::set<std::string> strings;
};

Literals Scan(absl::string_view text) {
  Literals found;
  for (size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (c == '"' || c == '\'') {
      const size_t end = text.find(c, i + 1);
      if (end == absl::string_view::npos) break;
      const absl::string_view literal = text.substr(i + 1, end - i - 1);
      if (literal.find('\\') != absl::string_view::npos) found.comparable = false;
      found.strings.emplace(literal);
      i = end + 1;
    } else if (IsWordByte(c)) {
      size_t end = i;
      while (end < text.size() && IsWordByte(text[end])) ++end;
      const absl::string_view word = text.substr(i, end - i);
      double number = 0;
      if (absl::ascii_isdigit(static_cast<unsigned char>(c))) {
        if (absl::SimpleAtod(word, &number) && number <= kLargestExact) {
          found.numbers.insert(number);
        } else {
          found.comparable = false;
        }
      } else if (word != "in" && BeginsCall(text.substr(end))) {
        found.comparable = false;  // a function, or a string with a prefix
      }
      i = end;
    } else {
      if (absl::string_view("+-*/%?").find(c) != absl::string_view::npos) found.comparable = false;
      ++i;
    }
  }
  return found;
}

// At each literal, around it, and between neighbours.
std::vector<double> Numbers(const Literals& literals) {
  std::set<double> values;
  double before = *literals.numbers.begin();
  for (const double number : literals.numbers) {
    for (const double step : {-1.0, -0.5, 0.0, 0.5, 1.0}) values.insert(number + step);
    values.insert((before + number) / 2);
    before = number;
  }
  return {values.begin(), values.end()};
}

// Each literal, what stands just after it, and the first and last of all strings.
std::vector<std::string> Strings(const Literals& literals) {
  std::set<std::string> values = {"", "\xF4\x8F\xBF\xBF"};  // U+10FFFF
  for (const std::string& literal : literals.strings) {
    values.insert(literal);
    values.insert(literal + '\x01');
  }
  return {values.begin(), values.end()};
}

// Tries a condition on combinations of values.
class Trial {
 public:
  Trial(const RuleSet& set, const expression::Program& program)
      : set_(set),
        program_(program),
        literals_(Scan(program.text())),
        numbers_(Numbers(literals_)),
        strings_(Strings(literals_)) {}

  // False only where no value meets the condition. `stages`: those that a customer can be in; empty
  // for any.
  bool Possible(const std::vector<std::string>& stages) const {
    bool constant = false;
    if (program_.IsConstant(&constant) || !literals_.comparable) return true;
    std::vector<Field> fields;
    std::vector<size_t> choices;
    size_t rows = 1;
    for (const std::string& column : program_.columns()) {
      const Field& field = set_.schema->field(*set_.schema->Find(column));
      fields.push_back(field);
      choices.push_back(Count(field, stages));
      if (choices.back() == 0 || rows * choices.back() > kMaxCombinations) return true;
      rows *= choices.back();
    }
    absl::StatusOr<Schema> schema = Schema::Create(fields);
    if (!schema.ok()) return true;
    Batch batch(std::make_shared<const Schema>(*std::move(schema)), rows);
    for (size_t row = 0; row < rows; ++row) {
      size_t rest = row;
      for (size_t i = 0; i < fields.size(); ++i) {
        Set(fields[i], stages, rest % choices[i], i, row, &batch);
        rest /= choices[i];
      }
    }
    std::vector<uint32_t> all(rows);
    std::iota(all.begin(), all.end(), 0u);
    std::vector<Truth> truths(rows, Truth::kFalse);
    program_.Test(batch, all, absl::MakeSpan(truths));
    return std::find(truths.begin(), truths.end(), Truth::kTrue) != truths.end();
  }

 private:
  std::vector<std::string> StringsOf(const std::string& column,
                                     const std::vector<std::string>& stages) const {
    if (column == "stage" && !stages.empty()) return stages;
    return TextsOf(set_, column).value_or(strings_);
  }

  // 0 where the type is not tried.
  size_t Count(const Field& field, const std::vector<std::string>& stages) const {
    switch (field.dtype) {
      case DType::kBool:
        return 2;
      case DType::kInt64:
      case DType::kDouble:
        return numbers_.size();
      case DType::kString:
        return StringsOf(field.name, stages).size();
      case DType::kTimestamp:
      case DType::kDuration:
        break;
    }
    return 0;
  }

  void Set(const Field& field, const std::vector<std::string>& stages, size_t choice, size_t column,
           size_t row, Batch* batch) const {
    switch (field.dtype) {
      case DType::kBool:
        return batch->SetBool(column, row, choice == 1);
      case DType::kInt64:
        return batch->SetInt64(column, row, static_cast<int64_t>(numbers_[choice]));
      case DType::kDouble:
        return batch->SetDouble(column, row, numbers_[choice]);
      case DType::kString:
        return batch->SetString(column, row, StringsOf(field.name, stages)[choice]);
      case DType::kTimestamp:
      case DType::kDuration:
        return;
    }
  }

  const RuleSet& set_;
  const expression::Program& program_;
  const Literals literals_;
  const std::vector<double> numbers_;
  const std::vector<std::string> strings_;
};

void Check(const Condition& condition, Draft* draft) {
  if (condition.program == nullptr || Trial(draft->set, *condition.program).Possible({})) return;
  draft->problems->Warn(
      condition.mark,
      absl::StrCat("no value of ", absl::StrJoin(condition.program->columns(), ", "),
                   " meets this condition"));
}

// The first population that holds has the customer: whoever meets a later one of the same text, or
// one behind a condition that all meet, is in the earlier one.
void CheckPopulations(Draft* draft) {
  std::map<std::string, std::string> names;  // by condition
  std::string all;                           // who takes everybody
  for (const ValuePopulation& population : draft->set.value.populations) {
    if (population.when.program == nullptr) continue;
    const auto [earlier, is_new] =
        names.try_emplace(population.when.program->text(), population.name);
    if (!all.empty() || !is_new) {
      draft->problems->Warn(population.mark,
                            absl::StrCat("nobody can be in this population: who meets its "
                                         "condition is in \"",
                                         all.empty() ? earlier->second : all, "\" before it"));
    }
    bool value = false;
    if (all.empty() && population.when.program->IsConstant(&value) && value) all = population.name;
  }
}

}  // namespace

void CheckReachability(Draft* draft) {
  for (const Track& track : draft->set.tracks) {
    for (const Stage& stage : track.stages) {
      Check(stage.enter, draft);
      Check(stage.exit, draft);
    }
  }
  CheckPopulations(draft);
  for (const Segment& segment : draft->set.segments) Check(segment.when, draft);
  for (const Budget& budget : draft->set.budgets) {
    for (const BudgetSegment& segment : budget.segments) Check(segment.when, draft);
  }
  for (const Campaign& campaign : draft->set.campaigns) {
    const Condition& eligible = campaign.eligible;
    if (eligible.program == nullptr) continue;
    bool value = true;
    if (eligible.program->IsConstant(&value)) {
      if (!value) draft->problems->Warn(campaign.mark, "nobody can reach this campaign");
      continue;
    }
    const Trial trial(draft->set, *eligible.program);
    if (!trial.Possible({})) {
      Check(eligible, draft);
    } else if (!trial.Possible(campaign.stages)) {
      draft->problems->Warn(eligible.mark,
                            "nobody in the stages of this campaign meets this condition",
                            absl::StrCat("its stages: ", absl::StrJoin(campaign.stages, ", ")));
    }
  }
}

}  // namespace tenure::rules

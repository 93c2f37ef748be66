#include "clients/cli/expr.h"

#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "clients/cli/expr_json.h"
#include "clients/cli/session.h"
#include "server/base/status.h"
#include "server/expression/evaluator.h"

namespace tenure::cli {
namespace {

using expression::Problem;
using expression::ProblemKind;
using expression::Value;
using Json = nlohmann::ordered_json;

// {"error","kind"} where kind is parse, check or eval.
Json Failure(std::string message, absl::string_view kind) {
  Json line = Json::object();
  line["error"] = std::move(message);
  line["kind"] = std::string(kind);
  return line;
}

// All problems in one message, each with its place.
Json Refusal(const std::vector<Problem>& problems) {
  std::string message;
  bool parse = false;
  for (const Problem& problem : problems) {
    parse = parse || problem.kind == ProblemKind::kParse;
    absl::StrAppend(&message, message.empty() ? "" : "; ", "at ", problem.offset + 1, ": ",
                    problem.message);
    if (!problem.suggestion.empty()) absl::StrAppend(&message, ", ", problem.suggestion);
  }
  return Failure(std::move(message), parse ? "parse" : "check");
}

// {"value"} or a failure; `where` stands before what is wrong with the input itself.
Json EvaluateOne(const std::string& text, const Json& vars, bool typed, const std::string& where) {
  if (!vars.is_object()) {
    return Failure(where + "vars must be a JSON object of name to value", "parse");
  }
  expression::Declarations declarations;
  absl::flat_hash_map<std::string, Value> variables;
  for (const auto& [name, json] : vars.items()) {
    absl::StatusOr<Value> value = typed ? ValueOfTypedJson(json) : ValueOfJson(json);
    if (!value.ok()) {
      return Failure(absl::StrCat(where, "vars.", name, ": ", value.status().message()), "parse");
    }
    declarations.variables[name] = expression::StaticType::kDyn;
    variables[name] = *std::move(value);
  }
  std::vector<Problem> problems;
  const expression::Bounds bounds;
  const auto node = expression::Compile(text, declarations, bounds, &problems);
  if (node == nullptr) return Refusal(problems);
  const expression::MapActivation activation(std::move(variables));
  const Value value = expression::Evaluate(*node, activation, bounds);
  if (value.is_error()) return Failure(value.error().message, "eval");
  Json line = Json::object();
  line["value"] = typed ? TypedJsonOf(value) : JsonOf(value);
  return line;
}

Json EvaluateLine(const std::string& text, size_t number, bool typed) {
  const Json line = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  const std::string where = absl::StrCat("line ", number, ": ");
  if (line.is_discarded()) return Failure(where + "no valid JSON", "parse");
  if (!line.is_object() || !line.contains("expr") || !line["expr"].is_string()) {
    return Failure(where + "expected {\"expr\": \"…\", \"vars\": {…}}", "parse");
  }
  const Json vars =
      line.contains("vars") && !line["vars"].is_null() ? line["vars"] : Json::object();
  return EvaluateOne(line["expr"].get<std::string>(), vars, typed, where);
}

std::string OneLine(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

absl::Status EvaluateBatch(bool typed) {
  std::string text;
  size_t number = 0;
  while (std::getline(std::cin, text)) {
    ++number;
    if (text.find_first_not_of(" \t\r") == std::string::npos) continue;
    std::cout << OneLine(EvaluateLine(text, number, typed)) << '\n';
  }
  std::cout.flush();
  if (!std::cout) return absl::UnavailableError("can't write to standard output");
  return absl::OkStatus();
}

struct EvalOptions {
  std::string text;
  std::string vars = "{}";
  bool batch = false;
  bool typed = false;
};

absl::Status Eval(const EvalOptions& options, bool json) {
  if (options.batch) return EvaluateBatch(options.typed);
  const Json vars = Json::parse(options.vars, nullptr, /*allow_exceptions=*/false);
  if (vars.is_discarded()) return absl::InvalidArgumentError("--vars is no valid JSON");
  const Json result = EvaluateOne(options.text, vars, options.typed, "");
  if (json) std::cout << OneLine(result) << std::endl;
  if (result.contains("error")) {
    return absl::InvalidArgumentError(
        absl::StrCat(result["kind"].get<std::string>(), ": ", result["error"].get<std::string>()));
  }
  if (!json) std::cout << OneLine(result["value"]) << std::endl;
  return absl::OkStatus();
}

}  // namespace

void AddExprCommands(const Command& app, Session* session) {
  const Command expr = app.Group("expr", "rule expressions");
  auto options = std::make_shared<EvalOptions>();
  const Command eval = expr.Add(session, "eval", "evaluate an expression, or one a line",
                                [options, session] { return Eval(*options, session->json); });
  const Option text = eval.AddOption("expression", options->text, "the expression");
  eval.AddOption("--vars", options->vars, "JSON object of the variables it names");
  eval.AddFlag("--typed", options->typed, "values as {\"int\":\"5\"}, in and out");
  const Option batch = eval.AddFlag(
      "--batch", options->batch,
      "lines {\"expr\",\"vars\"} from standard input to {\"value\"} or {\"error\",\"kind\"}");
  text.Excludes(batch);
  eval.Check([options, text] {
    return options->batch || text.given() ? "" : "expression or --batch is required";
  });
}

}  // namespace tenure::cli

#include "server/expression/parser.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/expression/literal.h"
#include "server/expression/remedy.h"
#include "server/expression/token.h"

namespace tenure::expression {
namespace {

using NodePtr = std::unique_ptr<Node>;

struct Binary {
  absl::string_view text;
  Operation operation;
  int level;  // higher binds tighter
};
constexpr Binary kBinaries[] = {
    {"||", Operation::kOr, 1},      {"&&", Operation::kAnd, 2},
    {"==", Operation::kEqual, 3},   {"!=", Operation::kNotEqual, 3},
    {"<", Operation::kLess, 3},     {"<=", Operation::kLessEqual, 3},
    {">", Operation::kGreater, 3},  {">=", Operation::kGreaterEqual, 3},
    {"in", Operation::kIn, 3},      {"+", Operation::kAdd, 4},
    {"-", Operation::kSubtract, 4}, {"*", Operation::kMultiply, 5},
    {"/", Operation::kDivide, 5},   {"%", Operation::kModulo, 5},
};

constexpr absl::string_view kReserved[] = {
    "as",  "break", "const",     "continue", "else",   "for", "function", "if",   "import",
    "let", "loop",  "namespace", "package",  "return", "var", "void",     "while"};

bool IsKeyword(absl::string_view name) {
  return name == "true" || name == "false" || name == "null" || name == "in";
}
bool IsReserved(absl::string_view name) {
  return std::find(std::begin(kReserved), std::end(kReserved), name) != std::end(kReserved);
}

std::optional<Macro> FindMacro(absl::string_view name, size_t arguments) {
  if (arguments == 2) {
    if (name == "all") return Macro::kAll;
    if (name == "exists") return Macro::kExists;
    if (name == "exists_one") return Macro::kExistsOne;
    if (name == "filter") return Macro::kFilter;
    if (name == "map") return Macro::kMap;
  }
  if (arguments == 3 && name == "map") return Macro::kMapFiltered;
  return std::nullopt;
}

// Recursive descent. After the first problem of grammar everything returns null.
class Parser {
 public:
  Parser(std::vector<Token> tokens, const Bounds& bounds, std::vector<Problem>* problems)
      : tokens_(std::move(tokens)), bounds_(bounds), problems_(problems) {}

  NodePtr Run() {
    NodePtr node = Expression();
    if (node != nullptr && Here().kind != TokenKind::kEnd) {
      return Fail(Here(),
                  absl::StrCat("unexpected ", Describe(Here()), " after a complete expression"),
                  WordRemedy(Here().text));
    }
    return node;
  }

 private:
  const Token& Here() const { return tokens_[at_]; }
  const Token& Next() { return tokens_[at_ + 1 < tokens_.size() ? at_++ : at_]; }
  bool Is(absl::string_view symbol) const {
    return Here().kind == TokenKind::kSymbol && Here().text == symbol;
  }
  bool Accept(absl::string_view symbol) {
    if (!Is(symbol)) return false;
    Next();
    return true;
  }
  static std::string Describe(const Token& token) {
    return token.kind == TokenKind::kEnd ? "end" : absl::StrCat("'", token.text, "'");
  }

  NodePtr Fail(const Token& token, std::string message, std::string suggestion = "") {
    problems_->push_back({ProblemKind::kParse, token.offset, token.length, std::move(message),
                          std::move(suggestion)});
    return nullptr;
  }
  bool Expect(absl::string_view symbol, absl::string_view where) {
    if (Accept(symbol)) return true;
    Fail(Here(), absl::StrCat("expected '", symbol, "' ", where, ", found ", Describe(Here())));
    return false;
  }
  void LeftOut(size_t offset, size_t length, absl::string_view what) {
    problems_->push_back({ProblemKind::kCheck, offset, length,
                          absl::StrCat(what, " of CEL is left out of rule expressions"), ""});
  }

  // A node from token `first` up to what has been read.
  NodePtr Make(NodeKind kind, size_t offset) {
    if (++nodes_ > bounds_.nodes) {
      return Fail(Here(), absl::StrCat("the expression has more than ", bounds_.nodes, " parts"));
    }
    NodePtr node = std::make_unique<Node>();
    node->kind = kind;
    node->offset = offset;
    return Close(std::move(node));
  }
  NodePtr Close(NodePtr node) {
    const Token& last = tokens_[at_ == 0 ? 0 : at_ - 1];
    const size_t end = last.offset + last.length;
    if (end > node->offset) node->length = end - node->offset;
    for (const NodePtr& argument : node->arguments) {
      node->height = std::max(node->height, argument->height + 1);
    }
    if (node->height > bounds_.height) {
      return Fail(last, absl::StrCat("the expression is a chain or nest of more than ",
                                     bounds_.height, " operators"));
    }
    return node;
  }
  template <typename... Arguments>
  NodePtr Call(Operation operation, size_t offset, Arguments... arguments) {
    NodePtr node = Make(NodeKind::kCall, offset);
    if (node == nullptr) return nullptr;
    node->operation = operation;
    (node->arguments.push_back(std::move(arguments)), ...);
    return Close(std::move(node));
  }

  NodePtr Expression() {
    if (++depth_ > bounds_.nesting) {
      return Fail(Here(), absl::StrCat("nested deeper than ", bounds_.nesting, " levels"));
    }
    NodePtr node = Conditional();
    --depth_;
    return node;
  }

  NodePtr Conditional() {
    NodePtr condition = Chain(1);
    if (condition == nullptr || !Accept("?")) return condition;
    const size_t offset = condition->offset;
    NodePtr yes = Chain(1);
    if (yes == nullptr || !Expect(":", "of the conditional")) return nullptr;
    NodePtr no = Expression();
    if (no == nullptr) return nullptr;
    return Call(Operation::kConditional, offset, std::move(condition), std::move(yes),
                std::move(no));
  }

  const Binary* BinaryHere(int level) const {
    if (Here().kind != TokenKind::kSymbol && Here().text != "in") return nullptr;
    for (const Binary& binary : kBinaries) {
      if (binary.level >= level && binary.text == Here().text) return &binary;
    }
    return nullptr;
  }

  // Left-associative operators of `level` and above. && and || become one node of many arguments,
  // so that long conditions make no tall tree.
  NodePtr Chain(int level) {
    NodePtr left = Unary();
    bool chained = false;  // whether `left` was joined here: (a && b) && c stays two nodes
    while (left != nullptr) {
      const Binary* binary = BinaryHere(level);
      if (binary == nullptr) return left;
      Next();
      NodePtr right = Chain(binary->level + 1);
      if (right == nullptr) return nullptr;
      if (chained && binary->level <= 2 && left->operation == binary->operation) {
        left->arguments.push_back(std::move(right));
        left = Close(std::move(left));
      } else {
        const size_t offset = left->offset;
        left = Call(binary->operation, offset, std::move(left), std::move(right));
      }
      chained = true;
    }
    return nullptr;
  }

  NodePtr Unary() {
    const bool minus = Is("-");
    if (!minus && !Is("!")) return Member();
    if (minus && tokens_[at_ + 1].kind == TokenKind::kNumber) return Member();
    const size_t offset = Here().offset;
    size_t count = 0;
    while (Is(minus ? "-" : "!") &&
           !(minus && count > 0 && tokens_[at_ + 1].kind == TokenKind::kNumber)) {
      Next();
      ++count;
    }
    NodePtr node = Member();
    for (size_t i = 0; i < count && node != nullptr; ++i) {
      node = Call(minus ? Operation::kNegate : Operation::kNot, offset + count - 1 - i,
                  std::move(node));
    }
    return node;
  }

  NodePtr Member() {
    const size_t offset = Here().offset;
    NodePtr node = Primary();
    while (node != nullptr) {
      if (Accept(".")) {
        if (Is("?")) {
          LeftOut(Here().offset, 1, "the optional field selection .?");
          Next();
        }
        node = Selection(std::move(node), offset);
      } else if (Accept("[")) {
        if (Is("?")) {
          LeftOut(Here().offset, 1, "the optional index [?…]");
          Next();
        }
        NodePtr index = Expression();
        if (index == nullptr || !Expect("]", "after the index")) return nullptr;
        node = Call(Operation::kIndex, offset, std::move(node), std::move(index));
      } else if (Is("{") && IsDotted(*node)) {
        node = Message(std::move(node));
      } else {
        return node;
      }
    }
    return nullptr;
  }

  static bool IsDotted(const Node& node) {
    const Node* at = &node;
    while (at->kind == NodeKind::kSelect) at = at->arguments[0].get();
    return at->kind == NodeKind::kName;
  }

  NodePtr Selection(NodePtr receiver, size_t offset) {
    const Token& name = Next();
    const bool quoted = name.kind == TokenKind::kQuotedName;
    if (!quoted && (name.kind != TokenKind::kName || IsKeyword(name.text))) {
      return Fail(name, absl::StrCat("expected a field or function name after '.', found ",
                                     Describe(name)));
    }
    if (!Is("(") || quoted) {
      NodePtr node = Make(NodeKind::kSelect, offset);
      if (node == nullptr) return nullptr;
      node->name = std::string(name.text);
      node->arguments.push_back(std::move(receiver));
      return Close(std::move(node));
    }
    if (IsReserved(name.text)) return FailReserved(name);
    Next();
    return MemberCall(std::move(receiver), offset, name);
  }

  NodePtr MemberCall(NodePtr receiver, size_t offset, const Token& name) {
    std::vector<NodePtr> arguments;
    if (!List(")", &arguments)) return nullptr;
    const std::optional<Macro> macro = FindMacro(name.text, arguments.size());
    NodePtr node = Make(macro ? NodeKind::kMacro : NodeKind::kCall, offset);
    if (node == nullptr) return nullptr;
    node->arguments.push_back(std::move(receiver));
    size_t from = 0;
    if (macro) {
      const Node& variable = *arguments[0];
      if (variable.kind != NodeKind::kName || variable.absolute) {
        return Fail(tokens_[TokenAt(variable.offset)],
                    absl::StrCat("the first argument of ", name.text,
                                 "() must be a simple name for the items"));
      }
      node->macro = *macro;
      node->name = variable.name;
      from = 1;
    } else {
      node->name = std::string(name.text);
      node->member = true;
    }
    for (size_t i = from; i < arguments.size(); ++i) {
      node->arguments.push_back(std::move(arguments[i]));
    }
    return Close(std::move(node));
  }

  size_t TokenAt(size_t offset) const {
    size_t i = at_;
    while (i > 0 && tokens_[i].offset > offset) --i;
    return i;
  }

  // Up to `close`; a trailing comma is fine in lists, not in calls.
  bool List(absl::string_view close, std::vector<NodePtr>* items) {
    while (!Accept(close)) {
      if (!items->empty() && !Expect(",", absl::StrCat("or '", close, "'"))) return false;
      if (!items->empty() && close == "]" && Accept(close)) return true;
      if (close == "]" && Is("?")) {
        LeftOut(Here().offset, 1, "the optional element [?…]");
        Next();
      }
      NodePtr item = Expression();
      if (item == nullptr) return false;
      items->push_back(std::move(item));
    }
    return true;
  }

  NodePtr FailReserved(const Token& token) {
    return Fail(token, absl::StrCat("'", token.text, "' is a reserved word"));
  }

  NodePtr Primary() {
    const Token& token = Here();
    switch (token.kind) {
      case TokenKind::kQuoted:
        Next();
        return Literal(token.offset, token.value);
      case TokenKind::kNumber:
        Next();
        return Number(token, token.offset, false);
      case TokenKind::kName:
        return Name();
      case TokenKind::kSymbol:
        break;
      case TokenKind::kQuotedName:
        return Fail(token, "a name in backticks stands only after a dot");
      case TokenKind::kEnd:
        return Fail(token, at_ == 0 ? "the expression is empty" : "the expression ends too early");
    }
    if (token.text == "-" && tokens_[at_ + 1].kind == TokenKind::kNumber) {
      Next();
      return Number(Next(), token.offset, true);
    }
    if (token.text == ".") return Name();
    if (Accept("(")) {
      NodePtr inner = Expression();
      return inner != nullptr && Expect(")", "to close the bracket") ? std::move(inner) : nullptr;
    }
    if (Accept("[")) {
      std::vector<NodePtr> items;
      if (!List("]", &items)) return nullptr;
      NodePtr node = Make(NodeKind::kList, token.offset);
      if (node == nullptr) return nullptr;
      node->arguments = std::move(items);
      return Close(std::move(node));
    }
    if (Accept("{")) return MapLiteral(token.offset);
    return Fail(token, absl::StrCat("expected a value, found ", Describe(token)));
  }

  NodePtr Literal(size_t offset, Value value) {
    NodePtr node = Make(NodeKind::kLiteral, offset);
    if (node != nullptr) node->value = std::move(value);
    return node;
  }

  NodePtr Number(const Token& token, size_t offset, bool negative) {
    const bool is_uint = token.text.back() == 'u' || token.text.back() == 'U';
    if (negative && is_uint) {
      return Fail(token, absl::StrCat("-", token.text, ": a uint has no sign"));
    }
    Value value;
    std::string why;
    if (!ParseNumber(token.text, negative, &value, &why)) return Fail(token, why);
    return Literal(offset, std::move(value));
  }

  NodePtr Name() {
    const size_t offset = Here().offset;
    const bool absolute = Accept(".");
    const Token& token = Next();
    if (token.kind != TokenKind::kName) {
      return Fail(token, absl::StrCat("expected a name after '.', found ", Describe(token)));
    }
    if (!absolute) {
      if (token.text == "true") return Literal(offset, Value::Of(true));
      if (token.text == "false") return Literal(offset, Value::Of(false));
      if (token.text == "null") return Literal(offset, Value());
    }
    if (IsKeyword(token.text)) {
      return Fail(token, absl::StrCat("expected a value, found '", token.text, "'"));
    }
    if (IsReserved(token.text)) return FailReserved(token);
    if (Accept("(")) {
      std::vector<NodePtr> arguments;
      if (!List(")", &arguments)) return nullptr;
      if (token.text == "has" && arguments.size() == 1) {
        return Has(token, offset, std::move(arguments[0]));
      }
      NodePtr node = Make(NodeKind::kCall, offset);
      if (node == nullptr) return nullptr;
      node->name = std::string(token.text);
      node->arguments = std::move(arguments);
      return Close(std::move(node));
    }
    NodePtr node = Make(NodeKind::kName, offset);
    if (node == nullptr) return nullptr;
    node->name = std::string(token.text);
    node->absolute = absolute;
    return node;
  }

  NodePtr Has(const Token& token, size_t offset, NodePtr what) {
    if (what->kind != NodeKind::kSelect && what->kind != NodeKind::kName) {
      return Fail(token, "has() asks for a field or a name, such as has(customer.region)");
    }
    NodePtr node = Make(NodeKind::kHas, offset);
    if (node == nullptr) return nullptr;
    node->name = what->kind == NodeKind::kSelect ? what->name : "";
    node->arguments.push_back(std::move(what));
    return Close(std::move(node));
  }

  NodePtr MapLiteral(size_t offset) {
    std::vector<NodePtr> entries;
    while (!Accept("}")) {
      if (!entries.empty() && !Expect(",", "or '}'")) return nullptr;
      if (!entries.empty() && Accept("}")) break;
      if (Is("?")) {
        LeftOut(Here().offset, 1, "the optional entry {?…}");
        Next();
      }
      NodePtr key = Expression();
      if (key == nullptr || !Expect(":", "after the key")) return nullptr;
      NodePtr value = Expression();
      if (value == nullptr) return nullptr;
      entries.push_back(std::move(key));
      entries.push_back(std::move(value));
    }
    NodePtr node = Make(NodeKind::kMap, offset);
    if (node == nullptr) return nullptr;
    node->arguments = std::move(entries);
    return Close(std::move(node));
  }

  // Name{field: value, …}, refused whatever is inside, but parsed so that the rest is.
  NodePtr Message(NodePtr name) {
    Next();
    bool first = true;
    while (!Accept("}")) {
      if (!first && !Expect(",", "or '}'")) return nullptr;
      if (!first && Accept("}")) break;
      first = false;
      Accept("?");
      const Token& field = Next();
      if (field.kind != TokenKind::kName && field.kind != TokenKind::kQuotedName) {
        return Fail(field, absl::StrCat("expected a field name, found ", Describe(field)));
      }
      if (!Expect(":", "after the field") || Expression() == nullptr) return nullptr;
    }
    LeftOut(name->offset, name->length, "message construction Name{field: value}");
    NodePtr node = Make(NodeKind::kLiteral, name->offset);
    return node;
  }

  const std::vector<Token> tokens_;
  const Bounds& bounds_;
  std::vector<Problem>* const problems_;
  size_t at_ = 0;
  size_t depth_ = 0;
  size_t nodes_ = 0;
};

}  // namespace

std::unique_ptr<Node> Parse(absl::string_view text, const Bounds& bounds,
                            std::vector<Problem>* problems) {
  if (text.size() > bounds.text_bytes) {
    problems->push_back(
        {ProblemKind::kParse, 0, text.size(),
         absl::StrCat("the expression has ", text.size(), " bytes, more than ", bounds.text_bytes),
         ""});
    return nullptr;
  }
  const size_t before = problems->size();
  std::vector<Token> tokens = Tokenize(text, problems);
  if (problems->size() > before) return nullptr;
  NodePtr node = Parser(std::move(tokens), bounds, problems).Run();
  return problems->size() > before ? nullptr : std::move(node);
}

}  // namespace tenure::expression

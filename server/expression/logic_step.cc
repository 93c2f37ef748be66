#include <algorithm>
#include <cstring>
#include <utility>

#include "server/expression/steps.h"

namespace tenure::expression {
namespace {

constexpr uint8_t kFalse = static_cast<uint8_t>(Truth::kFalse);
constexpr uint8_t kTrue = static_cast<uint8_t>(Truth::kTrue);

class LogicStep final : public Step {
 public:
  LogicStep(bool decisive, std::vector<StepPtr> terms)
      : Step(StaticType::kBool), decisive_(decisive ? kTrue : kFalse), terms_(std::move(terms)) {
    for (size_t i = 0; i < terms_.size(); ++i) {
      lanes_ = std::max(lanes_, terms_[i]->lanes() + (i == 0 ? 0 : 1));
    }
  }
  size_t lanes() const override { return lanes_; }

  void Run(const Chunk& chunk, size_t out) const override {
    terms_[0]->Run(chunk, out);
    uint8_t* states = chunk.lanes[out]->states.data();
    for (size_t t = 1; t < terms_.size(); ++t) {
      if (AllDecided(states, chunk.count)) return;
      terms_[t]->Run(chunk, out + 1);
      Combine(chunk.lanes[out + 1]->states.data(), chunk.count, states);
    }
  }

 private:
  bool AllDecided(const uint8_t* states, size_t count) const {
    for (size_t i = 0; i < count; ++i) {
      if (states[i] != decisive_) return false;
    }
    return true;
  }

  // Decisive wins; else what isn't a truth wins, the earlier one first.
  void Combine(const uint8_t* term, size_t count, uint8_t* states) const {
    const uint8_t decisive = decisive_;
    const uint8_t neutral = decisive ^ 1;
    for (size_t i = 0; i < count; ++i) {
      const uint8_t a = states[i];
      const uint8_t b = term[i];
      const uint8_t undecided = a == neutral ? b : a;
      states[i] = b == decisive ? decisive : undecided;
    }
  }

  const uint8_t decisive_;
  const std::vector<StepPtr> terms_;
  size_t lanes_ = 1;
};

class NotStep final : public Step {
 public:
  explicit NotStep(StepPtr condition) : Step(StaticType::kBool), condition_(std::move(condition)) {}
  size_t lanes() const override { return condition_->lanes(); }
  void Run(const Chunk& chunk, size_t out) const override {
    condition_->Run(chunk, out);
    uint8_t* states = chunk.lanes[out]->states.data();
    for (size_t i = 0; i < chunk.count; ++i) {
      states[i] = states[i] <= kTrue ? states[i] ^ 1 : states[i];
    }
  }

 private:
  const StepPtr condition_;
};

class ConditionalStep final : public Step {
 public:
  ConditionalStep(StepPtr condition, StepPtr yes, StepPtr no)
      : Step(yes->type()),
        condition_(std::move(condition)),
        yes_(std::move(yes)),
        no_(std::move(no)) {}
  size_t lanes() const override {
    return std::max({condition_->lanes(), 1 + yes_->lanes(), 2 + no_->lanes()});
  }
  void Run(const Chunk& chunk, size_t out) const override {
    condition_->Run(chunk, out);
    yes_->Run(chunk, out + 1);
    no_->Run(chunk, out + 2);
    Lane& lane = *chunk.lanes[out];
    for (size_t i = 0; i < chunk.count; ++i) {
      const uint8_t condition = lane.states[i];
      Lane& from = *chunk.lanes[out + (condition == kTrue ? 1 : 2)];
      if (type() == StaticType::kString) {
        lane.texts()[i] = condition <= kTrue ? from.texts()[i] : absl::string_view();
      } else if (type() != StaticType::kBool) {
        lane.ints()[i] = condition <= kTrue ? from.ints()[i] : 0;
      }
      if (condition <= kTrue) lane.states[i] = from.states[i];
    }
  }

 private:
  const StepPtr condition_;
  const StepPtr yes_;
  const StepPtr no_;
};

}  // namespace

StepPtr MakeLogicStep(bool decisive, std::vector<StepPtr> terms) {
  return std::make_unique<LogicStep>(decisive, std::move(terms));
}

StepPtr MakeNotStep(StepPtr condition) { return std::make_unique<NotStep>(std::move(condition)); }

StepPtr MakeConditionalStep(StepPtr condition, StepPtr yes, StepPtr no) {
  return std::make_unique<ConditionalStep>(std::move(condition), std::move(yes), std::move(no));
}

}  // namespace tenure::expression

#include "server/budget/plan_branch.h"

#include <algorithm>

namespace tenure::budget {
namespace {

struct Option {
  int64_t candidate;
  double loss;
  double value;
};
struct Branching {
  uint32_t customer;
  std::vector<Option> options;  // by rising loss
  double most_after = 0;        // the largest values of this customer and those that follow
};

class Branches {
 public:
  Branches(const PlanProblem& problem, double upper_bound, int64_t steps,
           const std::function<bool()>& stop, PlanChoice* plan)
      : problem_(problem), upper_bound_(upper_bound), steps_(steps), stop_(stop), plan_(plan) {
    best_ = plan->TotalValue();
    best_choice_.resize(problem.customers);
    for (uint32_t customer = 0; customer < problem.customers; ++customer) {
      best_choice_[customer] = plan->chosen(customer);
    }
  }

  // Offers that lose the whole gap can't be in a better plan; who has one offer left keeps it.
  void ListOptions(const PlanPrices& prices) {
    for (uint32_t customer = 0; customer < problem_.customers; ++customer) {
      Branching branching{customer, {{PlanChoice::kNone, 0, 0}}};
      double best = 0;
      for (size_t i = problem_.first[customer]; i < problem_.first[customer + 1]; ++i) {
        const double score = Score(problem_, prices, i);
        branching.options.push_back({static_cast<int64_t>(i), -score, problem_.value[i]});
        best = std::max(best, score);
      }
      for (Option& option : branching.options) option.loss += best;
      std::erase_if(branching.options, [&](const Option& o) { return o.loss >= Allowed(); });
      std::stable_sort(branching.options.begin(), branching.options.end(),
                       [](const Option& a, const Option& b) { return a.loss < b.loss; });
      customers_.push_back(std::move(branching));
    }
    std::stable_sort(customers_.begin(), customers_.end(),
                     [](const Branching& a, const Branching& b) {
                       const auto regret = [](const Branching& c) {
                         return c.options.size() < 2 ? 1e300 : c.options[1].loss;
                       };
                       return regret(a) > regret(b);
                     });
    double most = 0;
    for (auto branching = customers_.rbegin(); branching != customers_.rend(); ++branching) {
      double largest = 0;
      for (const Option& option : branching->options) largest = std::max(largest, option.value);
      branching->most_after = most += largest;
    }
  }

  bool Run() {
    for (uint32_t customer = 0; customer < problem_.customers; ++customer) {
      plan_->Move(customer, PlanChoice::kNone);
    }
    const bool complete = Descend(0, 0, 0);
    for (uint32_t customer = 0; customer < problem_.customers; ++customer) {
      plan_->Move(customer, PlanChoice::kNone);
    }
    for (uint32_t customer = 0; customer < problem_.customers; ++customer) {
      plan_->Move(customer, best_choice_[customer]);
    }
    return complete;
  }

 private:
  // Better by less than the rounding of the sums is not better.
  double Allowed() const { return upper_bound_ - best_ - 1e-14 * upper_bound_; }

  bool Descend(size_t at, double loss, double value) {
    if (at == customers_.size()) {
      const double total = plan_->TotalValue();
      if (total <= best_) return true;
      best_ = total;
      for (uint32_t customer = 0; customer < problem_.customers; ++customer) {
        best_choice_[customer] = plan_->chosen(customer);
      }
      return true;
    }
    const Branching& branching = customers_[at];
    if (value + branching.most_after <= best_) return true;
    for (const Option& option : branching.options) {
      if (loss + option.loss >= Allowed()) return true;
      if (--steps_ < 0 || ((steps_ & 0x3FF) == 0 && stop_())) return false;
      if (!plan_->Move(branching.customer, option.candidate)) continue;
      if (!Descend(at + 1, loss + option.loss, value + option.value)) return false;
      plan_->Move(branching.customer, PlanChoice::kNone);
    }
    return true;
  }

  const PlanProblem& problem_;
  const double upper_bound_;
  int64_t steps_;
  const std::function<bool()>& stop_;
  PlanChoice* const plan_;
  std::vector<Branching> customers_;
  double best_ = 0;
  std::vector<int64_t> best_choice_;
};

}  // namespace

bool BranchAndBound(const PlanProblem& problem, const PlanPrices& prices, double upper_bound,
                    int64_t steps, const std::function<bool()>& stop, PlanChoice* plan) {
  if (upper_bound - plan->TotalValue() - 1e-14 * upper_bound <= 0) return true;
  Branches branches(problem, upper_bound, steps, stop, plan);
  branches.ListOptions(prices);
  return branches.Run();
}

}  // namespace tenure::budget

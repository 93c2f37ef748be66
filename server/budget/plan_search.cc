#include "server/budget/plan_search.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "server/budget/plan_amount.h"

namespace tenure::budget {
namespace {

constexpr size_t kCoreCustomers = 1'024;  // at least kCorePerNode at each node that has some
constexpr size_t kCorePerNode = 32;
constexpr size_t kPairs = size_t{1} << 21;  // of partial plans, when a child joins its parent
constexpr size_t kFirstStates = 128;
constexpr size_t kFullStates = 1'024;  // below, half the core will do

// What a customer of the core could get instead.
struct Option {
  int64_t candidate;
  int64_t charge;
  double loss;
};
struct CoreCustomer {
  uint32_t customer;
  double smallest_loss;  // of the options that would change the plan
  std::vector<Option> options;
};

// A partial plan of one node: what it uses, what it loses, and how it came about.
struct State {
  int64_t usage;
  double loss;
  int32_t trail;  // the last change on the way here
  int32_t next;   // not on the trail yet: the option taken, or the child's trail; -1 for none
};
struct Step {
  int32_t before;
  int32_t child;  // trail of the child that joined here, or -1
  uint32_t customer;
  int64_t candidate;
};
constexpr int32_t kNoTrail = -1;

class Search {
 public:
  Search(const PlanProblem& problem, const PlanPrices& prices, double allowed, size_t states,
         const std::function<bool()>& stop, PlanChoice* plan)
      : problem_(problem),
        prices_(prices),
        allowed_(allowed),
        states_(states),
        stop_(stop),
        plan_(plan),
        core_(problem.node_count()),
        base_usage_(problem.base),
        base_loss_(problem.node_count(), 0) {}

  // True when a better plan was found and taken.
  bool Run() {
    ChooseCore();
    unit_ = 0;
    for (const auto& core : core_) {
      for (const CoreCustomer& customer : core) {
        for (const Option& option : customer.options) unit_ = std::gcd(unit_, option.charge);
      }
    }
    unit_ = std::max<int64_t>(unit_, 1);
    double total = 0;
    std::vector<int32_t> trails;
    for (const int32_t node : problem_.top_down) {
      if (problem_.parent[static_cast<size_t>(node)] >= 0) continue;
      const std::vector<State> states = Solve(node);
      if (states.empty()) return false;
      const State& best =
          *std::min_element(states.begin(), states.end(),
                            [](const State& a, const State& b) { return a.loss < b.loss; });
      total += best.loss;
      trails.push_back(best.trail);
    }
    return total < allowed_ && Take(trails);
  }
  bool exhaustive() const { return exhaustive_; }

 private:
  double NodePrice(int32_t node) const { return prices_.path[static_cast<size_t>(node)]; }

  void ChooseCore() {
    for (uint32_t customer = 0; customer < problem_.customers; ++customer) {
      if (problem_.first[customer] == problem_.first[customer + 1]) continue;
      Consider(customer);
    }
    size_t nodes = 0;
    for (const auto& core : core_) nodes += core.empty() ? 0 : 1;
    // The first runs find a good plan fast.
    const size_t share = states_ < kFullStates ? 2 : 1;
    const size_t most = std::max(kCorePerNode, kCoreCustomers / std::max<size_t>(nodes, 1)) / share;
    for (size_t node = 0; node < core_.size(); ++node) {
      auto& core = core_[node];
      std::sort(core.begin(), core.end(), [](const CoreCustomer& a, const CoreCustomer& b) {
        return a.smallest_loss != b.smallest_loss ? a.smallest_loss < b.smallest_loss
                                                  : a.customer < b.customer;
      });
      for (; core.size() > most; core.pop_back()) {
        exhaustive_ = false;
        Keep(core.back().customer, static_cast<int32_t>(node));
      }
      // Many small losses come last, right before what is left of the budget decides.
      std::reverse(core.begin(), core.end());
    }
  }

  double BestScore(uint32_t customer) const {
    double best = 0;
    for (size_t i = problem_.first[customer]; i < problem_.first[customer + 1]; ++i) {
      best = std::max(best, Score(problem_, prices_, i));
    }
    return best;
  }
  double LossOf(uint32_t customer, int64_t candidate) const {
    return BestScore(customer) -
           (candidate < 0 ? 0 : Score(problem_, prices_, static_cast<size_t>(candidate)));
  }

  void Consider(uint32_t customer) {
    const int32_t node = problem_.node[problem_.first[customer]];
    const int64_t now = plan_->chosen(customer);
    const double best = BestScore(customer);
    CoreCustomer core{customer, std::numeric_limits<double>::infinity(), {}};
    const auto add = [&](int64_t candidate, int64_t charge, double loss) {
      if (candidate != now) {
        if (loss >= allowed_) return;
        core.smallest_loss = std::min(core.smallest_loss, loss);
      }
      core.options.push_back({candidate, charge, loss});
    };
    add(PlanChoice::kNone, 0, best);
    for (size_t i = problem_.first[customer]; i < problem_.first[customer + 1]; ++i) {
      add(static_cast<int64_t>(i), problem_.charge[i], best - Score(problem_, prices_, i));
    }
    if (core.options.size() == 1) {
      Keep(customer, node);
    } else {
      core_[static_cast<size_t>(node)].push_back(std::move(core));
    }
  }

  // The customer keeps what the plan has.
  void Keep(uint32_t customer, int32_t node) {
    const int64_t now = plan_->chosen(customer);
    base_loss_[static_cast<size_t>(node)] += LossOf(customer, now);
    if (now >= 0) {
      base_usage_[static_cast<size_t>(node)] += problem_.charge[static_cast<size_t>(now)];
    }
  }

  // All partial plans of the node and what is below it that are worth looking at, by usage.
  std::vector<State> Solve(int32_t node) {
    const auto at = static_cast<size_t>(node);
    std::vector<State> states = {{base_usage_[at], base_loss_[at], kNoTrail, -1}};
    std::vector<std::vector<State>> below;
    // What each of those that join could add: first the children, then the core.
    std::vector<Span> spans;
    for (const int32_t child : problem_.children[at]) {
      below.push_back(Solve(child));
      if (below.back().empty()) return {};
      for (State& state : below.back()) {
        state.usage = std::max(state.usage, problem_.floor[static_cast<size_t>(child)]);
      }
      spans.push_back({below.back().front().usage, below.back().back().usage});
    }
    for (const CoreCustomer& core : core_[at]) {
      spans.push_back({Extreme(core, false), Extreme(core, true)});
    }
    const std::vector<Span> rest = SumsOfRest(spans);
    size_t joined = 0;
    for (std::vector<State>& child : below) {
      states = Join(node, states, std::move(child), rest[++joined]);
      if (states.empty()) return states;
    }
    for (const CoreCustomer& core : core_[at]) {
      if (stop_()) {
        exhaustive_ = false;
        return {};
      }
      states = Branch(node, states, core, rest[++joined]);
      if (states.empty()) return states;
    }
    if (states.empty()) return states;
    for (State& state : states) state.loss += Slack(node, state.usage);
    Drop(&states);
    return states;
  }

  // The least and the most that something could add.
  struct Span {
    int64_t least = 0;
    int64_t most = 0;
  };
  // What the spans from the k-th on could still add: it decides whether the cap can be kept and
  // filled. Sums that pass int64 pass every cap.
  static std::vector<Span> SumsOfRest(const std::vector<Span>& spans) {
    std::vector<Span> rest(spans.size() + 1);
    for (size_t k = spans.size(); k > 0; --k) {
      rest[k - 1] = {AddCapped(rest[k].least, spans[k - 1].least),
                     AddCapped(rest[k].most, spans[k - 1].most)};
    }
    return rest;
  }

  static int64_t Extreme(const CoreCustomer& core, bool largest) {
    int64_t charge = core.options[0].charge;
    for (const Option& option : core.options) {
      charge = largest ? std::max(charge, option.charge) : std::min(charge, option.charge);
    }
    return charge;
  }

  // What the node's own price charges for a budget that is not used up, or a floor that is.
  double Slack(int32_t node, int64_t usage) const {
    const auto at = static_cast<size_t>(node);
    const int32_t up = problem_.parent[at];
    const double above = up < 0 ? 0 : NodePrice(up);
    const double y = NodePrice(node) - above;
    const auto over_floor = static_cast<double>(usage - problem_.floor[at]);
    if (y >= 0) {
      const double unused =
          y == 0 ? 0 : y * (static_cast<double>(problem_.cap[at]) - static_cast<double>(usage));
      return unused + (over_floor < 0 ? -above * over_floor : 0);
    }
    return over_floor >= 0 ? -y * over_floor : -NodePrice(node) * over_floor;
  }

  std::vector<State> Branch(int32_t node, const std::vector<State>& states,
                            const CoreCustomer& core, const Span& rest) {
    const int64_t now = plan_->chosen(core.customer);
    const int64_t room = problem_.cap[static_cast<size_t>(node)] - rest.least;
    const Reach hopeless = ReachOf(node, rest.most);
    if (!OpenTable(states, {Extreme(core, false), Extreme(core, true)}, room)) return {};
    for (size_t o = 0; o < core.options.size(); ++o) {
      const Option& option = core.options[o];
      for (const State& state : states) {
        int64_t usage = 0;
        if (__builtin_add_overflow(state.usage, option.charge, &usage) || usage > room) break;
        const double loss = state.loss + option.loss;
        if (loss >= allowed_ || hopeless(usage, loss)) continue;
        Put({usage, loss, state.trail, option.candidate == now ? -1 : static_cast<int32_t>(o)});
      }
    }
    std::vector<State> merged = CloseTable(node);
    for (State& state : merged) {
      if (state.next < 0) continue;
      steps_.push_back({state.trail, kNoTrail, core.customer,
                        core.options[static_cast<size_t>(state.next)].candidate});
      state.trail = static_cast<int32_t>(steps_.size()) - 1;
      state.next = -1;
    }
    return merged;
  }
  // Whether what stays unused, if no more than `most` comes on top, loses too much.
  struct Reach {
    int64_t enough;  // usage from which the cap can be filled
    double price;
    double allowed;
    bool operator()(int64_t usage, double loss) const {
      return usage < enough && loss + price * static_cast<double>(enough - usage) >= allowed;
    }
  };
  Reach ReachOf(int32_t node, int64_t most) const {
    const auto at = static_cast<size_t>(node);
    const int32_t up = problem_.parent[at];
    const double y = NodePrice(node) - (up < 0 ? 0 : NodePrice(up));
    if (y <= 0) return {std::numeric_limits<int64_t>::min(), 0, allowed_};
    return {problem_.cap[at] - most, y, allowed_};
  }

  std::vector<State> Join(int32_t node, const std::vector<State>& states, std::vector<State> below,
                          const Span& rest) {
    std::sort(below.begin(), below.end(), [](const State& a, const State& b) {
      return a.loss != b.loss ? a.loss < b.loss : a.usage < b.usage;
    });
    const size_t pairs = std::max<size_t>(1, kPairs / std::max<size_t>(states.size(), 1));
    if (below.size() > pairs) {
      below.resize(pairs);
      exhaustive_ = false;
    }
    Span span = {below.front().usage, below.front().usage};
    for (const State& child : below) {
      span = {std::min(span.least, child.usage), std::max(span.most, child.usage)};
    }
    const int64_t room = problem_.cap[static_cast<size_t>(node)] - rest.least;
    const Reach hopeless = ReachOf(node, rest.most);
    if (!OpenTable(states, span, room)) return {};
    for (const State& child : below) {
      for (const State& state : states) {
        int64_t usage = 0;
        if (__builtin_add_overflow(state.usage, child.usage, &usage) || usage > room) break;
        const double loss = state.loss + child.loss;
        if (loss >= allowed_ || hopeless(usage, loss)) continue;
        Put({usage, loss, state.trail, child.trail});
      }
    }
    std::vector<State> merged = CloseTable(node);
    for (State& state : merged) {
      if (state.next == kNoTrail) continue;
      steps_.push_back({state.trail, state.next, 0, PlanChoice::kNone});
      state.trail = static_cast<int32_t>(steps_.size()) - 1;
      state.next = kNoTrail;
    }
    return merged;
  }

  // Partial plans meet in a table by usage, one a slot: without loss as long as a slot is no wider
  // than the unit in which charges differ. False where none of them has room.
  bool OpenTable(const std::vector<State>& states, const Span& more, int64_t room) {
    const int64_t lowest = AddCapped(states.front().usage, more.least);
    const int64_t highest = std::min(room, AddCapped(states.back().usage, more.most));
    if (lowest > highest) return false;
    origin_ = lowest;
    const auto slots = static_cast<int64_t>(states_);
    width_ = MultiplyCapped(unit_, (highest - lowest) / unit_ / slots + 1);
    per_slot_ = 1 / static_cast<double>(width_);
    table_.assign(static_cast<size_t>((highest - lowest) / width_) + 2,
                  {0, std::numeric_limits<double>::infinity(), kNoTrail, -1});
    return true;
  }
  void Put(const State& state) {
    // Rounding moves no usage that is a multiple of the width into another's slot.
    const double away = static_cast<double>(state.usage - origin_) * per_slot_ + 1e-6;
    State& slot = table_[static_cast<size_t>(away)];
    const bool taken = std::isfinite(slot.loss);
    const bool better = state.loss < slot.loss;
    if (taken && state.usage != slot.usage) exhaustive_ = false;
    if (better) slot = state;
  }
  // What no other partial plan beats in usage and value, by usage.
  std::vector<State> CloseTable(int32_t node) {
    std::vector<State> kept;
    const double price = NodePrice(node);
    double best = -std::numeric_limits<double>::infinity();
    for (const State& state : table_) {
      if (!std::isfinite(state.loss)) continue;
      const double value = price * static_cast<double>(state.usage - origin_) - state.loss;
      if (value <= best) continue;
      best = value;
      kept.push_back(state);
    }
    return kept;
  }

  void Drop(std::vector<State>* states) const {
    std::erase_if(*states, [this](const State& state) { return state.loss >= allowed_; });
  }

  // Makes the plan the one the trails lead to.
  bool Take(const std::vector<int32_t>& trails) {
    std::vector<int32_t> open = trails;
    std::vector<Step> changes;
    while (!open.empty()) {
      const int32_t trail = open.back();
      open.pop_back();
      if (trail == kNoTrail) continue;
      const Step& step = steps_[static_cast<size_t>(trail)];
      open.push_back(step.before);
      if (step.child != kNoTrail) {
        open.push_back(step.child);
      } else {
        changes.push_back(step);
      }
    }
    std::vector<Step> earlier;
    for (const Step& step : changes) {
      earlier.push_back({kNoTrail, kNoTrail, step.customer, plan_->chosen(step.customer)});
      plan_->Move(step.customer, PlanChoice::kNone);
    }
    bool fits = true;
    for (const Step& step : changes) fits = fits && plan_->Move(step.customer, step.candidate);
    if (fits) return true;
    for (const Step& step : changes) plan_->Move(step.customer, PlanChoice::kNone);
    for (const Step& step : earlier) plan_->Move(step.customer, step.candidate);
    return false;
  }

  const PlanProblem& problem_;
  const PlanPrices& prices_;
  const double allowed_;
  const size_t states_;
  const std::function<bool()>& stop_;
  PlanChoice* const plan_;
  std::vector<std::vector<CoreCustomer>> core_;  // per node
  std::vector<int64_t> base_usage_;              // of those outside the core
  std::vector<double> base_loss_;
  std::vector<Step> steps_;
  std::vector<State> table_;
  int64_t origin_ = 0;
  int64_t width_ = 1;
  double per_slot_ = 1;
  int64_t unit_ = 1;  // divides every charge
  bool exhaustive_ = true;
};

}  // namespace

bool SearchPlan(const PlanProblem& problem, const PlanPrices& prices, double upper_bound,
                double enough, int64_t states, const std::function<bool()>& stop,
                PlanChoice* plan) {
  if (!problem.separable) return false;
  const auto most = static_cast<size_t>(states);
  size_t kept = std::min(kFirstStates, most);
  while (!stop()) {
    // Better by less than the rounding of the sums is not better.
    const double allowed = upper_bound - plan->TotalValue() - 1e-14 * upper_bound;
    if (allowed <= 0) return true;
    Search search(problem, prices, allowed, kept, stop, plan);
    search.Run();
    if (search.exhaustive()) return true;
    if (kept == most || upper_bound - plan->TotalValue() <= enough) return false;
    kept = std::min(kept * 4, most);
  }
  return false;
}

}  // namespace tenure::budget

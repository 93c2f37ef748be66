#include "server/budget/plan_exact.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "server/budget/plan_amount.h"

namespace tenure::budget {
namespace {

constexpr size_t kWorkPerState = 256;  // sums looked at for each partial plan that may be kept
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// A partial plan: what it uses and loses, and the two it was made of.
struct State {
  int64_t usage;
  double loss;
  int32_t before;  // state of the list it extends
  int32_t with;    // of the item: an option of the customer, or a final state of the child
};
using States = std::vector<State>;

// What joins a node's list in one stage: a customer, or a child with its final states.
struct Item {
  int64_t customer = -1;
  int32_t child = -1;
  States options;  // for a customer, `with` is the candidate or PlanChoice::kNone
  int64_t least = 0;
  int64_t most = 0;

  void Measure() {
    least = std::numeric_limits<int64_t>::max();
    most = 0;
    for (const State& option : options) {
      least = std::min(least, option.usage);
      most = std::max(most, option.usage);
    }
  }
};

struct NodeLists {
  std::vector<Item> items;
  std::vector<States> stages;  // after each item
};

class ExactSearch {
 public:
  ExactSearch(const PlanProblem& problem, const PlanPrices& prices, double allowed, size_t states,
              const std::function<bool()>& stop)
      : problem_(problem),
        prices_(prices),
        allowed_(allowed),
        states_(states),
        stop_(stop),
        below_(problem.node_count()),
        lists_(problem.node_count()) {
    for (uint32_t customer = 0; customer < problem.customers; ++customer) {
      if (problem.first[customer] == problem.first[customer + 1]) continue;
      below_[static_cast<size_t>(problem.node[problem.first[customer]])].push_back(customer);
    }
  }

  // The least loss of any plan below each root, infinite where it is not below the loss allowed.
  // False when it took too much.
  bool Run() {
    total_ = 0;
    for (const int32_t node : problem_.top_down) {
      if (problem_.parent[static_cast<size_t>(node)] < 0) total_ += SolveRoot(node);
      if (gave_up_) return false;
    }
    return true;
  }
  double total() const { return total_; }

  // The plan found: what each customer gets, those left out nothing.
  std::vector<int64_t> Choices() const {
    std::vector<int64_t> choices(problem_.customers, PlanChoice::kNone);
    for (const auto& [node, state] : best_) Follow(node, state, &choices);
    return choices;
  }

 private:
  double Price(int32_t node) const { return prices_.path[static_cast<size_t>(node)]; }

  std::vector<Item> ItemsOf(int32_t node) {
    std::vector<Item> items;
    for (const int32_t child : problem_.children[static_cast<size_t>(node)]) {
      Item item;
      item.child = child;
      const States& final = SolveNode(child);
      for (size_t s = 0; s < final.size(); ++s) {
        if (!(final[s].loss < allowed_)) continue;
        item.options.push_back(
            {std::max(final[s].usage, problem_.floor[static_cast<size_t>(child)]), final[s].loss,
             -1, static_cast<int32_t>(s)});
      }
      items.push_back(std::move(item));
      if (gave_up_) return items;
    }
    for (const uint32_t customer : below_[static_cast<size_t>(node)]) {
      items.push_back(CustomerItem(customer));
    }
    for (Item& item : items) item.Measure();
    // Few options first: lists stay short for longest.
    std::stable_sort(items.begin(), items.end(), [](const Item& a, const Item& b) {
      return a.options.size() < b.options.size();
    });
    return items;
  }

  Item CustomerItem(uint32_t customer) const {
    double best = 0;
    for (size_t i = problem_.first[customer]; i < problem_.first[customer + 1]; ++i) {
      best = std::max(best, Score(problem_, prices_, i));
    }
    Item item;
    item.customer = customer;
    if (best < allowed_) item.options.push_back({0, best, -1, -1});
    for (size_t i = problem_.first[customer]; i < problem_.first[customer + 1]; ++i) {
      const double loss = best - Score(problem_, prices_, i);
      if (loss < allowed_) {
        item.options.push_back({problem_.charge[i], loss, -1, static_cast<int32_t>(i)});
      }
    }
    return item;
  }

  // What the node's own price charges for a budget that is not used up, or a floor that is.
  double Slack(int32_t node, int64_t usage) const {
    const auto at = static_cast<size_t>(node);
    const int32_t up = problem_.parent[at];
    const double above = up < 0 ? 0 : Price(up);
    const double y = Price(node) - above;
    const auto over_floor = static_cast<double>(usage - problem_.floor[at]);
    if (y < 0) return over_floor >= 0 ? -y * over_floor : -Price(node) * over_floor;
    const double unused = y == 0 ? 0 : y * static_cast<double>(problem_.cap[at] - usage);
    return unused + (over_floor < 0 ? -above * over_floor : 0);
  }

  // Final states of a node below a root.
  const States& SolveNode(int32_t node) {
    const auto at = static_cast<size_t>(node);
    lists_[at].items = ItemsOf(node);
    if (gave_up_) return none_;
    const int32_t up = problem_.parent[at];
    const double y = Price(node) - (up < 0 ? 0 : Price(up));
    Combine(node, Price(node), std::max(0.0, y), allowed_);
    if (gave_up_) return none_;
    States& final = lists_[at].stages.back();
    for (State& state : final) state.loss += Slack(node, state.usage);
    return final;
  }

  double SolveRoot(int32_t root) {
    const auto at = static_cast<size_t>(root);
    std::vector<Item>& items = lists_[at].items;
    items = ItemsOf(root);
    if (gave_up_) return kInfinity;
    for (const Item& item : items) {
      if (item.options.empty()) return kInfinity;
    }
    const double old_price = Price(root);
    const double price = Reprice(root, old_price);
    // Losses anew: each item's best becomes 0, and what all of them lose at least comes off.
    double least = 0;
    for (Item& item : items) {
      double smallest = kInfinity;
      for (State& option : item.options) {
        option.loss += (price - old_price) * static_cast<double>(option.usage);
        smallest = std::min(smallest, option.loss);
      }
      for (State& option : item.options) option.loss -= smallest;
      least += smallest;
    }
    if (problem_.cap[at] != kUncapped) {
      least -= (price - old_price) * static_cast<double>(problem_.cap[at] - problem_.base[at]);
    }
    const double allowed = allowed_ - least;
    if (!(allowed > 0)) return kInfinity;
    for (Item& item : items) {
      std::erase_if(item.options, [&](const State& option) { return option.loss >= allowed; });
      item.Measure();
    }
    Combine(root, price, price, allowed);
    if (gave_up_) return kInfinity;
    const States& final = lists_[at].stages.back();
    double best = kInfinity;
    for (size_t s = 0; s < final.size(); ++s) {
      double loss = final[s].loss;
      if (price > 0) loss += price * static_cast<double>(problem_.cap[at] - final[s].usage);
      if (loss >= best) continue;
      best = loss;
      chosen_ = static_cast<int32_t>(s);
    }
    if (!(best < allowed)) return kInfinity;
    best_.emplace_back(root, chosen_);
    return best + least;
  }

  // The price at which the items' lists bound the loss best: usage falls in it, and the bound is
  // highest where it passes the cap.
  double Reprice(int32_t root, double old_price) const {
    const int64_t cap = problem_.cap[static_cast<size_t>(root)];
    if (cap == kUncapped) return old_price;
    const auto usage_at = [&](double price) {
      int64_t usage = problem_.base[static_cast<size_t>(root)];
      for (const Item& item : lists_[static_cast<size_t>(root)].items) {
        const State* best = nullptr;
        double smallest = kInfinity;
        for (const State& option : item.options) {
          const double loss = option.loss + (price - old_price) * static_cast<double>(option.usage);
          if (loss < smallest || (loss == smallest && option.usage < best->usage)) {
            smallest = loss;
            best = &option;
          }
        }
        if (best != nullptr) usage = AddCapped(usage, best->usage);
      }
      return usage;
    };
    if (usage_at(0) <= cap) return 0;
    double above = 0;
    double fits = old_price > 0 ? 2 * old_price : 1e-9;
    for (int i = 0; usage_at(fits) > cap; ++i) {
      if (i == 60) return old_price;
      above = fits;
      fits *= 4;
    }
    for (int i = 0; i < 60 && fits - above > 1e-13 * fits; ++i) {
      const double middle = above + (fits - above) / 2;
      (usage_at(middle) <= cap ? fits : above) = middle;
    }
    return fits;
  }

  // Goes through the items of the node; `own` is what the node's own cap costs when unused.
  void Combine(int32_t node, double price, double own, double allowed) {
    NodeLists& lists = lists_[static_cast<size_t>(node)];
    for (const Item& item : lists.items) {
      if (!item.options.empty()) continue;
      lists.stages.assign(1, {});
      return;
    }
    // What the items from the k-th on use at least and at most; beyond int64 is beyond every cap.
    std::vector<int64_t> least(lists.items.size() + 1, 0);
    std::vector<int64_t> most = least;
    for (size_t k = lists.items.size(); k > 0; --k) {
      least[k - 1] = AddCapped(least[k], lists.items[k - 1].least);
      most[k - 1] = AddCapped(most[k], lists.items[k - 1].most);
    }
    lists.stages.assign(1, {{problem_.base[static_cast<size_t>(node)], 0, -1, -1}});
    for (size_t k = 0; k < lists.items.size(); ++k) {
      const int64_t cap = problem_.cap[static_cast<size_t>(node)];
      lists.stages.push_back(Join(lists.stages.back(), lists.items[k], price, cap - least[k + 1],
                                  own > 0 ? cap - most[k + 1] : -1, own, allowed));
      kept_ += lists.stages.back().size();
      if (kept_ > states_ || stop_()) gave_up_ = true;
      if (gave_up_) return;
    }
  }

  // All sums of the list and the item that use at most `cap` and that no other beats. What uses
  // less than `filled` can't fill the cap any more, and loses `own` for each micro short.
  States Join(const States& list, const Item& item, double price, int64_t cap, int64_t filled,
              double own, double allowed) {
    const bool over_list = list.size() < item.options.size();
    const States& outer = over_list ? list : item.options;
    sorted_ = over_list ? item.options : list;
    std::sort(sorted_.begin(), sorted_.end(), ByUsage);  // a list is sorted already
    States merged;
    States shifted;
    States next;
    for (size_t o = 0; o < outer.size(); ++o) {
      const State& a = outer[o];
      shifted.clear();
      for (size_t i = 0; i < sorted_.size(); ++i) {
        const State& b = sorted_[i];
        int64_t usage = 0;
        if (__builtin_add_overflow(a.usage, b.usage, &usage) || usage > cap) break;
        const double loss = a.loss + b.loss;
        if (!(loss < allowed)) continue;
        if (usage < filled && loss + own * static_cast<double>(filled - usage) >= allowed) continue;
        const auto before = static_cast<int32_t>(over_list ? o : i);
        shifted.push_back({usage, loss, before, over_list ? b.with : a.with});
      }
      Merge(merged, shifted, price, &next);
      merged.swap(next);
      work_ += merged.size() + sorted_.size();
      const bool late = o % 64 == 0 && stop_();
      if (merged.size() > states_ || work_ > kWorkPerState * states_ || late) {
        gave_up_ = true;
        return {};
      }
    }
    return merged;
  }
  static bool ByUsage(const State& a, const State& b) { return a.usage < b.usage; }

  static void Merge(const States& a, const States& b, double price, States* merged) {
    merged->clear();
    merged->reserve(a.size() + b.size());
    double best = -kInfinity;
    size_t i = 0;
    size_t j = 0;
    while (i < a.size() || j < b.size()) {
      const bool first = j == b.size() || (i < a.size() && a[i].usage <= b[j].usage);
      const State& state = first ? a[i++] : b[j++];
      const double value = price * static_cast<double>(state.usage) - state.loss;
      if (value <= best) continue;
      best = value;
      if (!merged->empty() && merged->back().usage == state.usage) merged->pop_back();
      merged->push_back(state);
    }
  }

  void Follow(int32_t node, int32_t state, std::vector<int64_t>* choices) const {
    const NodeLists& lists = lists_[static_cast<size_t>(node)];
    for (size_t stage = lists.items.size(); stage > 0; --stage) {
      const State& at = lists.stages[stage][static_cast<size_t>(state)];
      const Item& item = lists.items[stage - 1];
      if (item.customer >= 0) {
        (*choices)[static_cast<size_t>(item.customer)] = at.with;
      } else {
        Follow(item.child, at.with, choices);
      }
      state = at.before;
    }
  }

  const PlanProblem& problem_;
  const PlanPrices& prices_;
  const double allowed_;
  const size_t states_;
  const std::function<bool()>& stop_;
  std::vector<std::vector<uint32_t>> below_;  // customers charged to each node
  std::vector<NodeLists> lists_;
  std::vector<std::pair<int32_t, int32_t>> best_;  // of each root, its final state
  States sorted_;
  const States none_;
  size_t kept_ = 0;
  size_t work_ = 0;
  double total_ = 0;
  int32_t chosen_ = 0;
  bool gave_up_ = false;
};

}  // namespace

bool SolveExactly(const PlanProblem& problem, const PlanPrices& prices, double upper_bound,
                  size_t states, const std::function<bool()>& stop, PlanChoice* plan) {
  if (!problem.separable) return false;
  // Better by less than the rounding of the sums is not better.
  const double allowed = upper_bound - plan->TotalValue() - 1e-14 * upper_bound;
  if (allowed <= 0) return true;
  for (const double share : {1.0 / 256, 1.0 / 64, 1.0 / 16, 1.0 / 4, 1.0 / 2, 1.0}) {
    ExactSearch search(problem, prices, share * allowed, states, stop);
    if (!search.Run()) return false;
    if (!(search.total() < allowed)) continue;
    const std::vector<int64_t> choices = search.Choices();
    for (uint32_t customer = 0; customer < problem.customers; ++customer) {
      plan->Move(customer, PlanChoice::kNone);
    }
    for (uint32_t customer = 0; customer < problem.customers; ++customer) {
      plan->Move(customer, choices[customer]);
    }
    return true;
  }
  return true;
}

}  // namespace tenure::budget

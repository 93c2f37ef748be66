#include "clients/cli/fact_news.h"

#include <google/protobuf/util/time_util.h>

#include <map>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/hash.h"

namespace tenure::cli {
namespace {

namespace v1 = tenure::v1;

std::string Serialised(const v1::Attributes& attributes) {
  const std::map<std::string, v1::Value> sorted(attributes.values().begin(),
                                                attributes.values().end());
  std::string bytes;
  for (const auto& [name, value] : sorted) {
    v1::Attributes one;
    (*one.mutable_values())[name] = value;
    one.AppendToString(&bytes);  // messages one after the other parse as their sum
  }
  return bytes;
}

}  // namespace

FactNews::FactNews(std::string source, std::string import_id)
    : source_(std::move(source)), import_id_(std::move(import_id)) {}

std::string FactNews::Moment(std::optional<int64_t> at_us, int64_t count) const {
  return at_us.has_value() ? absl::StrCat(*at_us) : absl::StrCat(import_id_, "/", count);
}

v1::Event* FactNews::Add(const std::string& customer, std::optional<int64_t> at_us, std::string id,
                         std::vector<v1::Event>* news) const {
  v1::Event& added = news->emplace_back();
  added.set_id(std::move(id));
  added.set_source(source_);
  added.set_customer("customers/" + customer);
  if (at_us.has_value()) {
    *added.mutable_event_time() = google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(*at_us);
  }
  return &added;
}

template <typename State, typename Newest, typename Tell>
void FactNews::Update(Latest<State>* latest, std::optional<int64_t> at_us, const State& state,
                      const Newest& newest, const Tell& tell) {
  if (latest->count == 0) {
    *latest = {at_us, state, true, 1};
    return tell(at_us, state, latest->count);
  }
  const bool moves = newest(*latest);
  if (state == latest->state) {
    if (moves && at_us > latest->at_us) {
      latest->at_us = at_us;
      latest->told = false;
    }
    return;
  }
  // What only repeated an earlier state matters now: another state stands before or after it.
  if (!latest->told) tell(latest->at_us, latest->state, latest->count);
  latest->told = true;
  ++latest->count;
  tell(at_us, state, latest->count);
  if (!moves) return;
  latest->at_us = at_us;
  latest->state = state;
}

void FactNews::AddConsent(const std::string& customer, std::optional<int64_t> at_us,
                          const v1::Consent& consent, std::vector<v1::Event>* news) {
  const std::string key = absl::StrCat(customer, "/", consent.purpose(), "/", consent.channel());
  const auto tell = [&](std::optional<int64_t> when, v1::ConsentState state, int64_t count) {
    v1::Event* event =
        Add(customer, when,
            absl::StrCat("consent/", key, "/", static_cast<int>(state), "/", Moment(when, count)),
            news);
    *event->mutable_consent() = consent;
    event->mutable_consent()->set_state(state);
  };
  const auto newest = [&](const Latest<v1::ConsentState>& latest) {
    return !at_us.has_value() || std::make_tuple(*at_us, consent.state()) >=
                                     std::make_tuple(latest.at_us.value_or(0), latest.state);
  };
  Update(&consents_[key], at_us, consent.state(), newest, tell);
}

void FactNews::AddAttributes(const std::string& customer, std::optional<int64_t> at_us,
                             const v1::Attributes& attributes, std::vector<v1::Event>* news) {
  const auto tell = [&](std::optional<int64_t> when, const std::string& bytes, int64_t count) {
    v1::Event* event = Add(customer, when,
                           absl::StrCat("attributes/", customer, "/", absl::Hex(StableHash(bytes)),
                                        "/", Moment(when, count)),
                           news);
    event->mutable_attributes()->ParseFromString(bytes);
  };
  const auto newest = [&](const Latest<std::string>& latest) {
    return !at_us.has_value() || at_us >= latest.at_us;
  };
  Update(&attributes_[customer], at_us, Serialised(attributes), newest, tell);
}

std::vector<v1::Event> FactNews::Of(const std::string& customer, std::optional<int64_t> at_us,
                                    const RowFacts::Facts& facts) {
  std::vector<v1::Event> news;
  for (const v1::Consent& consent : facts.consents) AddConsent(customer, at_us, consent, &news);
  if (!facts.attributes.values().empty()) {
    AddAttributes(customer, at_us, facts.attributes, &news);
  }
  return news;
}

}  // namespace tenure::cli

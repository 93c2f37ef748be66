#include "clients/cli/simulated_files.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "server/base/status.h"
#include "server/base/time.h"

namespace tenure::cli {
namespace {

constexpr int kIdDigits = 3;  // at least, so that the ids of small shops sort
// What an order can be: a cent, and what money's micros hold.
constexpr double kLeastAmount = 0.01, kMostAmount = 9e12;
constexpr double kDaysPerWeek = 7;

std::unique_ptr<TextRows> Open(const std::string& path) {
  return path.empty() ? nullptr : std::make_unique<TextRows>(path);
}

// Half to even, as the default rounding of the processor, inline.
uint64_t Nearest(double value) { return static_cast<uint64_t>(std::nearbyint(value)); }

}  // namespace

DayTexts::DayTexts(int64_t first, int64_t days) {
  for (int64_t day = first; day < first + days; ++day) texts_ += FormatDay(day * kMicrosPerDay);
}

SimulatedFiles::SimulatedFiles(const clv::ShopSimulator* shop, const Paths& paths,
                               double margin_rate)
    : shop_(shop),
      margin_rate_(margin_rate),
      days_(shop->scenario().start_day,
            static_cast<int64_t>(shop->scenario().length * shop->scenario().unit_days) + 2),
      orders_(paths.orders),
      truth_(Open(paths.truth)),
      attributes_(Open(paths.attributes)),
      contacts_(Open(paths.contacts)) {
  WriteHeaders();
}

void SimulatedFiles::WriteHeaders() {
  const clv::Scenario& scenario = shop_->scenario();
  orders_.Add("customer_id,order_id,date,amount,margin");
  orders_.EndRow();
  if (truth_ != nullptr) {
    truth_->Add("customer_id,joined,lambda_per_week,dropout,alive,dropped_out,mean_spend");
    for (const auto& column : scenario.covariates.columns) {
      truth_->Add(',');
      truth_->Add(column.name);
    }
    for (const auto& campaign : scenario.campaigns) {
      for (const char* what : {"segment", "holdout", "p0", "tau"}) {
        truth_->Add(',');
        truth_->Add(campaign.name);
        truth_->Add('_');
        truth_->Add(what);
      }
    }
    truth_->EndRow();
  }
  if (attributes_ != nullptr) {
    attributes_->Add("customer_id,joined");
    for (const auto& column : scenario.covariates.columns) {
      attributes_->Add(',');
      attributes_->Add(column.name);
    }
    attributes_->EndRow();
  }
  if (contacts_ != nullptr) {
    contacts_->Add("customer_id,date,campaign,arm");
    contacts_->EndRow();
  }
}

void SimulatedFiles::SetId(uint64_t index) {
  char* const digits = id_ + 1;
  id_[0] = 'C';
  char* end = std::to_chars(digits, id_ + sizeof(id_), index + 1).ptr;
  const auto length = static_cast<int>(end - digits);
  if (length < kIdDigits) {
    std::memmove(digits + (kIdDigits - length), digits, static_cast<size_t>(length));
    std::memset(digits, '0', static_cast<size_t>(kIdDigits - length));
    end = digits + kIdDigits;
  }
  id_text_ = {id_, static_cast<size_t>(end - id_)};
}

void SimulatedFiles::Write(uint64_t index, const clv::ShopCustomer& customer) {
  SetId(index);
  WriteOrders(customer);
  totals_.purchases += customer.times.size();
  totals_.alive += customer.death == std::numeric_limits<double>::infinity();
  if (truth_ != nullptr) WriteTruth(customer);
  if (attributes_ != nullptr) WriteAttributes(customer);
  for (const clv::SimulatedContact& contact : customer.contacts) {
    ++(contact.treated ? totals_.treated : totals_.held_out);
  }
  if (contacts_ != nullptr) WriteContacts(customer);
}

void SimulatedFiles::WriteOrders(const clv::ShopCustomer& customer) {
  for (size_t k = 0; k < customer.times.size(); ++k) {
    const double spend = std::clamp(customer.spends[k], kLeastAmount, kMostAmount);
    const uint64_t cents = Nearest(spend * 100);
    const double amount = static_cast<double>(cents) / 100;
    orders_.Add(id_text_);
    orders_.Add(',');
    orders_.Add(id_text_);
    orders_.Add('-');
    orders_.Add(static_cast<uint64_t>(k + 1));
    orders_.Add(',');
    orders_.Add(days_[shop_->DayOf(customer, customer.times[k])]);
    orders_.Add(',');
    orders_.AddFixed(cents, 2);
    orders_.Add(',');
    orders_.AddFixed(Nearest(amount * margin_rate_ * 1e4), 4);
    orders_.EndRow();
    totals_.revenue += amount;
  }
}

void SimulatedFiles::WriteTruth(const clv::ShopCustomer& customer) {
  const bool alive = customer.death == std::numeric_limits<double>::infinity();
  TextRows& row = *truth_;
  row.Add(id_text_);
  row.Add(',');
  row.Add(days_[shop_->DayOf(customer, 0)]);
  row.Add(',');
  row.Add(customer.rate * (kDaysPerWeek / shop_->scenario().unit_days));
  row.Add(',');
  row.Add(customer.dropout);
  row.Add(alive ? ",1," : ",0,");
  if (!alive) row.Add(days_[shop_->DayOf(customer, customer.death)]);
  row.Add(',');
  row.Add(customer.mean_spend);
  for (const double covariate : customer.covariates) {
    row.Add(',');
    row.Add(covariate);
  }
  for (const clv::SimulatedResponse& response : customer.responses) {
    row.Add(',');
    row.Add(clv::NameOf(response.segment));
    row.Add(response.held_out ? ",1," : ",0,");
    row.Add(response.chances.p0);
    row.Add(',');
    row.Add(response.chances.tau);
  }
  row.EndRow();
}

void SimulatedFiles::WriteAttributes(const clv::ShopCustomer& customer) {
  attributes_->Add(id_text_);
  attributes_->Add(',');
  attributes_->Add(days_[shop_->DayOf(customer, 0)]);
  for (const double covariate : customer.covariates) {
    attributes_->Add(',');
    attributes_->Add(covariate);
  }
  attributes_->EndRow();
}

void SimulatedFiles::WriteContacts(const clv::ShopCustomer& customer) {
  for (const clv::SimulatedContact& contact : customer.contacts) {
    contacts_->Add(id_text_);
    contacts_->Add(',');
    contacts_->Add(days_[contact.day]);
    contacts_->Add(',');
    contacts_->Add(shop_->scenario().campaigns[contact.campaign].name);
    contacts_->Add(contact.treated ? ",treated" : ",holdout");
    contacts_->EndRow();
  }
}

bool SimulatedFiles::failed() const {
  const auto bad = [](const auto& file) { return file != nullptr && file->failed(); };
  return orders_.failed() || bad(truth_) || bad(attributes_) || bad(contacts_);
}

absl::Status SimulatedFiles::Finish() {
  TENURE_RETURN_IF_ERROR(orders_.Finish());
  for (const auto* file : {&truth_, &attributes_, &contacts_}) {
    if (*file != nullptr) TENURE_RETURN_IF_ERROR((*file)->Finish());
  }
  return absl::OkStatus();
}

}  // namespace tenure::cli

#include "server/api/event_conversion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "server/base/time.h"

namespace tenure::api {
namespace {

using ::testing::HasSubstr;

constexpr int64_t kNowUs = 1'514'764'800 * kMicrosPerSecond;  // 2018-01-01

tenure::v1::Event Purchase() {
  tenure::v1::Event event;
  event.set_id("1");
  event.set_source("shop");
  event.set_customer("customers/ann");
  event.mutable_event_time()->set_seconds(1'514'000'000);
  event.mutable_purchase()->set_revenue_micros(5'000'000);
  return event;
}

std::string Convert(const tenure::v1::Event& event, journal::EventRecord* out) {
  return ConvertEvent(event, Limits(), "USD", kNowUs, out);
}

std::string Wrong(const tenure::v1::Event& event) {
  journal::EventRecord record;
  return Convert(event, &record);
}

TEST(EventConversion, Purchase_KeepsEveryField) {
  tenure::v1::Event event = Purchase();
  event.mutable_purchase()->set_margin_micros(-1);
  event.mutable_purchase()->set_category("Chairs");
  journal::EventRecord record;
  ASSERT_EQ(Convert(event, &record), "");
  EXPECT_EQ(record.customer_id, "ann");
  EXPECT_EQ(record.happened_us, 1'514'000'000 * kMicrosPerSecond);
  EXPECT_EQ(record.amount_micros, 5'000'000);
  EXPECT_EQ(record.margin_micros, -1);
  EXPECT_EQ(record.category, "Chairs");
}

TEST(EventConversion, AmountInAnotherCurrency_IsRefused) {
  tenure::v1::Event event = Purchase();
  event.mutable_purchase()->set_currency_code("USD");
  EXPECT_EQ(Wrong(event), "");
  event.mutable_purchase()->set_currency_code("EUR");
  EXPECT_EQ(Wrong(event), "purchase.currency_code: the amounts of this server are in USD, not EUR");
  event.mutable_refund()->set_currency_code("EUR");
  EXPECT_EQ(Wrong(event), "refund.currency_code: the amounts of this server are in USD, not EUR");
  journal::EventRecord record;
  EXPECT_THAT(ConvertEvent(event, Limits(), "", kNowUs, &record), HasSubstr("no rule set"));
}

TEST(EventConversion, UnknownMargin_StaysUnknown) {
  journal::EventRecord record;
  ASSERT_EQ(Convert(Purchase(), &record), "");
  EXPECT_FALSE(record.margin_micros.has_value());
}

TEST(EventConversion, WithoutTime_IsNow) {
  tenure::v1::Event event = Purchase();
  event.clear_event_time();
  journal::EventRecord record;
  ASSERT_EQ(Convert(event, &record), "");
  EXPECT_EQ(record.happened_us, kNowUs);
}

TEST(EventConversion, NanosBeyondASecond_AreRefused) {
  tenure::v1::Event event = Purchase();
  event.mutable_event_time()->set_nanos(999'999'999);
  EXPECT_EQ(Wrong(event), "");
  for (const int32_t nanos : {1'000'000'000, -1}) {
    event.mutable_event_time()->set_nanos(nanos);
    EXPECT_THAT(Wrong(event), HasSubstr("event_time.nanos"));
  }
}

TEST(EventConversion, NegativeRevenue_SaysThatAReturnIsARefund) {
  tenure::v1::Event event = Purchase();
  event.mutable_purchase()->set_revenue_micros(-1);
  EXPECT_THAT(Wrong(event), HasSubstr("purchase.revenue_micros"));
  EXPECT_THAT(Wrong(event), HasSubstr("refund"));
}

TEST(EventConversion, WithoutKindOrCustomer_NamesTheField) {
  tenure::v1::Event event = Purchase();
  event.clear_purchase();
  EXPECT_THAT(Wrong(event), HasSubstr("kind"));
  event.set_customer("ann");
  EXPECT_THAT(Wrong(event), HasSubstr("customer: must be `customers/{id}`"));
}

TEST(EventConversion, AttributeThatIsNotANumber_IsRefused) {
  tenure::v1::Event event = Purchase();
  (*event.mutable_attributes()->mutable_values())["age"].set_double_value(std::nan(""));
  EXPECT_THAT(Wrong(event), HasSubstr("attributes.values[age]: must be finite"));
}

TEST(EventConversion, ConsentWithoutState_IsRefused) {
  tenure::v1::Event event = Purchase();
  event.mutable_consent()->set_channel("email");
  EXPECT_THAT(Wrong(event), HasSubstr("consent.state"));
}

}  // namespace
}  // namespace tenure::api

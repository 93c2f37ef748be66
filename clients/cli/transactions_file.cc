#include "clients/cli/transactions_file.h"

#include <memory>
#include <optional>
#include <utility>

#include "absl/numeric/int128.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "clients/cli/csv.h"
#include "clients/cli/session.h"
#include "server/base/money.h"
#include "server/base/status.h"
#include "server/transactions/date_reader.h"

namespace tenure::cli {
namespace {

constexpr int64_t kRowsBetweenProgress = 1 << 16;
constexpr size_t kMostUndecided = size_t{256} << 20;

using Fields = std::vector<absl::string_view>;

// Records that wait for one that tells day from month.
class Undecided {
 public:
  void Add(int64_t line, const Fields& fields) {
    records_.push_back({line, bytes_.size()});
    for (absl::string_view field : fields) {
      absl::StrAppend(&bytes_, field);
      ends_.push_back(bytes_.size());
    }
  }
  bool empty() const { return records_.empty(); }
  bool full() const { return bytes_.size() > kMostUndecided; }
  int64_t first_line() const { return records_.front().line; }

  // Calls `row(line, fields)` for each.
  template <typename Row>
  absl::Status Visit(size_t columns, const Row& row) const {
    Fields fields(columns);
    for (size_t r = 0; r < records_.size(); ++r) {
      size_t begin = records_[r].begin;
      for (size_t c = 0; c < columns; ++c) {
        const size_t end = ends_[r * columns + c];
        fields[c] = absl::string_view(bytes_).substr(begin, end - begin);
        begin = end;
      }
      TENURE_RETURN_IF_ERROR(row(records_[r].line, fields));
    }
    return absl::OkStatus();
  }

 private:
  struct Record {
    int64_t line;
    size_t begin;
  };
  std::vector<Record> records_;
  std::string bytes_;
  std::vector<size_t> ends_;
};

class TransactionReader {
 public:
  TransactionReader(CsvReader* csv, const TransactionsFormat& format,
                    transactions::TransactionTable* table, TransactionsRead* read)
      : csv_(csv),
        format_(format),
        table_(table),
        read_(read),
        dates_(format.date_format, format.zone) {}

  absl::Status FindColumns() {
    TENURE_ASSIGN_OR_RETURN(customer_, csv_->Column(format_.customer));
    TENURE_ASSIGN_OR_RETURN(date_, csv_->Column(format_.date));
    for (const auto& [name, column] : {std::pair{&format_.amount, &amount_},
                                       {&format_.discount, &discount_},
                                       {&format_.order, &order_}}) {
      if (name->empty()) continue;
      TENURE_ASSIGN_OR_RETURN(*column, csv_->Column(*name));
    }
    for (const std::string& name : format_.carry) {
      TENURE_ASSIGN_OR_RETURN(const size_t column, csv_->Column(name));
      carry_.push_back(column);
    }
    return absl::OkStatus();
  }

  absl::Status ReadAll() {
    Fields fields;
    while (true) {
      TENURE_ASSIGN_OR_RETURN(const bool found, csv_->Next(&fields));
      if (!found) break;
      if (++read_->rows % kRowsBetweenProgress == 0) Progress("summarize", csv_->fraction_read());
      TENURE_RETURN_IF_ERROR(Row(csv_->line(), fields));
    }
    if (read_->rows >= kRowsBetweenProgress) Progress("summarize", 1);
    if (!undecided_.empty()) return Ambiguous("no row tells");
    TENURE_RETURN_IF_ERROR(CheckOrders());
    read_->date_form = dates_.form();
    return absl::OkStatus();
  }

 private:
  static bool IsBlank(char c) { return absl::ascii_isspace(static_cast<unsigned char>(c)); }

  absl::Status CheckPadded(int64_t line) {
    if (format_.refuse_padded) {
      return Refuse(customer_, line,
                    "has blanks around it: another customer than without them; take them out");
    }
    if (read_->padded++ == 0) read_->padded_line = line;
    return absl::OkStatus();
  }

  absl::Status Row(int64_t line, const Fields& fields) {
    const absl::string_view customer = fields[customer_];
    if (customer.empty() ||
        (IsBlank(customer[0]) && absl::StripAsciiWhitespace(customer).empty())) {
      if (format_.refuse_nameless) {
        return Refuse(customer_, line, "is empty; every purchase needs its customer");
      }
      if (read_->nameless++ == 0) read_->nameless_line = line;
      return absl::OkStatus();
    }
    if (IsBlank(customer.front()) || IsBlank(customer.back())) {
      TENURE_RETURN_IF_ERROR(CheckPadded(line));
    }
    int64_t local_us = 0;
    if (dates_.ReadUsual(fields[date_], &local_us)) return AddRow(line, fields, local_us);
    auto read = dates_.Read(fields[date_]);
    if (!read.ok()) return Refuse(date_, line, read.status().message());
    if (!read->has_value()) {
      undecided_.Add(line, fields);
      return undecided_.full() ? Ambiguous("no row so far tells") : absl::OkStatus();
    }
    if (!dates_.evidence().empty() && read_->evidence.empty()) {
      read_->evidence = dates_.evidence();
      read_->evidence_line = line;
      TENURE_RETURN_IF_ERROR(AddUndecided(fields.size()));
    }
    return AddRow(line, fields, **read);
  }

  absl::Status AddUndecided(size_t columns) {
    const Undecided waiting = std::exchange(undecided_, Undecided());
    return waiting.Visit(columns, [this](int64_t line, const Fields& fields) {
      auto read = dates_.Read(fields[date_]);
      if (!read.ok()) return Refuse(date_, line, read.status().message());
      return AddRow(line, fields, **read);
    });
  }

  absl::Status AddRow(int64_t line, const Fields& fields, int64_t local_us) {
    transactions::Transaction row;
    row.customer = fields[customer_];
    row.local_us = local_us;
    if (amount_.has_value()) {
      auto amount = transactions::ParseAmount(fields[*amount_], format_.mark);
      if (!amount.ok()) return Refuse(*amount_, line, amount.status().message());
      row.amount_micros = *amount;
      if (discount_.has_value()) TENURE_RETURN_IF_ERROR(TakeOff(line, fields, &row.amount_micros));
      if (row.amount_micros < 0 && format_.refuse_refunds && !order_.has_value()) {
        return Refuse(*amount_, line,
                      absl::StrCat("`", fields[*amount_],
                                   "` is a refund; leave it out, or say "
                                   "--refunds net or --refunds drop"));
      }
    }
    if (order_.has_value()) {
      row.order = fields[*order_];
      if (row.order.empty()) return Refuse(*order_, line, "is empty; every row needs its order");
      if (row.amount_micros < 0 && format_.refuse_refunds) {
        below_zero_.push_back({line, std::string(row.customer), std::string(row.order)});
      }
    }
    if (!carry_.empty()) {
      TENURE_RETURN_IF_ERROR(Carry(line, fields));
      row.carried = carried_;
    }
    return table_->Add(row);
  }

  // An order is a refund by its sum, which is known at the end; the line is that of its first row
  // below 0.
  absl::Status CheckOrders() const {
    for (const BelowZero& row : below_zero_) {
      transactions::Transaction part;
      part.customer = row.customer;
      part.order = row.order;
      const int64_t amount = table_->OrderAmount(part);
      if (amount >= 0) continue;
      return Refuse(*amount_, row.line,
                    absl::StrCat("order `", row.order, "` of customer `", row.customer,
                                 "` comes to ", DisplayMicros(amount),
                                 ", a refund; leave it out, or say --refunds net or --refunds "
                                 "drop"));
    }
    return absl::OkStatus();
  }

  // What a rate takes off the amount, to the micro; a rate is 0 to 1.
  absl::Status TakeOffRate(int64_t line, absl::string_view given, int64_t* amount) const {
    const bool percent = format_.discount_is == DiscountIs::kPercent;
    absl::string_view text = given;
    if (percent && absl::ConsumeSuffix(&text, "%")) text = absl::StripTrailingAsciiWhitespace(text);
    const auto rate = transactions::ParseAmount(text, format_.mark);
    if (!rate.ok()) return Refuse(*discount_, line, rate.status().message());
    const int64_t whole = (percent ? 100 : 1) * kMicrosPerUnit;
    if (*rate < 0 || *rate > whole) {
      return Refuse(*discount_, line,
                    absl::StrCat("`", given, "` is not a share of the amount from 0 to ",
                                 percent ? "100 %" : "1", "; --discount-is says what it is"));
    }
    const absl::int128 off =
        (absl::int128(*amount) * *rate * 2 / whole + (*amount < 0 ? -1 : 1)) / 2;
    *amount -= static_cast<int64_t>(off);
    return absl::OkStatus();
  }

  // A discount has its amount's sign and is no larger.
  absl::Status TakeOff(int64_t line, const Fields& fields, int64_t* amount) const {
    if (fields[*discount_].empty()) return absl::OkStatus();
    if (format_.discount_is != DiscountIs::kMoney) {
      return TakeOffRate(line, fields[*discount_], amount);
    }
    auto discount = transactions::ParseAmount(fields[*discount_], format_.mark);
    if (!discount.ok()) return Refuse(*discount_, line, discount.status().message());
    const bool right = *amount < 0 ? *discount <= 0 && *discount >= *amount
                                   : *discount >= 0 && *discount <= *amount;
    if (!right) {
      return Refuse(
          *discount_, line,
          absl::StrCat("`", fields[*discount_], "` is not between 0 and the amount ",
                       fields[*amount_],
                       "; it is what to take off the amount, in money, unless --discount-is says "
                       "fraction or percent"));
    }
    *amount -= *discount;
    return absl::OkStatus();
  }

  absl::Status Carry(int64_t line, const Fields& fields) {
    carried_.clear();
    for (size_t i = 0; i < carry_.size(); ++i) {
      const absl::string_view value = fields[carry_[i]];
      if (value.find(kBetweenCarried) != absl::string_view::npos) {
        return Refuse(carry_[i], line, "holds the control character 0x1f; take it out");
      }
      if (i > 0) carried_ += kBetweenCarried;
      absl::StrAppend(&carried_, value);
    }
    return absl::OkStatus();
  }

  absl::Status Refuse(size_t column, int64_t line, absl::string_view why) const {
    return absl::InvalidArgumentError(absl::StrCat(csv_->Where(column, line), ": ", why));
  }

  absl::Status Ambiguous(absl::string_view which) const {
    return Refuse(date_, undecided_.first_line(),
                  absl::StrCat("and from there on ", which, " day from month (", dates_.form(),
                               "); say --date-format, as in %d/%m/%Y or %m/%d/%Y"));
  }

  CsvReader* const csv_;
  const TransactionsFormat& format_;
  transactions::TransactionTable* const table_;
  TransactionsRead* const read_;
  transactions::DateReader dates_;
  size_t customer_ = 0, date_ = 0;
  std::optional<size_t> amount_, discount_, order_;
  std::vector<size_t> carry_;
  std::string carried_;
  Undecided undecided_;
  struct BelowZero {
    int64_t line;
    std::string customer, order;
  };
  std::vector<BelowZero> below_zero_;  // rows of orders, where refunds are refused
};

}  // namespace

absl::Status ReadTransactions(const std::string& path, const TransactionsFormat& format,
                              transactions::TransactionTable* table, TransactionsRead* read) {
  TENURE_ASSIGN_OR_RETURN(const std::unique_ptr<CsvReader> csv,
                          CsvReader::Open(path, format.separator));
  TransactionReader reader(csv.get(), format, table, read);
  TENURE_RETURN_IF_ERROR(reader.FindColumns());
  return reader.ReadAll();
}

}  // namespace tenure::cli

// A host for a policy's own tests: rows as named numbers, answers as structs. It checks what the
// contract demands of a caller and nothing more: the server's own checks are stricter.
#ifndef TENURE_PLUGINS_SDK_FAKE_HOST_H_
#define TENURE_PLUGINS_SDK_FAKE_HOST_H_

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "plugins/abi/tenure_plugin.h"
#include "plugins/sdk/offer.h"
#include "plugins/sdk/value.h"

namespace tenure::sdk {

// A customer: column name → value. Int64 columns take their numbers from the same map.
using FakeRow = std::map<std::string, double>;

// Throws std::runtime_error with the plugin's words where it refuses. Not thread-safe.
class FakeHost {
 public:
  explicit FakeHost(const tenure_plugin* plugin) : plugin_(plugin) {}
  ~FakeHost() { Destroy(); }
  FakeHost(const FakeHost&) = delete;
  FakeHost& operator=(const FakeHost&) = delete;

  // An offer in the ABI's units, to fill in further.
  static tenure_offer NewOffer(std::string_view id) {
    tenure_offer offer{};
    offer.struct_size = sizeof offer;
    offer.id = Str(id);
    offer.redemption = 1;
    return offer;
  }

  void Create(const std::string& params_json, const std::vector<tenure_offer>& offers) {
    std::vector<const tenure_offer*> pointers;
    for (const tenure_offer& offer : offers) pointers.push_back(&offer);
    const tenure_policy_config config = {sizeof config, Str(params_json), pointers.size(),
                                         pointers.data()};
    // Lives as long as the policies (S6); it logs nowhere and has no extension.
    static constexpr tenure_host kHost = {sizeof(tenure_host),
                                          TENURE_ABI_MAJOR,
                                          TENURE_ABI_MINOR,
                                          nullptr,
                                          [](void*, uint32_t, tenure_str) {},
                                          [](void*, tenure_str) -> const void* { return nullptr; }};
    Destroy();
    offers_ = offers.size();
    Call([&](tenure_error* error) {
      return plugin_->policy_create(&kHost, &config, &policy_, error);
    });
    if (policy_ == nullptr) throw std::runtime_error("policy_create made no policy");
    Call([&](tenure_error* error) { return plugin_->worker_create(policy_, &worker_, error); });
  }

  // Row-major rows × offers, all of them eligible. Every row needs all required columns.
  std::vector<Proposal> Propose(const std::vector<FakeRow>& rows) {
    const tenure_manifest& manifest = *plugin_->describe();
    std::vector<Column> columns(manifest.column_count);
    std::vector<tenure_column> views;
    for (size_t c = 0; c < columns.size(); ++c) {
      views.push_back(Fill(manifest.columns[c], rows, &columns[c]));
    }
    const size_t cells = rows.size() * offers_;
    const std::vector<uint8_t> eligible(cells, 1);
    std::vector<uint64_t> seeds;
    for (uint64_t row = 0; row < rows.size(); ++row) seeds.push_back(row);
    const tenure_batch batch = {
        sizeof batch, rows.size(), views.size(),   views.data(), seeds.data(), 0, 0,
        nullptr,      offers_,     eligible.data()};
    std::vector<double> doubles(5 * cells);
    std::vector<int64_t> liability(cells);
    std::vector<uint8_t> bytes(2 * cells);
    std::vector<int32_t> reason(cells);
    double* const d = doubles.data();
    tenure_result result = {sizeof result,
                            cells,
                            d,
                            d + cells,
                            d + 2 * cells,
                            d + 3 * cells,
                            d + 4 * cells,
                            liability.data(),
                            bytes.data(),
                            bytes.data() + cells,
                            reason.data()};
    Call([&](tenure_error* error) {
      return plugin_->propose(policy_, worker_, &batch, &result, error);
    });
    std::vector<Proposal> out;
    for (size_t i = 0; i < cells; ++i) {
      if (result.status[i] == 0) {
        throw std::runtime_error("row " + std::to_string(i / offers_) + ", offer " +
                                 std::to_string(i % offers_) +
                                 ": propose wrote no status, though the cell is eligible");
      }
      out.push_back({result.gross_value[i], result.value_stderr[i], result.p_baseline[i],
                     result.p_treated[i], result.expected_cost[i], result.liability_micros[i],
                     result.basis[i], result.status[i], result.reason[i]});
    }
    return out;
  }

 private:
  // 64-byte aligned, zero at first.
  template <typename T>
  class Array {
   public:
    void Resize(size_t size) {
      const size_t bytes = (size * sizeof(T) / 64 + 1) * 64;
      values_.reset(static_cast<T*>(std::aligned_alloc(64, bytes)));
      if (values_ == nullptr) throw std::bad_alloc();
      std::memset(values_.get(), 0, bytes);
    }
    T* data() const { return values_.get(); }
    T& operator[](size_t i) const { return values_.get()[i]; }

   private:
    struct Free {
      void operator()(T* values) const { std::free(values); }
    };
    std::unique_ptr<T, Free> values_;
  };

  struct Column {
    Array<double> doubles;
    Array<int64_t> ints;
    Array<uint64_t> validity;
  };

  void Destroy() {
    // A plugin that needs no worker leaves it null.
    if (worker_ != nullptr) plugin_->worker_destroy(policy_, worker_);
    if (policy_ != nullptr) plugin_->policy_destroy(policy_);
    worker_ = nullptr;
    policy_ = nullptr;
  }

  template <typename F>
  static void Call(F&& call) {
    char text[512];
    tenure_error error = {sizeof text, 0, text};
    if (call(&error) == TENURE_OK) return;
    throw std::runtime_error(std::string(text, std::min<uint64_t>(error.length, sizeof text)));
  }

  static tenure_column Fill(const tenure_field& field, const std::vector<FakeRow>& rows,
                            Column* out) {
    const std::string name(field.name.data, field.name.size);
    if (field.dtype != TENURE_DOUBLE && field.dtype != TENURE_INT64) {
      throw std::runtime_error("the fake host has doubles and int64 only, not column " + name);
    }
    out->doubles.Resize(rows.size());
    out->ints.Resize(rows.size());
    out->validity.Resize(rows.size() / 64 + 1);
    for (size_t row = 0; row < rows.size(); ++row) {
      const auto found = rows[row].find(name);
      if (found == rows[row].end()) {
        if ((field.flags & TENURE_FIELD_REQUIRED) == 0) continue;
        throw std::runtime_error("a row without the required column " + name);
      }
      out->doubles[row] = found->second;
      out->ints[row] = static_cast<int64_t>(found->second);
      out->validity[row / 64] |= uint64_t{1} << (row % 64);
    }
    const void* values = out->ints.data();
    if (field.dtype == TENURE_DOUBLE) values = out->doubles.data();
    return {field.dtype, 0, values, out->validity.data(), nullptr, 0};
  }

  const tenure_plugin* const plugin_;
  tenure_policy* policy_ = nullptr;
  tenure_worker* worker_ = nullptr;
  size_t offers_ = 0;
};

}  // namespace tenure::sdk

#endif  // TENURE_PLUGINS_SDK_FAKE_HOST_H_

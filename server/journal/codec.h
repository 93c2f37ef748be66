// What the codecs of the records share.
#ifndef TENURE_SERVER_JOURNAL_CODEC_H_
#define TENURE_SERVER_JOURNAL_CODEC_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "records.pb.h"

namespace tenure::journal {

template <typename Message>
absl::Status Parse(absl::string_view payload, absl::string_view kind, Message* message) {
  if (message->ParseFromArray(payload.data(), static_cast<int>(payload.size()))) {
    return absl::OkStatus();
  }
  return absl::DataLossError(absl::StrCat("a journal entry of ", payload.size(),
                                          " bytes is not a record of kind ", kind,
                                          "; restore the journal from a backup"));
}

template <typename Record>
void EncodeRequest(const Record& record, wire::Request* out) {
  out->set_caller(record.caller);
  out->set_request_id(record.request_id);
  out->set_request_digest(record.request_digest);
}

template <typename Record>
void DecodeRequest(wire::Request* in, Record* out) {
  out->caller = std::move(*in->mutable_caller());
  out->request_id = std::move(*in->mutable_request_id());
  out->request_digest = std::move(*in->mutable_request_digest());
}

}  // namespace tenure::journal

#endif  // TENURE_SERVER_JOURNAL_CODEC_H_

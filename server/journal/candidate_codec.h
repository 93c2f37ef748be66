// Candidates as columns.
#ifndef TENURE_SERVER_JOURNAL_CANDIDATE_CODEC_H_
#define TENURE_SERVER_JOURNAL_CANDIDATE_CODEC_H_

#include "absl/status/status.h"
#include "records.pb.h"
#include "server/journal/records.h"

namespace tenure::journal {

// The decision's candidates, stops and texts.
void EncodeCandidates(const DecisionRecord& record, wire::Decision* out);
// DATA_LOSS where columns differ in length, or a number stands for nothing that the record has: so
// whoever reads a decoded record may follow its indices.
absl::Status DecodeCandidates(wire::Decision* in, DecisionRecord* out);

}  // namespace tenure::journal

#endif  // TENURE_SERVER_JOURNAL_CANDIDATE_CODEC_H_

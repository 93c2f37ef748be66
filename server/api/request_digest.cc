#include "server/api/request_digest.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/message.h>

#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/base/hash.h"

namespace tenure::api {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// The bytes of one field alone; maps in the order of their keys.
std::string Canonical(const Message& request, const FieldDescriptor* field) {
  std::unique_ptr<Message> alone(request.New());
  alone->CopyFrom(request);
  std::vector<const FieldDescriptor*> set;
  alone->GetReflection()->ListFields(*alone, &set);
  for (const FieldDescriptor* other : set) {
    if (other != field) alone->GetReflection()->ClearField(alone.get(), other);
  }
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream output(&stream);
    output.SetSerializationDeterministic(true);
    alone->SerializeToCodedStream(&output);
  }
  return bytes;
}

}  // namespace

std::string RequestDigest(const Message& request) {
  std::vector<const FieldDescriptor*> set;
  request.GetReflection()->ListFields(request, &set);
  std::string digest;
  for (const FieldDescriptor* field : set) {
    if (field->name() == "request_id" || field->name() == "view") continue;
    const bool plain =
        field->cpp_type() == FieldDescriptor::CPPTYPE_STRING && !field->is_repeated();
    const uint64_t hash = plain ? StableHash(request.GetReflection()->GetString(request, field))
                                : StableHash(Canonical(request, field));
    absl::StrAppend(&digest, digest.empty() ? "" : ",", field->name(), "=",
                    absl::Hex(hash, absl::kZeroPad16));
  }
  return digest;
}

}  // namespace tenure::api

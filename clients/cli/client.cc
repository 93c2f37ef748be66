#include "clients/cli/client.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/util/json_util.h>
#include <grpc/support/time.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/security/credentials.h>
#include <unistd.h>

#include <future>
#include <nlohmann/json.hpp>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/rpc/error_model.pb.h"
#include "server/base/clock.h"
#include "server/base/hash.h"
#include "server/base/status.h"
#include "server/base/utf8.h"

namespace tenure::cli {
namespace {

using google::protobuf::Message;

std::shared_ptr<grpc::Channel> Connect(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

// A server can't even read a message with such a field, so it could not say which one it is.
absl::Status CheckText(const Message& message) {
  const google::protobuf::Reflection& fields = *message.GetReflection();
  std::vector<const google::protobuf::FieldDescriptor*> set;
  fields.ListFields(message, &set);
  for (const google::protobuf::FieldDescriptor* field : set) {
    const int count = field->is_repeated() ? fields.FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      if (field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE) {
        TENURE_RETURN_IF_ERROR(CheckText(field->is_repeated()
                                             ? fields.GetRepeatedMessage(message, field, i)
                                             : fields.GetMessage(message, field)));
      } else if (field->type() == google::protobuf::FieldDescriptor::TYPE_STRING) {
        const std::string text = field->is_repeated() ? fields.GetRepeatedString(message, field, i)
                                                      : fields.GetString(message, field);
        if (FindInvalidUtf8(text) == absl::string_view::npos) continue;
        return absl::InvalidArgumentError(
            absl::StrCat(field->name(), ": \"", absl::CEscape(text), "\" is not UTF-8 text"));
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace

Client::Client(const Session& session)
    : address_(session.server), channel_(Connect(session.server)) {}

Client::~Client() = default;

void Client::Prepare(grpc::ClientContext* context) {
  context->AddMetadata("tenure-caller", "tenure-cli");
}

absl::Status Client::Call(const std::string& method, const Message& request, Message* response,
                          int64_t timeout_ms) {
  TENURE_RETURN_IF_ERROR(CheckText(request));
  grpc::ClientContext context;
  Prepare(&context);
  context.set_deadline(
      gpr_time_add(gpr_now(GPR_CLOCK_REALTIME), gpr_time_from_millis(timeout_ms, GPR_TIMESPAN)));
  grpc::TemplatedGenericStub<Message, Message> stub(channel_);
  std::promise<grpc::Status> done;
  stub.UnaryCall(&context, absl::StrCat("/tenure.v1.", method), grpc::StubOptions(), &request,
                 response, [&](grpc::Status status) { done.set_value(std::move(status)); });
  return Error(done.get_future().get());
}

absl::Status Client::Error(const grpc::Status& status) const {
  if (status.ok()) return absl::OkStatus();
  std::string message = status.error_message();
  google::rpc::Status wire;
  const bool ours = !status.error_details().empty() && wire.ParseFromString(status.error_details());
  if (!ours && status.error_code() == grpc::StatusCode::UNAVAILABLE) {
    message = absl::StrCat("no server answers at ", address_, " (", message,
                           "): start tenured, or name another with --server or TENURE_SERVER");
  }
  for (const auto& detail : wire.details()) {
    google::rpc::BadRequest bad;
    if (!absl::EndsWith(detail.type_url(), "/google.rpc.BadRequest")) continue;
    if (!bad.ParseFromString(detail.value()) || bad.field_violations_size() < 2) continue;
    for (const auto& violation : bad.field_violations()) {
      absl::StrAppend(&message, "\n  ", violation.field(), ": ", violation.description());
    }
  }
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()), message);
}

std::string RequestId(const std::string& given) {
  if (!given.empty()) return given;
  const uint64_t now = static_cast<uint64_t>(SystemClock().NowUs());
  return absl::StrCat("cli-", absl::Hex(CombineHash(now, static_cast<uint64_t>(getpid()))));
}

absl::Status PrintMessage(const Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(message, &json, options).ok()) {
    return absl::InternalError("the reply can't be printed as JSON");
  }
  PrintJson(nlohmann::ordered_json::parse(json));
  return absl::OkStatus();
}

std::string WithPrefix(const std::string& collection, const std::string& id) {
  return absl::StartsWith(id, collection) ? id : collection + id;
}

}  // namespace tenure::cli

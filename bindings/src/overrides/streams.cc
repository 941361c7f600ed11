// By hand: the bytes of streams. Libvirt's streams are all made as ones that do not block, and lib/by-hand/virStream.ts
// waits for those that should: a thread that waits in libvirt for a stream's bytes delays the other calls of its
// connection by seconds (their wake-up gets lost). Calls on one stream are made one after the other, apart from the
// connection's other calls.
#include <cstdlib>
#include <utility>
#include <vector>

#include "../arguments.h"
#include "../library.h"
#include "../registration.h"
#include "overrides.h"

namespace novalet {
namespace {

Function<int(void*, char*, size_t)> virStreamRecv{"virStreamRecv", "0.7.2"};
Function<int(void*, char*, size_t, unsigned int)> virStreamRecvFlags{"virStreamRecvFlags", "3.4.0"};
Function<int(void*, long long*, unsigned int)> virStreamRecvHole{"virStreamRecvHole", "3.4.0"};
Function<int(void*, const char*, size_t)> virStreamSend{"virStreamSend", "0.7.2"};
Function<int(void*, long long, unsigned int)> virStreamSendHole{"virStreamSendHole", "3.4.0"};
Function<int(void*, int, void (*)(void*, int, void*), void*, abi::FreeCallback)> virStreamEventAddCallback{
    "virStreamEventAddCallback", "0.7.2"};

Function<int(void*, int)> virStreamEventUpdateCallback{"virStreamEventUpdateCallback", "0.7.2"};
Function<int(void*)> virStreamFinish{"virStreamFinish", "0.7.2"};
Function<void*(void*, unsigned int)> virStreamNew{"virStreamNew", "0.7.2"};

constexpr size_t kHandedOver = 32768;
constexpr unsigned int kNonBlock = 1;  // VIR_STREAM_NONBLOCK
constexpr double kMostBytes = 1 << 30;

class StreamCall : public Call {
 protected:
  StreamCall(Environment* environment, const char* function, Object* stream)
      : Call(environment, function), stream_(static_cast<StreamObject*>(stream)) {}

  StreamObject& stream() { return *stream_; }

  napi_value Number(napi_env env, double number) {
    napi_value value = nullptr;
    napi_create_double(env, number, &value);
    return value;
  }

 private:
  StreamObject* const stream_;
};

/** The bytes that have come; -2 when a stream that does not block has none, -3 at a hole. */
class RecvCall final : public StreamCall {
 public:
  RecvCall(Environment* environment, const char* function, Object* stream, size_t size, std::optional<uint32_t> flags)
      : StreamCall(environment, function, stream), size_(size), flags_(flags) {}
  ~RecvCall() override { std::free(data_); }

 protected:
  void Execute() override {
    if (flags_ ? !Have(virStreamRecvFlags) : !Have(virStreamRecv)) return;
    data_ = static_cast<char*>(std::malloc(size_ == 0 ? 1 : size_));
    if (data_ == nullptr) {
      Failure failure;
      failure.message = std::string(function()) + ": there is no memory for so many bytes";
      return Fail(std::move(failure));
    }
    count_ = flags_ ? virStreamRecvFlags(stream().pointer(), data_, size_, *flags_)
                    : virStreamRecv(stream().pointer(), data_, size_);
    if (count_ == -1) FailWithLastError();
  }
  napi_value Result(napi_env env) override {
    if (count_ < 0) return Number(env, count_);
    napi_value value = nullptr;
    void* copy;
    auto count = static_cast<size_t>(count_);
    // Many bytes are not copied but handed over, in memory of their size.
    if (count >= kHandedOver) {
      if (void* fitting = std::realloc(data_, count); fitting != nullptr) data_ = static_cast<char*>(fitting);
      auto release = [](napi_env, void* data, void*) { std::free(data); };
      if (napi_create_external_buffer(env, count, data_, release, nullptr, &value) == napi_ok) {
        data_ = nullptr;
        return value;
      }
    }
    return napi_create_buffer_copy(env, static_cast<size_t>(count_), data_, &copy, &value) == napi_ok ? value : nullptr;
  }

 private:
  const size_t size_;
  const std::optional<uint32_t> flags_;
  char* data_ = nullptr;
  int count_ = 0;
};

class RecvHoleCall final : public StreamCall {
 public:
  RecvHoleCall(Environment* environment, Object* stream, uint32_t flags)
      : StreamCall(environment, virStreamRecvHole.name, stream), flags_(flags) {}

 protected:
  void Execute() override {
    if (Have(virStreamRecvHole) && virStreamRecvHole(stream().pointer(), &length_, flags_) == -1) FailWithLastError();
  }
  napi_value Result(napi_env env) override { return Int64ToJs(env, length_); }

 private:
  const uint32_t flags_;
  long long length_ = 0;
};

/** How many bytes libvirt took, maybe not all; -2 when a stream that does not block took none. */
class SendCall final : public StreamCall {
 public:
  SendCall(Environment* environment, Object* stream, std::vector<char> data)
      : StreamCall(environment, virStreamSend.name, stream), data_(std::move(data)) {}

 protected:
  void Execute() override {
    if (!Have(virStreamSend)) return;
    count_ = virStreamSend(stream().pointer(), data_.data(), data_.size());
    if (count_ == -1) FailWithLastError();
  }
  napi_value Result(napi_env env) override { return Number(env, count_); }

 private:
  const std::vector<char> data_;
  int count_ = 0;
};

class SendHoleCall final : public StreamCall {
 public:
  SendHoleCall(Environment* environment, Object* stream, int64_t length, uint32_t flags)
      : StreamCall(environment, virStreamSendHole.name, stream), length_(length), flags_(flags) {}

 protected:
  void Execute() override {
    if (Have(virStreamSendHole) && virStreamSendHole(stream().pointer(), length_, flags_) == -1) FailWithLastError();
  }
  napi_value Result(napi_env env) override { return Number(env, 0); }

 private:
  const int64_t length_;
  const uint32_t flags_;
};

/** A function of the stream alone. */
class PlainCall final : public StreamCall {
 public:
  PlainCall(Environment* environment, Function<int(void*)>& plain, Object* stream)
      : StreamCall(environment, plain.name, stream), plain_(plain) {}

 protected:
  bool MayBeDropped() const override { return false; }
  void Execute() override {
    if (Have(plain_) && plain_(stream().pointer()) == -1) FailWithLastError();
  }
  napi_value Result(napi_env env) override { return Number(env, 0); }

 private:
  Function<int(void*)>& plain_;
};

/** Tells once, and then no more until JavaScript has heard: libvirt would tell again and again meanwhile. */
void OnStreamEvent(void* stream, int events, void* registration) {
  virStreamEventUpdateCallback(stream, 0);
  static_cast<Registration*>(registration)->Tell(nullptr, {events});
}

class AddCallbackCall final : public StreamCall {
 public:
  AddCallbackCall(Environment* environment, Object* stream, int events, double id)
      : StreamCall(environment, virStreamEventAddCallback.name, stream), events_(events), id_(id) {}

 protected:
  void Execute() override {
    if (!Have(virStreamEventAddCallback)) return;
    auto* registration = new Registration(&environment(), stream().connection(), id_);
    if (virStreamEventAddCallback(stream().pointer(), events_, OnStreamEvent, registration, Registration::Free) == -1) {
      FailWithLastError();
      delete registration;
    } else {
      stream().has_callback = true;
    }
  }
  napi_value Result(napi_env env) override { return Number(env, 0); }

 private:
  const int events_;
  const double id_;
};

class UpdateCallbackCall final : public StreamCall {
 public:
  UpdateCallbackCall(Environment* environment, Object* stream, int events)
      : StreamCall(environment, virStreamEventUpdateCallback.name, stream), events_(events) {}

 protected:
  void Execute() override {
    if (Have(virStreamEventUpdateCallback) && virStreamEventUpdateCallback(stream().pointer(), events_) == -1)
      FailWithLastError();
  }
  napi_value Result(napi_env env) override { return Number(env, 0); }

 private:
  const int events_;
};

class RemoveCallbackCall final : public StreamCall {
 public:
  RemoveCallbackCall(Environment* environment, Object* stream)
      : StreamCall(environment, lib::virStreamEventRemoveCallback.name, stream) {}

 protected:
  bool MayBeDropped() const override { return false; }
  void Execute() override {
    if (!Have(lib::virStreamEventRemoveCallback)) return;
    if (lib::virStreamEventRemoveCallback(stream().pointer()) == -1) return FailWithLastError();
    stream().has_callback = false;
  }
  napi_value Result(napi_env env) override { return Number(env, 0); }
};

class NewCall final : public Call {
 public:
  NewCall(Environment* environment, Object* conn, uint32_t flags)
      : Call(environment, virStreamNew.name), conn_(conn), flags_(flags) {}
  ~NewCall() override {
    if (stream_ != nullptr) stream_->Release();
  }

 protected:
  void Execute() override {
    if (!Have(virStreamNew)) return;
    void* stream = virStreamNew(conn_->pointer(), flags_ | kNonBlock);
    if (stream == nullptr) return FailWithLastError();
    stream_ = Object::Child(Class::Stream, stream, conn_->connection());
    if (stream_ == nullptr) Fail(InvalidObject(6, "connection", function()));
  }
  napi_value Result(napi_env env) override { return HandleToJs(env, std::exchange(stream_, nullptr)); }

 private:
  Object* const conn_;
  const uint32_t flags_;
  Object* stream_ = nullptr;
};

napi_value Launch(std::unique_ptr<StreamCall> call, Object* stream, const Arguments& arguments) {
  if (stream != nullptr) call->Use(stream);
  return Call::Launch(std::move(call), arguments.refusal());
}

}  // namespace

napi_value StreamNew(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info, virStreamNew.name, "conn,flags");
  Object* conn = arguments.NeedHandle(0, Class::Connect);
  uint32_t flags = arguments.Uint32(1);
  auto call = std::make_unique<NewCall>(Environment::Of(env), conn, flags);
  if (conn != nullptr) call->Use(conn);
  return Call::Now(std::move(call), arguments.refusal());
}

napi_value StreamRecv(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info, virStreamRecv.name, "stream,nbytes");
  Object* stream = arguments.NeedHandle(0, Class::Stream);
  auto size = static_cast<size_t>(arguments.Whole(1, 0, kMostBytes));
  return Launch(std::make_unique<RecvCall>(Environment::Of(env), virStreamRecv.name, stream, size, std::nullopt),
                stream, arguments);
}

napi_value StreamRecvFlags(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info, virStreamRecvFlags.name, "stream,nbytes,flags");
  Object* stream = arguments.NeedHandle(0, Class::Stream);
  auto size = static_cast<size_t>(arguments.Whole(1, 0, kMostBytes));
  uint32_t flags = arguments.Uint32(2);
  return Launch(std::make_unique<RecvCall>(Environment::Of(env), virStreamRecvFlags.name, stream, size, flags), stream,
                arguments);
}

napi_value StreamRecvHole(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info, virStreamRecvHole.name, "stream,flags");
  Object* stream = arguments.NeedHandle(0, Class::Stream);
  uint32_t flags = arguments.Uint32(1);
  return Launch(std::make_unique<RecvHoleCall>(Environment::Of(env), stream, flags), stream, arguments);
}

napi_value StreamSend(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info, virStreamSend.name, "stream,data");
  Object* stream = arguments.NeedHandle(0, Class::Stream);
  // Copied here: JavaScript may write over them while the call waits.
  std::vector<char> data = arguments.Uint8Array(1);
  return Launch(std::make_unique<SendCall>(Environment::Of(env), stream, std::move(data)), stream, arguments);
}

napi_value StreamSendHole(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info, virStreamSendHole.name, "stream,length,flags");
  Object* stream = arguments.NeedHandle(0, Class::Stream);
  int64_t length = arguments.Int64(1);
  uint32_t flags = arguments.Uint32(2);
  return Launch(std::make_unique<SendHoleCall>(Environment::Of(env), stream, length, flags), stream, arguments);
}

napi_value StreamAbort(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info, lib::virStreamAbort.name, "stream");
  Object* stream = arguments.NeedHandle(0, Class::Stream);
  return Launch(std::make_unique<PlainCall>(Environment::Of(env), lib::virStreamAbort, stream), stream, arguments);
}

napi_value StreamFinish(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info, virStreamFinish.name, "stream");
  Object* stream = arguments.NeedHandle(0, Class::Stream);
  return Launch(std::make_unique<PlainCall>(Environment::Of(env), virStreamFinish, stream), stream, arguments);
}

/** (stream, events, id of the registration). */
napi_value StreamEventAddCallback(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info, virStreamEventAddCallback.name, "stream,events,registration");
  Object* stream = arguments.NeedHandle(0, Class::Stream);
  int events = arguments.Int32(1);
  double id = arguments.Double(2);
  return Launch(std::make_unique<AddCallbackCall>(Environment::Of(env), stream, events, id), stream, arguments);
}

napi_value StreamEventUpdateCallback(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info, virStreamEventUpdateCallback.name, "stream,events");
  Object* stream = arguments.NeedHandle(0, Class::Stream);
  int events = arguments.Int32(1);
  return Launch(std::make_unique<UpdateCallbackCall>(Environment::Of(env), stream, events), stream, arguments);
}

napi_value StreamEventRemoveCallback(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info, lib::virStreamEventRemoveCallback.name, "stream");
  Object* stream = arguments.NeedHandle(0, Class::Stream);
  return Launch(std::make_unique<RemoveCallbackCall>(Environment::Of(env), stream), stream, arguments);
}

}  // namespace novalet

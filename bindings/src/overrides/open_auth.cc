// By hand: while the open waits on its thread, libvirt's questions are asked in JavaScript, whose answers may be
// promises.
#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <map>
#include <utility>
#include <vector>

#include "../arguments.h"
#include "../event_loop.h"
#include "../library.h"
#include "../library_claim.h"
#include "overrides.h"

namespace novalet {
namespace {

struct Asked {
  int type;
  std::optional<std::string> prompt, challenge, default_result;
};

/** A round of questions, on the stack of the thread that waits for the answers. */
class Question final : public Environment::Mourner {
 public:
  Question() {
    std::lock_guard lock(Mutex());
    id_ = next_id_++;
    Open()[id_] = this;
  }
  ~Question() override {
    std::lock_guard lock(Mutex());
    Open().erase(id_);
  }

  double id() const { return id_; }
  std::vector<std::optional<std::string>> answers;

  /** False when the answer was no, or nobody is left to give one. */
  bool Wait() {
    std::unique_lock lock(Mutex());
    answered_.wait(lock, [this] { return done_; });
    return agreed_;
  }
  void EnvironmentGone() override {
    std::lock_guard lock(Mutex());
    Done(false);
  }
  /** Ignored when the question is not open any more. */
  static void Answer(double id, bool agreed, std::vector<std::optional<std::string>> answers) {
    std::lock_guard lock(Mutex());
    auto found = Open().find(id);
    if (found == Open().end() || found->second->done_) return;
    found->second->answers = std::move(answers);
    found->second->Done(agreed);
  }

 private:
  static std::mutex& Mutex() {
    static auto* const mutex = new std::mutex();
    return *mutex;
  }
  static std::map<double, Question*>& Open() {
    static auto* const open = new std::map<double, Question*>();
    return *open;
  }
  void Done(bool agreed) {
    done_ = true;
    agreed_ = agreed;
    answered_.notify_one();
  }

  inline static double next_id_ = 1;
  double id_ = 0;
  bool done_ = false;
  bool agreed_ = false;
  std::condition_variable answered_;
};

class AskDelivery final : public Delivery {
 public:
  AskDelivery(double request, double question, std::vector<Asked> asked)
      : request_(request), question_(question), asked_(std::move(asked)) {}

  void Deliver(Environment& environment) override {
    napi_env env = environment.env();
    napi_value arguments[3];
    napi_create_double(env, request_, &arguments[0]);
    napi_create_double(env, question_, &arguments[1]);
    std::vector<napi_value> credentials;
    for (const Asked& asked : asked_) {
      napi_value items[5];
      napi_create_int32(env, asked.type, &items[0]);
      items[1] = StringOrNull(env, asked.prompt ? asked.prompt->c_str() : nullptr);
      items[2] = StringOrNull(env, asked.challenge ? asked.challenge->c_str() : nullptr);
      items[3] = StringOrNull(env, asked.default_result ? asked.default_result->c_str() : nullptr);
      napi_get_null(env, &items[4]);
      credentials.push_back(environment.CallHook(kTuple, 5, items));
      if (credentials.back() == nullptr) return Question::Answer(question_, false, {});
    }
    arguments[2] = environment.CallHook(kTuple, credentials.size(), credentials.data());
    if (arguments[2] == nullptr || environment.CallHook(kAskCredentials, 3, arguments) == nullptr)
      Question::Answer(question_, false, {});
  }

 private:
  const double request_;
  const double question_;
  const std::vector<Asked> asked_;
};

class OpenAuthCall final : public Call {
 public:
  OpenAuthCall(Environment* environment, char* name, std::vector<int> types, double request, uint32_t flags)
      : Call(environment, "virConnectOpenAuth"),
        name_(name),
        types_(std::move(types)),
        request_(request),
        flags_(flags) {}
  ~OpenAuthCall() override {
    std::free(name_);
    if (connection_ != nullptr) connection_->Release();
  }

 protected:
  void Execute() override {
    if (!Have(lib::virConnectOpenAuth)) return;
    if (std::optional<Failure> why = ClaimProcess(Library::Libvirt, function())) return Fail(std::move(*why));
    EventLoop::Register();
    abi::Auth auth = {types_.data(), static_cast<unsigned int>(types_.size()), request_ < 0 ? nullptr : Ask, this};
    void* conn = lib::virConnectOpenAuth(name_, &auth, flags_);
    if (conn == nullptr) return FailWithLastError();
    connection_ = Connection::New(conn);
  }
  napi_value Result(napi_env env) override { return HandleToJs(env, std::exchange(connection_, nullptr)); }

 private:
  static std::optional<std::string> Copy(const char* text) {
    return text == nullptr ? std::nullopt : std::optional<std::string>(text);
  }

  /** libvirt's callback: 0 with the results filled in, -1 to give up. */
  static int Ask(abi::Credential* credentials, unsigned int count, void* opaque) {
    auto* call = static_cast<OpenAuthCall*>(opaque);
    std::vector<Asked> asked;
    for (unsigned int i = 0; i < count; ++i) {
      const abi::Credential& one = credentials[i];
      asked.push_back({one.type, Copy(one.prompt), Copy(one.challenge), Copy(one.defresult)});
    }
    Question question;
    if (!call->environment().AddMourner(&question)) return -1;
    call->environment().Post(new AskDelivery(call->request_, question.id(), std::move(asked)));
    bool agreed = question.Wait();
    call->environment().RemoveMourner(&question);
    if (!agreed) return -1;
    for (unsigned int i = 0; i < count && i < question.answers.size(); ++i) {
      if (!question.answers[i]) continue;
      credentials[i].result = strdup(question.answers[i]->c_str());
      credentials[i].resultlen = static_cast<unsigned int>(question.answers[i]->size());
    }
    return 0;
  }

  char* const name_;
  std::vector<int> types_;
  const double request_;
  const uint32_t flags_;
  Connection* connection_ = nullptr;
};

}  // namespace

/** (name, [credential types], request or -1 for no callback, flags). The request comes back with every question. */
napi_value ConnectOpenAuth(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info, "virConnectOpenAuth", "name?,credtypes,request,flags");
  char* name = arguments.String(0);
  std::vector<int> types;
  uint32_t length = 0;
  if (napi_get_array_length(env, arguments.at(1), &length) == napi_ok) {
    for (uint32_t i = 0; i < length; ++i) {
      napi_value item;
      int type = 0;
      if (napi_get_element(env, arguments.at(1), i, &item) == napi_ok &&
          napi_get_value_int32(env, item, &type) == napi_ok)
        types.push_back(type);
    }
  }
  double request = arguments.Double(2);
  uint32_t flags = arguments.Uint32(3);
  auto call = std::make_unique<OpenAuthCall>(Environment::Of(env), name, std::move(types), request, flags);
  return Call::Launch(std::move(call), arguments.refusal());
}

/** (question, [answers] or null to give up). */
napi_value AnswerCredentials(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info, "answerCredentials", "question,answers");
  double question = arguments.Double(0);
  uint32_t length = 0;
  bool agreed = napi_get_array_length(env, arguments.at(1), &length) == napi_ok;
  std::vector<std::optional<std::string>> answers(length);
  for (uint32_t i = 0; i < length; ++i) {
    napi_value item;
    size_t size = 0;
    if (napi_get_element(env, arguments.at(1), i, &item) != napi_ok ||
        napi_get_value_string_utf8(env, item, nullptr, 0, &size) != napi_ok)
      continue;
    answers[i].emplace(size, '\0');
    napi_get_value_string_utf8(env, item, answers[i]->data(), size + 1, &size);
  }
  Question::Answer(question, agreed, std::move(answers));
  return nullptr;
}

}  // namespace novalet

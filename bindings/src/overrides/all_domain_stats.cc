// By hand: records of typed parameters. Setting sixty properties on a thousand objects from here would cost ten times
// what libvirt does, so the records are packed on the call's thread and lib/packed.ts makes the objects, with one
// factory for each shape of record.
#include <cstring>
#include <unordered_map>
#include <utility>
#include <vector>

#include "../arguments.h"
#include "../call.h"
#include "../library.h"
#include "../packer.h"
#include "overrides.h"

namespace novalet {
namespace {

class StatsCall final : public Call {
 public:
  StatsCall(Environment* environment, const char* function, uint32_t stats, uint32_t flags)
      : Call(environment, function), stats_(stats), flags_(flags), packer_(environment->bigint()) {}
  ~StatsCall() override {
    for (Object* domain : domains_) domain->Release();
  }

  void UseConnection(Object* conn) {
    conn_ = conn;
    Use(conn);
  }
  /** Of those domains only, which must be of this connection: it is what keeps them. */
  bool UseDomains(const std::vector<Object*>& domains) {
    listed_ = true;
    for (Object* domain : domains) {
      if (domain->connection() != conn_) return false;
      if (domain->disposed || !domain->TryRetain()) {
        Fail(*domain->WhyUnusable(function()));
        return true;
      }
      domains_.push_back(domain);
    }
    return true;
  }

 protected:
  void Execute() override {
    abi::DomainStatsRecord** records = nullptr;
    int count = Get(&records);
    if (count < 0) return;
    for (int i = 0; i < count; ++i) Pack(*records[i]);
    lib::virDomainStatsRecordListFree(records);
  }

  /** [shape of each record, shapes, numbers, texts, handles] */
  napi_value Result(napi_env env) override {
    napi_value items[5];
    void* data = nullptr;
    size_t bytes = shape_of_.size() * sizeof(uint32_t);
    if (napi_create_arraybuffer(env, bytes, &data, &items[0]) != napi_ok) return nullptr;
    if (bytes > 0) std::memcpy(data, shape_of_.data(), bytes);
    if (napi_create_array_with_length(env, shapes_.size(), &items[1]) != napi_ok) return nullptr;
    for (uint32_t i = 0; i < shapes_.size(); ++i) {
      napi_value shape;
      if (napi_create_string_utf8(env, shapes_[i].data(), shapes_[i].size(), &shape) != napi_ok ||
          napi_set_element(env, items[1], i, shape) != napi_ok) {
        return nullptr;
      }
    }
    if (!packer_.BuffersToJs(env, &items[2], &items[3], &items[4])) return nullptr;
    return environment().CallHook(kTuple, 5, items);
  }

 private:
  int Get(abi::DomainStatsRecord*** records) {
    int count = -1;
    if (listed_) {
      if (!Have(lib::virDomainListGetStats)) return -1;
      std::vector<void*> domains;
      for (Object* domain : domains_) domains.push_back(domain->pointer());
      domains.push_back(nullptr);
      count = lib::virDomainListGetStats(domains.data(), stats_, records, flags_);
    } else {
      if (!Have(lib::virConnectGetAllDomainStats)) return -1;
      count = lib::virConnectGetAllDomainStats(conn_->pointer(), stats_, records, flags_);
    }
    if (count < 0) FailWithLastError();
    return count;
  }

  void Pack(const abi::DomainStatsRecord& record) {
    if (lib::virDomainRef(record.dom) != 0) return;
    Object* domain = Object::Child(Class::Domain, record.dom, conn_->connection());
    if (domain == nullptr) return;
    packer_.Handle(domain);
    packer_.TakeShape();  // every record has its domain
    packer_.Parameters(record.params, record.nparams);
    std::string shape = packer_.TakeShape();
    auto [found, is_new] = shape_ids_.try_emplace(shape, static_cast<uint32_t>(shapes_.size()));
    if (is_new) shapes_.push_back(std::move(shape));
    shape_of_.push_back(found->second);
  }

  Object* conn_ = nullptr;
  bool listed_ = false;
  const uint32_t stats_;
  const uint32_t flags_;
  std::vector<Object*> domains_;
  std::vector<uint32_t> shape_of_;
  std::vector<std::string> shapes_;
  std::unordered_map<std::string, uint32_t> shape_ids_;
  Packer packer_;
};

}  // namespace

napi_value ConnectGetAllDomainStats(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info, "virConnectGetAllDomainStats", "conn,stats,flags");
  Object* conn = arguments.NeedHandle(0, Class::Connect);
  uint32_t stats = arguments.Uint32(1);
  uint32_t flags = arguments.Uint32(2);
  auto call = std::make_unique<StatsCall>(Environment::Of(env), "virConnectGetAllDomainStats", stats, flags);
  if (conn != nullptr) call->UseConnection(conn);
  return Call::Launch(std::move(call), arguments.refusal());
}

napi_value DomainListGetStats(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info, "virDomainListGetStats", "conn,doms,stats,flags");
  Object* conn = arguments.NeedHandle(0, Class::Connect);
  std::vector<Object*> domains;
  arguments.Handles(1, Class::Domain, &domains);
  uint32_t stats = arguments.Uint32(2);
  uint32_t flags = arguments.Uint32(3);
  auto call = std::make_unique<StatsCall>(Environment::Of(env), "virDomainListGetStats", stats, flags);
  if (conn != nullptr) call->UseConnection(conn);
  Refusal foreign{true, "virDomainListGetStats: doms must be domains of this connection"};
  const bool own = !arguments.ok() || call->UseDomains(domains);
  return Call::Launch(std::move(call), own ? arguments.refusal() : &foreign);
}

}  // namespace novalet

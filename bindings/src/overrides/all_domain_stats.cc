// By hand: records of typed parameters. Setting sixty properties on a thousand objects from here would cost ten times
// what libvirt does, so the records are packed on the call's thread and lib/domain-stats.ts makes the objects, with one
// factory for each shape of record.
#include <cstring>
#include <unordered_map>
#include <utility>
#include <vector>

#include "../arguments.h"
#include "../library.h"
#include "overrides.h"

namespace novalet {
namespace {

class StatsCall final : public Call {
 public:
  StatsCall(Environment* environment, Object* conn, uint32_t stats, uint32_t flags)
      : Call(environment, "virConnectGetAllDomainStats"), conn_(conn), stats_(stats), flags_(flags) {}
  ~StatsCall() override {
    for (Object* domain : domains_) {
      if (domain != nullptr) domain->Release();
    }
  }

 protected:
  void Execute() override {
    abi::DomainStatsRecord** records = nullptr;
    if (!Have(lib::virConnectGetAllDomainStats)) return;
    int count = lib::virConnectGetAllDomainStats(conn_->pointer(), stats_, &records, flags_);
    if (count < 0) return FailWithLastError();
    for (int i = 0; i < count; ++i) Pack(*records[i]);
    lib::virDomainStatsRecordListFree(records);
  }

  /** [handles, shape of each record, shapes, values, strings]; texts are joined by NUL, which no string of C contains.
   */
  napi_value Result(napi_env env) override {
    napi_value items[5];
    if (napi_create_array_with_length(env, domains_.size(), &items[0]) != napi_ok) return nullptr;
    for (uint32_t i = 0; i < domains_.size(); ++i) {
      napi_value handle = HandleToJs(env, std::exchange(domains_[i], nullptr));
      if (handle == nullptr || napi_set_element(env, items[0], i, handle) != napi_ok) return nullptr;
    }
    if (!Buffer(env, shape_of_, &items[1]) || !Buffer(env, values_, &items[3])) return nullptr;
    if (napi_create_array_with_length(env, shapes_.size(), &items[2]) != napi_ok) return nullptr;
    for (uint32_t i = 0; i < shapes_.size(); ++i) {
      napi_value shape;
      if (napi_create_string_utf8(env, shapes_[i].data(), shapes_[i].size(), &shape) != napi_ok ||
          napi_set_element(env, items[2], i, shape) != napi_ok) {
        return nullptr;
      }
    }
    if (napi_create_string_utf8(env, strings_.data(), strings_.size(), &items[4]) != napi_ok) return nullptr;
    return environment().CallHook(kTuple, 5, items);
  }

 private:
  template <typename T>
  static bool Buffer(napi_env env, const std::vector<T>& values, napi_value* result) {
    void* data = nullptr;
    size_t bytes = values.size() * sizeof(T);
    if (napi_create_arraybuffer(env, bytes, &data, result) != napi_ok) return false;
    if (bytes > 0) std::memcpy(data, values.data(), bytes);
    return true;
  }

  void Pack(const abi::DomainStatsRecord& record) {
    if (lib::virDomainRef(record.dom) != 0) return;
    Object* domain = Object::Child(Class::Domain, record.dom, conn_->connection());
    if (domain == nullptr) return;
    domains_.push_back(domain);
    std::string shape;
    for (int i = 0; i < record.nparams; ++i) PackOne(record.params[i], &shape);
    auto [found, is_new] = shape_ids_.try_emplace(shape, static_cast<uint32_t>(shapes_.size()));
    if (is_new) shapes_.push_back(std::move(shape));
    shape_of_.push_back(found->second);
  }

  /** One value, and to the shape its kind (n number, b boolean, s string) and name. */
  void PackOne(const abi::TypedParameter& parameter, std::string* shape) {
    char kind = 'n';
    double value = 0;
    switch (parameter.type) {
      case abi::kInt:
        value = parameter.value.i;
        break;
      case abi::kUInt:
        value = parameter.value.ui;
        break;
      case abi::kLLong:
        value = static_cast<double>(parameter.value.l);
        break;
      case abi::kULLong:
        value = static_cast<double>(parameter.value.ul);
        break;
      case abi::kDouble:
        value = parameter.value.d;
        break;
      case abi::kBoolean:
        kind = 'b';
        value = parameter.value.b != 0;
        break;
      case abi::kString:
        kind = 's';
        strings_ += parameter.value.s == nullptr ? "" : parameter.value.s;
        strings_ += '\0';
        break;
      default:
        return;  // a type of a later libvirt: what cannot be read is left out
    }
    if (kind != 's') values_.push_back(value);
    *shape += kind;
    shape->append(parameter.field, strnlen(parameter.field, sizeof parameter.field));
    *shape += '\0';
  }

  Object* const conn_;
  const uint32_t stats_;
  const uint32_t flags_;
  std::vector<Object*> domains_;
  std::vector<uint32_t> shape_of_;
  std::vector<double> values_;
  std::vector<std::string> shapes_;
  std::unordered_map<std::string, uint32_t> shape_ids_;
  std::string strings_;
};

}  // namespace

napi_value ConnectGetAllDomainStats(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info, "virConnectGetAllDomainStats", "conn,stats,flags");
  Object* conn = arguments.NeedHandle(0, Class::Connect);
  uint32_t stats = arguments.Uint32(1);
  uint32_t flags = arguments.Uint32(2);
  auto call = std::make_unique<StatsCall>(Environment::Of(env), conn, stats, flags);
  if (conn != nullptr) call->Use(conn);
  return Call::Launch(std::move(call), arguments.refusal());
}

}  // namespace novalet

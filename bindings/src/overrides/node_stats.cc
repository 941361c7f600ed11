// By hand: the node's CPU and memory statistics, counted first and then filled, become a dictionary.
#include <vector>

#include "../abi_info.h"
#include "../value_call.h"
#include "overrides.h"

namespace novalet {
namespace {

void Stats(ValueCall& call) {
  auto* get = call.Own<int(void*, int, abi::NodeStats*, int*, unsigned int)>();
  if (get == nullptr) return;
  int count = 0;
  if (!call.Good(get(call.object(0), call.integer(1), nullptr, &count, call.flags(2)))) return;
  std::vector<abi::NodeStats> stats(static_cast<size_t>(count));
  if (count > 0 && !call.Good(get(call.object(0), call.integer(1), stats.data(), &count, call.flags(2)))) return;
  Packer& out = call.out();
  out.BeginRecord();
  for (int i = 0; i < count; ++i) {
    const abi::NodeStats& one = stats[static_cast<size_t>(i)];
    out.Key(one.field, sizeof one.field);
    out.Unsigned(one.value);
  }
  out.EndRecord();
}

const ValueRow kRows[] = {
    {"virNodeGetCPUStats", "0.9.3", "conn,cpuNum,flags", {An(Class::Connect), In::Int, In::UInt}, 3, Stats},
    {"virNodeGetMemoryStats", "0.9.3", "conn,cellNum,flags", {An(Class::Connect), In::Int, In::UInt}, 3, Stats},
};

}  // namespace

bool ExportNodeStats(napi_env env, napi_value exports) { return ExportValueRows(env, exports, kRows); }

}  // namespace novalet

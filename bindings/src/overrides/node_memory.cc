// By hand: free memory and huge pages of the node's cells.
#include <vector>

#include "../value_call.h"
#include "overrides.h"

namespace novalet {
namespace {

constexpr int kMostCells = 10000;
constexpr uint64_t kMostCounts = 1 << 20;

void CellsFreeMemory(ValueCall& call) {
  auto* get = call.Own<int(void*, unsigned long long*, int, int)>();
  if (get == nullptr) return;
  int start = call.integer(1), most = call.integer(2);
  if (start < 0 || most <= 0 || start > kMostCells - most)
    return call.FailWith("startCell must not be negative, maxCells must be positive, and both together at most 10000");
  std::vector<unsigned long long> cells(static_cast<size_t>(most));
  int count = get(call.object(0), cells.data(), start, most);
  if (!call.Good(count)) return;
  call.out().List(static_cast<size_t>(count), [&](size_t i) { call.out().Unsigned(cells[i]); });
}

/** {cell: {page size in KiB: free pages}} */
void FreePages(ValueCall& call) {
  auto* get = call.Own<int(void*, unsigned int, unsigned int*, int, unsigned int, unsigned long long*, unsigned int)>();
  if (get == nullptr) return;
  std::vector<unsigned int>& sizes = call.lists().unsigneds;
  uint64_t cells = call.flags(3);
  if (cells * sizes.size() > kMostCounts) return call.FailWith("pages and maxCells ask for more than 1048576 counts");
  std::vector<unsigned long long> counts(static_cast<size_t>(cells) * sizes.size());
  int filled = get(call.object(0), static_cast<unsigned int>(sizes.size()), sizes.data(), call.integer(2),
                   call.flags(3), counts.data(), call.flags(4));
  if (!call.Good(filled)) return;
  Packer& out = call.out();
  out.BeginRecord();
  for (size_t at = 0, cell = 0; at < static_cast<size_t>(filled) && !sizes.empty(); ++cell) {
    out.Key(std::to_string(call.integer(2) + static_cast<int>(cell)).c_str());
    out.BeginRecord();
    for (size_t size = 0; size < sizes.size(); ++size, ++at) {
      out.Key(std::to_string(sizes[size]).c_str());
      out.Unsigned(counts[at]);
    }
    out.EndRecord();
  }
  out.EndRecord();
}

void AllocatePages(ValueCall& call) {
  auto* allocate =
      call.Own<int(void*, unsigned int, unsigned int*, unsigned long long*, int, unsigned int, unsigned int)>();
  if (allocate == nullptr) return;
  std::vector<unsigned int>& sizes = call.lists().unsigneds;
  std::vector<unsigned long long>& counts = call.lists().counts;
  if (sizes.size() != counts.size()) return call.FailWith("a count for every page size is needed");
  call.OutCount(allocate(call.object(0), static_cast<unsigned int>(sizes.size()), sizes.data(), counts.data(),
                         call.integer(3), call.flags(4), call.flags(5)));
}

constexpr In kConnect = An(Class::Connect);

const ValueRow kRows[] = {
    {"virNodeGetCellsFreeMemory", "0.3.3", "conn,startCell,maxCells", {kConnect, In::Int, In::Int}, 3, CellsFreeMemory},
    {"virNodeGetFreePages",
     "1.2.6",
     "conn,pages,startCell,maxCells,flags",
     {kConnect, In::Unsigneds, In::Int, In::UInt, In::UInt},
     5,
     FreePages},
    {"virNodeAllocPages",
     "1.2.9",
     "conn,page sizes,page counts,startCell,cellCount,flags",
     {kConnect, In::Unsigneds, In::Counts, In::Int, In::UInt, In::UInt},
     6,
     AllocatePages},
};

}  // namespace

bool ExportNodeMemory(napi_env env, napi_value exports) { return ExportValueRows(env, exports, kRows); }

}  // namespace novalet

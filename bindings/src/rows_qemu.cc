// The functions of libvirt-qemu that need nothing by hand, from the generated list.
#include "row.h"

namespace novalet {
namespace {

using namespace token;

#define ROW(name, since, dispatch, rule, argument_names, ...) \
  MakeRow<__VA_ARGS__>(Library::Qemu, #name, since, Dispatch::dispatch, FailureRule::rule, argument_names),

const Row kRows[] = {
#include "rows_qemu.inc"
};

}  // namespace

bool ExportQemuRows(napi_env env, napi_value exports) { return ExportRows(env, exports, kRows, std::size(kRows)); }

}  // namespace novalet

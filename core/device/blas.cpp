#include <dlfcn.h>
#include <link.h>

#include "device/device.h"

namespace luthier {

namespace {
std::vector<std::string> loaded_objects() {
  std::vector<std::string> names;
  ::dl_iterate_phdr(
      [](dl_phdr_info* info, std::size_t, void* list) {
        if (info->dlpi_name && *info->dlpi_name)
          static_cast<std::vector<std::string>*>(list)->push_back(info->dlpi_name);
        return 0;
      },
      &names);
  return names;
}

// The global scope first; then every loaded object, because LibTorch may have come in with RTLD_LOCAL.
void* find_symbol(const char* name) {
  if (void* symbol = ::dlsym(RTLD_DEFAULT, name)) return symbol;
  for (const std::string& object : loaded_objects()) {
    void* handle = ::dlopen(object.c_str(), RTLD_LAZY | RTLD_NOLOAD);
    if (!handle) continue;
    void* symbol = ::dlsym(handle, name);
    ::dlclose(handle);
    if (symbol) return symbol;
  }
  return nullptr;
}
}  // namespace

std::optional<DeviceFinding> check_blas() {
  void* symbol = find_symbol("openblas_get_parallel");
  if (!symbol) return std::nullopt;
  const int parallel = reinterpret_cast<int (*)()>(symbol)();  // 0 sequential, 1 threads of its own, 2 OpenMP
  if (parallel == 2) return std::nullopt;
  Dl_info where{};
  const std::string file = ::dladdr(symbol, &where) && where.dli_fname ? where.dli_fname : "OpenBLAS";
  DeviceFinding finding;
  finding.id = "blas_pairing";
  finding.message = parallel == 1
                        ? "OpenBLAS is built with its own threads (" + file +
                              "), which fight with LibTorch's for the cores: training takes two to three times as long"
                        : "OpenBLAS is built without threads (" + file + "): training uses one core only";
  finding.hint =
      "install libopenblas0-openmp and remove libopenblas0-pthread, or choose the OpenMP build with "
      "\"update-alternatives --config\" for libblas.so.3, liblapack.so.3 and libopenblas.so.0; then start again";
  return finding;
}

}  // namespace luthier

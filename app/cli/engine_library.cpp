#include "cli/engine_library.h"

#include <dlfcn.h>

#include <filesystem>

#include "base/error.h"
#include "store/process.h"

namespace luthier {

namespace {
std::filesystem::path find_library(const std::string& name) {
  const std::filesystem::path folder = this_program().parent_path();
  for (const auto& place : {folder / name, folder / "../lib/luthier" / name})
    if (std::filesystem::exists(place)) return place.lexically_normal();
  fail(ErrorKind::io, name + " is missing: it holds what computes", folder.string(), "install or build Luthier again");
}

int run_in(const std::string& library_name, const char* entry_name, const char* needs,
           const std::vector<std::string>& words) {
  const std::filesystem::path path = find_library(library_name);
  void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library)
    fail(ErrorKind::io, std::string("it cannot be loaded: ") + ::dlerror(), path.string(),
         std::string("check that ") + needs + " is installed in the version that Luthier was built with");
  using Entry = int(int, const char* const*);
  auto* entry = reinterpret_cast<Entry*>(::dlsym(library, entry_name));
  if (!entry)
    fail(ErrorKind::io, "this is not a library of this program", path.string(), "install or build Luthier again");
  std::vector<const char*> pointers;
  for (const std::string& word : words) pointers.push_back(word.c_str());
  pointers.push_back(nullptr);
  return entry(static_cast<int>(words.size()), pointers.data());  // never unloaded: its threads may still run
}
}  // namespace

int run_in_engine(const std::vector<std::string>& words) {
  return run_in("libluthier_engine.so", "luthier_engine_main", "LibTorch", words);
}

int run_in_llamacpp(const std::vector<std::string>& words) {
  return run_in("libluthier_llamacpp.so", "luthier_llamacpp_main", "libllama", words);
}

int run_in_onnxruntime(const std::vector<std::string>& words) {
  return run_in("libluthier_onnxruntime.so", "luthier_onnxruntime_main", "ONNX Runtime", words);
}

}  // namespace luthier

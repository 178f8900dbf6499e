#include "cli/engine_library.h"

#include <dlfcn.h>

#include <filesystem>

#include "base/error.h"
#include "store/process.h"

namespace luthier {

namespace {
constexpr const char* kLibrary = "libluthier_engine.so";

std::filesystem::path find_library() {
  const std::filesystem::path folder = this_program().parent_path();
  for (const auto& place : {folder / kLibrary, folder / "../lib/luthier" / kLibrary})
    if (std::filesystem::exists(place)) return place.lexically_normal();
  fail(ErrorKind::io, std::string(kLibrary) + " is missing: it holds everything that computes", folder.string(),
       "install or build Luthier again");
}
}  // namespace

int run_in_engine(const std::vector<std::string>& words) {
  const std::filesystem::path path = find_library();
  void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library)
    fail(ErrorKind::io, std::string("the engine cannot be loaded: ") + ::dlerror(), path.string(),
         "check that LibTorch is installed in the version that Luthier was built with");
  using Entry = int(int, const char* const*);
  auto* entry = reinterpret_cast<Entry*>(::dlsym(library, "luthier_engine_main"));
  if (!entry)
    fail(ErrorKind::io, "this is not the engine of this program", path.string(), "install or build Luthier again");
  std::vector<const char*> pointers;
  for (const std::string& word : words) pointers.push_back(word.c_str());
  pointers.push_back(nullptr);
  return entry(static_cast<int>(words.size()), pointers.data());  // never unloaded: LibTorch's threads may still run
}

}  // namespace luthier

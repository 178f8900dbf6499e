// NVIDIA's management library by its C interface, loaded at run time: no header and no link-time dependency.
#include <dlfcn.h>

#include <algorithm>
#include <cstdlib>
#include <sstream>

#include "device/device.h"

namespace luthier {

namespace {
using Handle = struct NvmlDevice*;
struct NvmlMemory {  // nvmlMemory_t
  unsigned long long total, free, used;
};
constexpr unsigned kTextSize = 96;  // NVML_DEVICE_UUID_V2_BUFFER_SIZE and _NAME_V2_; the driver's version needs 80

class Nvml {
 public:
  explicit Nvml(const std::string& name) : library_(::dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL)) {
    const auto start = function<int()>("nvmlInit_v2");
    started_ = start && start() == 0;
  }
  ~Nvml() {
    if (const auto end = function<int()>("nvmlShutdown"); end && started_) end();
    if (library_) ::dlclose(library_);
  }
  Nvml(const Nvml&) = delete;
  Nvml& operator=(const Nvml&) = delete;

  /// True when the function is there and says success.
  template <class... Arguments>
  bool call(const char* name, Arguments... arguments) const {
    const auto called = function<int(Arguments...)>(name);
    return started_ && called && called(arguments...) == 0;
  }

 private:
  template <class Function>
  Function* function(const char* name) const {
    return library_ ? reinterpret_cast<Function*>(::dlsym(library_, name)) : nullptr;
  }
  void* library_;
  bool started_ = false;
};

std::vector<Gpu> all_gpus(const Nvml& nvml) {
  unsigned count = 0;
  std::vector<Gpu> found;
  if (!nvml.call("nvmlDeviceGetCount_v2", &count)) return found;
  char text[kTextSize] = "";
  const std::string driver = nvml.call("nvmlSystemGetDriverVersion", &text[0], kTextSize) ? text : "";
  for (unsigned i = 0; i < count; ++i) {
    Handle device = nullptr;
    if (!nvml.call("nvmlDeviceGetHandleByIndex_v2", i, &device)) continue;  // one that this user may not open
    Gpu gpu;
    gpu.index = static_cast<int>(i);
    gpu.driver = driver;
    if (nvml.call("nvmlDeviceGetName", device, &text[0], kTextSize)) gpu.name = text;
    if (nvml.call("nvmlDeviceGetUUID", device, &text[0], kTextSize)) gpu.uuid = text;
    NvmlMemory memory{};
    if (nvml.call("nvmlDeviceGetMemoryInfo", device, &memory)) {
      gpu.total_bytes = memory.total;
      gpu.free_bytes = memory.free;
    }
    nvml.call("nvmlDeviceGetCudaComputeCapability", device, &gpu.compute_major, &gpu.compute_minor);
    found.push_back(std::move(gpu));
  }
  return found;
}

/// CUDA's rule: a list of indices or of beginnings of UUIDs, cut at the first that names no device.
std::vector<Gpu> visible(const std::vector<Gpu>& all, const std::string& list) {
  std::vector<Gpu> chosen;
  std::istringstream words(list);
  for (std::string word; std::getline(words, word, ',');) {
    const auto named = std::find_if(all.begin(), all.end(), [&](const Gpu& gpu) {
      return word == std::to_string(gpu.index) || (word.rfind("GPU-", 0) == 0 && gpu.uuid.rfind(word, 0) == 0);
    });
    if (named == all.end()) break;
    chosen.push_back(*named);
    chosen.back().index = static_cast<int>(chosen.size()) - 1;
  }
  return chosen;
}
}  // namespace

std::vector<Gpu> gpus(const std::string& nvml_library) {
  const Nvml nvml(nvml_library);
  std::vector<Gpu> all = all_gpus(nvml);
  const char* list = std::getenv("CUDA_VISIBLE_DEVICES");
  return list ? visible(all, list) : all;
}

}  // namespace luthier

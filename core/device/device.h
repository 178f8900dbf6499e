#pragma once
// What this process may use of the machine: cores, memory, GPUs; and what it uses now. Nothing here loads LibTorch or
// CUDA.
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace luthier {

/// Cores that this process may keep busy: its scheduling affinity, cut by the CPU quota of its control groups (v1 or
/// v2), rounded up; at least 1. `root`: where proc and sys lie.
int usable_cores(const std::filesystem::path& root = "/");

struct Memory {
  std::uint64_t total_bytes = 0;      ///< the machine's
  std::uint64_t available_bytes = 0;  ///< the machine's, without swapping (MemAvailable)
  /// The tightest limit of the control groups around this process, and what they use without the file cache that the
  /// kernel would give back; absent where nothing is limited.
  std::optional<std::uint64_t> limit_bytes, limit_used_bytes;
  /// Memory available to this process: min(limit - used, available).
  std::uint64_t available_here_bytes = 0;
};
Memory memory(const std::filesystem::path& root = "/");

/// How often the kernel has killed a process for want of memory in this process's control group (machine-wide where
/// there is no memory group). The difference of two calls tells whether a signal 9 came from there.
std::uint64_t out_of_memory_kills(const std::filesystem::path& root = "/");

/// Bytes of this process. Mapped weights count in `resident` but not in `anonymous`.
struct ProcessMemory {
  std::uint64_t resident_bytes = 0, anonymous_bytes = 0;
  std::uint64_t peak_resident_bytes = 0;  ///< since the start or the last reset_peak_memory
};
ProcessMemory process_memory();
/// Lets the peak begin anew at what is resident now; false where the kernel does not allow it.
bool reset_peak_memory();

struct Gpu {
  int index = 0;  ///< as CUDA counts them in this process, with CUDA_DEVICE_ORDER=PCI_BUS_ID
  std::string name, uuid;
  std::uint64_t total_bytes = 0, free_bytes = 0;
  int compute_major = 0, compute_minor = 0;  ///< compute capability, 9.0 for an H100
  std::string driver;
  bool has_bf16() const { return compute_major >= 8; }
};
/// The NVIDIA GPUs that CUDA_VISIBLE_DEVICES leaves to this process, by NVML, which is loaded here; empty without it.
std::vector<Gpu> gpus(const std::string& nvml_library = "libnvidia-ml.so.1");

/// Something about the machine worth telling.
struct DeviceFinding {
  std::string id, message, hint;
};
/// LibTorch shares its threads with OpenBLAS's OpenMP build alone; with the pthread build two pools fight for the cores
/// and training takes more than twice as long. Asks the OpenBLAS that is loaded in this process, in whatever scope;
/// nullopt when it is the right build or there is none. Loads nothing.
std::optional<DeviceFinding> check_blas();

}  // namespace luthier

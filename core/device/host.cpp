// Cores and memory of the machine, as far as this process may have them.
#include <sched.h>

#include <algorithm>
#include <cmath>
#include <sstream>
#include <thread>

#include "device/control_group.h"
#include "device/device.h"

namespace luthier {

namespace {
int affinity_cores() {
  for (int capacity = 1024; capacity <= 1 << 20; capacity *= 2) {  // the kernel refuses a mask smaller than its own
    cpu_set_t* set = CPU_ALLOC(capacity);
    const std::size_t size = CPU_ALLOC_SIZE(capacity);
    CPU_ZERO_S(size, set);
    const int cores = ::sched_getaffinity(0, size, set) == 0 ? CPU_COUNT_S(size, set) : 0;
    CPU_FREE(set);
    if (cores > 0) return cores;
  }
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

/// Cores' worth of time a period; infinity without a quota.
double cpu_quota(const ControlGroup& group) {
  double quota = INFINITY;
  for (const auto& folder : group.folders) {
    double time = -1, period = 0;
    if (group.version == 2) {
      std::istringstream text(text_of(folder / "cpu.max"));  // "max 100000" or "50000 100000"
      if (!(text >> time >> period)) continue;
    } else {
      std::istringstream quota_text(text_of(folder / "cpu.cfs_quota_us")),
          period_text(text_of(folder / "cpu.cfs_period_us"));
      if (!(quota_text >> time) || !(period_text >> period)) continue;
    }
    if (time > 0 && period > 0) quota = std::min(quota, time / period);
  }
  return quota;
}

std::optional<std::uint64_t> number_in(const std::filesystem::path& file) {
  std::istringstream text(text_of(file));
  std::uint64_t number = 0;
  if (text >> number) return number;
  return std::nullopt;  // "max", or no such file
}

struct GroupMemory {
  std::uint64_t limit, used;
};

std::optional<GroupMemory> group_memory(const std::filesystem::path& folder, int version) {
  const bool v2 = version == 2;
  const auto limit = number_in(folder / (v2 ? "memory.max" : "memory.limit_in_bytes"));
  const auto used = number_in(folder / (v2 ? "memory.current" : "memory.usage_in_bytes"));
  if (!limit || !used) return std::nullopt;
  const auto cache =
      number_after(text_of(folder / "memory.stat"), v2 ? "inactive_file" : "total_inactive_file").value_or(0);
  return GroupMemory{*limit, *used - std::min(*used, cache)};
}
}  // namespace

int usable_cores(const std::filesystem::path& root) {
  double cores = affinity_cores();
  for (const ControlGroup& group : control_groups("cpu", root)) cores = std::min(cores, std::ceil(cpu_quota(group)));
  return std::max(1, static_cast<int>(cores));
}

Memory memory(const std::filesystem::path& root) {
  Memory memory;
  const std::string info = text_of(root / "proc/meminfo");
  memory.total_bytes = number_after(info, "MemTotal:").value_or(0) * 1024;
  memory.available_bytes = number_after(info, "MemAvailable:").value_or(memory.total_bytes / 1024) * 1024;
  memory.available_here_bytes = memory.available_bytes;
  for (const ControlGroup& group : control_groups("memory", root)) {
    for (const auto& folder : group.folders) {
      const auto found = group_memory(folder, group.version);
      // Version 1 says "no limit" as a number far above any machine's memory.
      if (!found || (memory.total_bytes > 0 && found->limit >= memory.total_bytes)) continue;
      const std::uint64_t left = found->limit - std::min(found->limit, found->used);
      const bool tightest =
          !memory.limit_bytes || left < *memory.limit_bytes - std::min(*memory.limit_bytes, *memory.limit_used_bytes);
      if (tightest) {
        memory.limit_bytes = found->limit;
        memory.limit_used_bytes = found->used;
      }
      memory.available_here_bytes = std::min(memory.available_here_bytes, left);
    }
  }
  return memory;
}

std::uint64_t out_of_memory_kills(const std::filesystem::path& root) {
  for (const ControlGroup& group : control_groups("memory", root)) {
    if (group.folders.empty()) continue;
    const char* file = group.version == 2 ? "memory.events" : "memory.oom_control";
    if (const auto kills = number_after(text_of(group.folders.front() / file), "oom_kill")) return *kills;
  }
  return number_after(text_of(root / "proc/vmstat"), "oom_kill").value_or(0);
}

}  // namespace luthier

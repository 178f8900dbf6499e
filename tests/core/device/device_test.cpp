// Limits as control groups of both versions state them, in made-up /proc and /sys trees laid out as proc(5) and the
// kernel's cgroup documents say; and what this very process sees.
#include "device/device.h"

#include <dlfcn.h>
#include <sched.h>
#include <sys/mman.h>

#include <cstring>
#include <thread>

#include "support/testing.h"

using namespace luthier;
using testing::write_text;

namespace {
constexpr std::uint64_t kMegabyte = 1 << 20;

/// A root with `groups` as /proc/self/cgroup and `mounts` as the mountinfo lines of control groups; 8 GB of memory.
void make_root(const fs::path& root, const std::string& groups, const std::string& mounts) {
  write_text(root / "proc/self/cgroup", groups);
  write_text(root / "proc/self/mountinfo", "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n" + mounts);
  write_text(root / "proc/meminfo",
             "MemTotal:        8388608 kB\nMemFree:         1048576 kB\nMemAvailable:    6291456 kB\n");
  write_text(root / "proc/vmstat", "nr_free_pages 12\noom_kill 4\n");
}

constexpr const char* kMountV2 = "30 22 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n";

/// Compiles a shared library from C source; empty when there is no compiler.
fs::path compile(const fs::path& folder, const std::string& name, const std::string& source,
                 const std::vector<std::string>& more = {}) {
  write_text(folder / (name + ".c"), source);
  std::vector<std::string> words = {
      "cc", "-shared", "-fPIC", "-o", (folder / ("lib" + name + ".so")).string(), (folder / (name + ".c")).string()};
  words.insert(words.end(), more.begin(), more.end());
  return testing::run_program(words).exit_code == 0 ? folder / ("lib" + name + ".so") : fs::path();
}
}  // namespace

class DeviceTest : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void withoutControlGroupsTheMachinesMemoryCounts() {
    TemporaryFolder root;
    make_root(root.path(), "", "");
    const Memory found = memory(root.path());
    QCOMPARE(found.total_bytes, 8192 * kMegabyte);
    QCOMPARE(found.available_bytes, 6144 * kMegabyte);
    QCOMPARE(found.available_here_bytes, 6144 * kMegabyte);
    QVERIFY(!found.limit_bytes);
    QCOMPARE(out_of_memory_kills(root.path()), std::uint64_t(4));
  }

  void versionTwoLimitsCountTheTightestOfAllLevels() {
    TemporaryFolder root;
    make_root(root.path(), "0::/user.slice/app.scope\n", kMountV2);
    const fs::path top = root.path() / "sys/fs/cgroup", slice = top / "user.slice", app = slice / "app.scope";
    write_text(app / "memory.max", "max\n");
    write_text(app / "memory.current", "104857600\n");
    write_text(app / "memory.events", "low 0\nhigh 0\nmax 3\noom 1\noom_kill 2\n");
    write_text(slice / "memory.max", "2147483648\n");
    write_text(slice / "memory.current", "1610612736\n");                    // 1536 MB, of which
    write_text(slice / "memory.stat", "anon 1\ninactive_file 536870912\n");  // 512 MB can go at once
    const Memory found = memory(root.path());
    QCOMPARE(found.limit_bytes.value(), 2048 * kMegabyte);
    QCOMPARE(found.limit_used_bytes.value(), 1024 * kMegabyte);
    QCOMPARE(found.available_here_bytes, 1024 * kMegabyte);
    QCOMPARE(out_of_memory_kills(root.path()), std::uint64_t(2));
  }

  void versionOneLimitsAreFoundInAContainer() {
    TemporaryFolder root;
    // In a container the process names its group as the host does, and the mount shows that group as its top.
    make_root(root.path(), "9:memory:/docker/abc\n3:cpu,cpuacct:/docker/abc\n",
              "40 22 0:33 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n"
              "41 22 0:34 /docker/abc /sys/fs/cgroup/cpu,cpuacct ro - cgroup cgroup rw,cpu,cpuacct\n");
    const fs::path memory_group = root.path() / "sys/fs/cgroup/memory";
    write_text(memory_group / "memory.limit_in_bytes", "1073741824\n");
    write_text(memory_group / "memory.usage_in_bytes", "805306368\n");
    write_text(memory_group / "memory.stat", "cache 9\ntotal_inactive_file 268435456\n");
    write_text(memory_group / "memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 7\n");
    write_text(root.path() / "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "50000\n");
    write_text(root.path() / "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n");
    const Memory found = memory(root.path());
    QCOMPARE(found.limit_bytes.value(), 1024 * kMegabyte);
    QCOMPARE(found.available_here_bytes, 512 * kMegabyte);
    QCOMPARE(out_of_memory_kills(root.path()), std::uint64_t(7));
    QCOMPARE(usable_cores(root.path()), 1);  // half a core is one
  }

  void versionOnesNoLimitIsNone() {
    TemporaryFolder root;
    make_root(root.path(), "9:memory:/\n", "40 22 0:33 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n");
    write_text(root.path() / "sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    write_text(root.path() / "sys/fs/cgroup/memory/memory.usage_in_bytes", "805306368\n");
    QVERIFY(!memory(root.path()).limit_bytes);
    QCOMPARE(memory(root.path()).available_here_bytes, 6144 * kMegabyte);
  }

  void usageAboveTheLimitLeavesNothing() {
    TemporaryFolder root;
    make_root(root.path(), "0::/\n", kMountV2);
    write_text(root.path() / "sys/fs/cgroup/memory.max", "1000\n");
    write_text(root.path() / "sys/fs/cgroup/memory.current", "2000\n");
    QCOMPARE(memory(root.path()).available_here_bytes, std::uint64_t(0));
  }

  void damagedTreesGiveTheMachinesNumbers() {
    TemporaryFolder root;
    make_root(root.path(), "nonsense\n0::\n::::\n7:memory\n", "x y z\n30 22 - cgroup2\n" + std::string(kMountV2));
    write_text(root.path() / "sys/fs/cgroup/memory.max", "lots\n");
    write_text(root.path() / "sys/fs/cgroup/cpu.max", "\n");
    QCOMPARE(memory(root.path()).available_here_bytes, 6144 * kMegabyte);
    QVERIFY(usable_cores(root.path()) >= 1);
    TemporaryFolder nothing;
    QCOMPARE(memory(nothing.path()).total_bytes, std::uint64_t(0));
  }

  void theCpuQuotaIsRoundedUp() {
    TemporaryFolder root;
    make_root(root.path(), "0::/a/b\n", kMountV2);
    write_text(root.path() / "sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
    write_text(root.path() / "sys/fs/cgroup/a/cpu.max", "20000 100000\n");
    QCOMPARE(usable_cores(root.path()), 1);
    write_text(root.path() / "sys/fs/cgroup/a/cpu.max", "max 100000\n");
    cpu_set_t set;
    CPU_ZERO(&set);
    QCOMPARE(::sched_getaffinity(0, sizeof set, &set), 0);
    QCOMPARE(usable_cores(root.path()), CPU_COUNT(&set));
  }

  void affinityLimitsTheCores() {
    cpu_set_t before, one;
    QCOMPARE(::sched_getaffinity(0, sizeof before, &before), 0);
    CPU_ZERO(&one);
    for (int core = 0; core < CPU_SETSIZE && CPU_COUNT(&one) == 0; ++core)
      if (CPU_ISSET(core, &before)) CPU_SET(core, &one);
    QCOMPARE(::sched_setaffinity(0, sizeof one, &one), 0);
    const int cores = usable_cores();
    ::sched_setaffinity(0, sizeof before, &before);
    QCOMPARE(cores, 1);
  }

  void thisMachineHasMemory() {
    const Memory here = memory();
    QVERIFY(here.total_bytes > 64 * kMegabyte);
    QVERIFY(here.available_here_bytes > 0 && here.available_here_bytes <= here.available_bytes);
  }

  void touchedMemoryCountsAndThePeakCanBeReset() {
    constexpr std::size_t kSize = 64 * kMegabyte;
    const ProcessMemory before = process_memory();
    void* block = ::mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    QVERIFY(block != MAP_FAILED);
    std::memset(block, 1, kSize);
    const ProcessMemory with = process_memory();
    ::munmap(block, kSize);
    QVERIFY(with.resident_bytes >= before.resident_bytes + kSize * 9 / 10);
    // Some sandboxes keep no count of anonymous pages.
    if (before.anonymous_bytes > 0) QVERIFY(with.anonymous_bytes >= before.anonymous_bytes + kSize * 9 / 10);
    if (process_memory().peak_resident_bytes == process_memory().resident_bytes) QSKIP("this kernel keeps no peak");
    QVERIFY(process_memory().peak_resident_bytes >= with.resident_bytes * 9 / 10);
    if (!reset_peak_memory()) QSKIP("this kernel does not reset the peak");
    QVERIFY(process_memory().peak_resident_bytes < with.resident_bytes);
  }

  // ---- GPUs
  // -----------------------------------------------------------------------------------------------------------
  void withoutNvmlThereAreNoGpus() { QVERIFY(gpus("libthere-is-no-such-library.so").empty()); }

  void aLibraryThatIsNotNvmlGivesNoGpus() { QVERIFY(gpus("libc.so.6").empty()); }

  void gpusAreReadThroughNvmlsInterface() {
    TemporaryFolder folder;
    // Two devices; the first one may not be opened by this user (NVML_ERROR_NO_PERMISSION = 4).
    const fs::path library = compile(folder.path(), "nvml", R"(
      #include <string.h>
      struct memory { unsigned long long total, free, used; };
      int nvmlInit_v2(void) { return 0; }
      int nvmlShutdown(void) { return 0; }
      int nvmlDeviceGetCount_v2(unsigned* count) { *count = 3; return 0; }
      int nvmlSystemGetDriverVersion(char* text, unsigned size) { strncpy(text, "550.1", size); return 0; }
      int nvmlDeviceGetHandleByIndex_v2(unsigned i, void** device) { *device = (void*)(long)(i + 1); return i == 0 ? 4 : 0; }
      int nvmlDeviceGetName(void* device, char* text, unsigned size) { strncpy(text, "Test GPU", size); return 0; }
      int nvmlDeviceGetUUID(void* device, char* text, unsigned size) {
        strncpy(text, (long)device == 2 ? "GPU-aaaa-1" : "GPU-bbbb-2", size); return 0; }
      int nvmlDeviceGetMemoryInfo(void* device, struct memory* m) { m->total = 80; m->free = 70; m->used = 10; return 0; }
      int nvmlDeviceGetCudaComputeCapability(void* device, int* major, int* minor) { *major = 9; *minor = 0; return 0; }
    )");
    if (library.empty()) QSKIP("needs a C compiler");
    qunsetenv("CUDA_VISIBLE_DEVICES");
    const auto all = gpus(library.string());
    QCOMPARE(all.size(), 2u);
    QCOMPARE(all[0].index, 1);
    QCOMPARE(all[0].name, std::string("Test GPU"));
    QCOMPARE(all[0].driver, std::string("550.1"));
    QVERIFY(all[0].total_bytes == 80 && all[0].free_bytes == 70);
    QVERIFY(all[0].compute_major == 9 && all[0].has_bf16());
    const auto chosen = [&](const char* list) {
      qputenv("CUDA_VISIBLE_DEVICES", list);
      std::string uuids;
      for (const Gpu& gpu : gpus(library.string())) uuids += std::to_string(gpu.index) + ":" + gpu.uuid + " ";
      qunsetenv("CUDA_VISIBLE_DEVICES");
      return uuids;
    };
    QCOMPARE(chosen("2,1"), std::string("0:GPU-bbbb-2 1:GPU-aaaa-1 "));
    QCOMPARE(chosen("GPU-bbbb"), std::string("0:GPU-bbbb-2 "));
    QCOMPARE(chosen("1,7,2"), std::string("0:GPU-aaaa-1 "));  // cut at the first that is not there
    QCOMPARE(chosen(""), std::string());
    QCOMPARE(chosen("-1"), std::string());
  }

  // ---- BLAS
  // -----------------------------------------------------------------------------------------------------------
  void aProcessWithoutOpenBlasHasNoFinding() {
    QVERIFY(!check_blas());
    QVERIFY(::dlsym(RTLD_DEFAULT, "openblas_get_parallel") == nullptr);  // and nothing was loaded to find out
  }

  void theWrongBuildIsNamedAlsoWhenLoadedLocally() {
    TemporaryFolder folder;
    const auto library = [&](int parallel) {
      return compile(folder.path(), "blas" + std::to_string(parallel),
                     "int openblas_get_parallel(void) { return " + std::to_string(parallel) + "; }");
    };
    if (library(0).empty()) QSKIP("needs a C compiler");
    const auto found_with = [](const fs::path& path) {
      void* handle = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
      const auto finding = check_blas();
      ::dlclose(handle);
      return finding;
    };
    QVERIFY(!found_with(library(2)));
    const auto threads = found_with(library(1)), none = found_with(library(0));
    QVERIFY(threads && none);
    QVERIFY(threads->message.find("its own threads") != std::string::npos);
    QVERIFY(threads->message.find("libblas1.so") != std::string::npos);
    QVERIFY(threads->hint.find("libopenblas0-openmp") != std::string::npos);
    QVERIFY(none->message.find("without threads") != std::string::npos);
  }

  void theToolboxsLibTorchHasTheRightBuild() {
    void* handle = ::dlopen("libtorch_cpu.so", RTLD_LAZY | RTLD_LOCAL);
    if (!handle) QSKIP("there is no LibTorch to load");
    const auto finding = check_blas();
    QVERIFY2(!finding, finding ? finding->message.c_str() : "");
  }
};

QTEST_GUILESS_MAIN(DeviceTest)
#include "device_test.moc"

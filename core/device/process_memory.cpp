#include <fcntl.h>
#include <unistd.h>

#include "device/control_group.h"
#include "device/device.h"

namespace luthier {

ProcessMemory process_memory() {
  const std::string status = text_of("/proc/self/status");
  const auto bytes = [&](const char* key) { return number_after(status, key).value_or(0) * 1024; };
  return {bytes("VmRSS:"), bytes("RssAnon:"), bytes("VmHWM:")};
}

bool reset_peak_memory() {
  const int descriptor = ::open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);
  if (descriptor < 0) return false;
  const bool done = ::write(descriptor, "5", 1) == 1;  // 5: reset VmHWM (proc(5))
  ::close(descriptor);
  return done;
}

}  // namespace luthier

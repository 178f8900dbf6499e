#include "jobs/background.h"

#ifdef __linux__
#include <sys/resource.h>
#endif

namespace luthier {

void giveWayToWindow() {
#ifdef __linux__
  // On Linux a nice value belongs to a thread, and 0 means the calling one. About a third of the window's share.
  setpriority(PRIO_PROCESS, 0, 5);
#endif
}

}  // namespace luthier

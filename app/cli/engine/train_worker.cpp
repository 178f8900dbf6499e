// `luthier-cli train-worker RUN`: the trainer, started by the supervisor.
#include <ATen/Parallel.h>

#include "base/error.h"
#include "base/files.h"
#include "cli/arguments.h"
#include "cli/engine/commands.h"
#include "device/device.h"
#include "engine/run.h"

namespace luthier {

int command_train_worker(const std::vector<std::string>& words) {
  const Arguments arguments(words, "luthier-cli train-worker RUN", {}, {});
  arguments.at_most(1);
  at::set_num_threads(usable_cores());
  Store store(luthier_home());
  const std::string id = store.run(arguments.position(0, "RUN")).id;
  if (const auto finding = check_blas()) {
    EventRow row;
    row.kind = "finding";
    row.message = finding->message;
    row.detail_json = R"({"id": "blas_pairing", "severity": "warning"})";
    store.append(id, {}, {row});
  }
  execute_run(store, id);
  return 0;
}

}  // namespace luthier

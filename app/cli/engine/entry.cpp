// The engine library's one exported function: the commands that need LibTorch.
#include "cli/engine/commands.h"
#include "cli/lab/lab.h"
#include "cli/lab/start.h"

/// `arguments`: the command's name and its words. Returns the exit code; never throws.
extern "C" __attribute__((visibility("default"))) int luthier_engine_main(int count, const char* const* arguments) {
  constexpr luthier::EngineCommand commands[] = {
      {"evaluate", luthier::command_evaluate},
      {"export", luthier::command_export},
      {"generate", luthier::command_generate},
      {"import", luthier::command_import},
      {"lab", luthier::run_lab},
      {"merge", luthier::command_merge},
      {"predict", luthier::command_predict},
      {"preflight", luthier::command_preflight},
      {"serve", luthier::command_serve},
      {"train-worker", luthier::command_train_worker},
  };
  return luthier::run_engine_command({arguments, arguments + count}, commands);
}

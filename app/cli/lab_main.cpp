// luthier-cli of the "engine" build: `lab` alone, linked with everything it needs.
#include "cli/lab/lab.h"
#include "cli/lab/start.h"

int main(int count, char** arguments) {
  constexpr luthier::EngineCommand commands[] = {{"lab", luthier::run_lab}};
  return luthier::run_engine_command({arguments + (count > 0 ? 1 : 0), arguments + count}, commands);
}

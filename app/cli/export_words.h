#pragma once
// What every process that exports or checks prints, and how it is told to stop.
#include <filesystem>
#include <string>

#include "base/json.h"

namespace luthier {

/// The first SIGINT or SIGTERM asks to stop and to leave nothing behind; a second one ends the process as usual.
void listen_for_signals();

/// With --progress a JSON line for each new stage and percent; in any case the place where a signal takes effect
/// (cancelled).
class ExportProgressLines {
 public:
  explicit ExportProgressLines(bool lines) : lines_(lines) {}
  void operator()(const std::string& stage, double share);

 private:
  bool lines_;
  std::string stage_;
  int percent_ = -2;
};

/// Prints a proof and returns the exit code: 0 proven, 1 not.
int report_proof(const std::filesystem::path& path, const Json& proof, bool json);

}  // namespace luthier

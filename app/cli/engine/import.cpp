// `luthier-cli import`: a checkpoint of another library as a Hugging Face folder.
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "cli/arguments.h"
#include "cli/engine/commands.h"
#include "models/torchvision.h"

namespace luthier {

int command_import(const std::vector<std::string>& words) {
  const Arguments arguments(words, "luthier-cli import FILE --out DIR", {"--out"}, {});
  arguments.at_most(1);
  const std::string file = arguments.position(0, "FILE"), folder = arguments.required("--out");
  const TorchvisionImport import = import_torchvision(file, folder);
  if (arguments.json()) {
    std::cout << Json{{"model", import.name}, {"path", folder}, {"note", import.note}}.dump(
                     -1, ' ', false, Json::error_handler_t::replace)
              << std::endl;
    return 0;
  }
  std::cout << folder << "\n  torchvision's " << import.name << ", ready to train\n";
  if (!import.note.empty()) std::cout << "  note: " << import.note << "\n";
  return 0;
}

}  // namespace luthier

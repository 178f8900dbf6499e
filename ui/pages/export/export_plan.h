#pragma once
// What the export dialog has to know about a run, and what it wants to be written.
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "jobs/error_text.h"
#include "recipe/recipe.h"

namespace luthier {

struct ExportSource {
  QString run;                   ///< its id
  QString name;                  ///< as people call it
  QString checkpoint;            ///< "best checkpoint, step 240"
  Recipe recipe;                 ///< as the run stored it
  std::filesystem::path folder;  ///< below which exports are suggested
};

struct ExportChoice {
  QString kind, precision;
  std::filesystem::path folder;         ///< that is made
  std::map<std::string, Json> options;  ///< further options of the export that were changed, by key
};

/// Bytes of the weights by exporter kind and number type.
using ExportSizes = std::map<std::string, std::map<std::string, double>>;
/// Reads headers of weight files.
ExportSizes exportSizes(const Recipe& recipe);
/// Bytes beside the weights: tokenizer and configuration, which are copied.
double smallFiles(const Recipe& recipe);

/// Why a run's result cannot be written in this format; empty when it can.
QString reasonAgainst(const std::string& kind, const Recipe& recipe);
/// Whether the format leaves the number type to choose; adapters keep theirs.
bool takesPrecision(const std::string& kind);
/// The options that a format has and that matter for what the run trained; format and folder have controls of their
/// own.
std::vector<OptionSpec> optionsFor(const std::string& kind, const Recipe& recipe);

/// A folder that is not there yet: "<below>/<name>-<kind>", with a number when that exists.
std::filesystem::path freeFolder(const std::filesystem::path& below, const std::string& name, const std::string& kind);
/// Why nothing can be written there; empty when it can. `bytes` 0: not known.
QString reasonAgainst(const std::filesystem::path& folder, double bytes);

}  // namespace luthier

#pragma once
// The model folders on this computer, and whether each suits task and memory.
#include <QString>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "recipe/outline.h"
#include "recipe/recipe.h"

namespace luthier {

enum class ModelOrigin { opened, starter, project, run, cache };

struct FoundModel {
  std::filesystem::path folder;
  ModelOrigin origin = ModelOrigin::opened;
  QString name;    ///< "Qwen/Qwen2.5-0.5B", "encoder"
  QString family;  ///< "BERT"; or the config's own word for a family that is not known
  QString licence;
  std::uint64_t bytes = 0;  ///< of the weights
  /// With the objective's head, or the model's own where it has no such head; null when it was refused.
  std::shared_ptr<const ModelOutline> outline;
  bool otherTask = false;
  QString ownTask;  ///< "classify", "language", ...: what a model of another task is for
  QString refused;  ///< why it cannot be used at all; empty: it can
  QString refusedHint;
};

/// Where to look. All paths absolute.
struct ModelPlaces {
  std::vector<std::filesystem::path> opened;    ///< chosen by hand
  std::vector<std::filesystem::path> projects;  ///< folders of projects
  std::filesystem::path starters, cache, home;  ///< home: of the run store
  std::filesystem::path drawn;                  ///< a folder whose weights are drawn anew, so there need be none
};

/// $HF_HUB_CACHE, $HF_HOME/hub, $XDG_CACHE_HOME/huggingface/hub or ~/.cache/huggingface/hub: the first that is set.
std::filesystem::path huggingFaceCache();
/// Reads configs and weights' headers: not for the window's thread. Each folder once, in the order of the places.
std::vector<FoundModel> findModels(const ModelPlaces& places, const std::string& objective, std::int64_t labels);
/// One folder, whatever is wrong with it. `drawn`: no weights are expected.
FoundModel lookAtModel(const std::filesystem::path& folder, ModelOrigin origin, const std::string& objective,
                       std::int64_t labels, bool drawn = false);
/// From the front matter of README.md, else the name of a licence file; empty where there is neither.
QString licenceOf(const std::filesystem::path& folder);

/// What the memory estimate depends on besides the model.
struct FitSetting {
  MethodOptions method;
  TrainingOptions training;
  std::int64_t tokens = 128;
  std::uint64_t available_bytes = 0;  ///< 0: not known
};
enum class Fit { fits, tight, tooLarge, otherTask, refused };
Fit rate(const FoundModel& model, const FitSetting& setting);

}  // namespace luthier

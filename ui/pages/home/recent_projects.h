#pragma once
// What the list of recent projects tells of each.
#include <QString>
#include <filesystem>
#include <optional>
#include <vector>

#include "store/store.h"

namespace luthier {

struct RecentProject {
  std::filesystem::path folder;
  QString name;
  QString task;         ///< "Classify text"
  QString model, data;  ///< names of folder and file; may be empty
  std::optional<RunRow> lastRun;
};

/// Reads the recipes; folders whose recipe cannot be read are left out. Not for the window's thread.
std::vector<RecentProject> readRecentProjects(const std::vector<std::filesystem::path>& folders,
                                              const std::vector<RunRow>& runs, const std::filesystem::path& home);

}  // namespace luthier

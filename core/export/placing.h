#pragma once
// Where an export goes: looked at before any work is done, made at one stroke at the end, undone where it fails.
#include <filesystem>
#include <memory>
#include <vector>

#include "base/files.h"

namespace luthier {

class Placing {
 public:
  /// Checks `folder` and makes the folders above it. `overwrite`: an earlier export of Luthier's may stand there.
  /// Errors: conflict (something is there already), bad_input (a name or path that is too long), io.
  Placing(const std::filesystem::path& folder, bool overwrite);
  /// Without keep(): the new folder goes, an earlier export is put back, and folders that were made are taken away.
  ~Placing();
  Placing(const Placing&) = delete;
  Placing& operator=(const Placing&) = delete;

  const std::filesystem::path& folder() const { return folder_; }
  /// An empty folder on the same disk, to build in.
  const std::filesystem::path& building() const { return building_->path(); }
  /// What was built is at its place from here on, in one step; what stood there is kept aside.
  void put();
  void keep();

 private:
  std::filesystem::path folder_;
  std::vector<std::filesystem::path> made_;  ///< folders above, from the top
  std::unique_ptr<TemporaryFolder> building_, aside_;
  bool put_ = false, kept_ = false;
};

}  // namespace luthier

#include "export/placing.h"

#include <limits.h>

#include <algorithm>
#include <system_error>

#include "base/error.h"

namespace luthier {

namespace {
constexpr std::size_t kRoomForNames = 96;  ///< below the folder: temporary names, shards, the proof's files
constexpr const char* kOldName = "earlier";

void check_length(const fs::path& folder) {
  const bool long_path = folder.native().size() + kRoomForNames > PATH_MAX;
  const bool long_name =
      std::any_of(folder.begin(), folder.end(), [](const fs::path& part) { return part.native().size() > NAME_MAX; });
  if (!long_path && !long_name) return;
  fail(ErrorKind::bad_input,
       long_name ? "a folder's name has at most " + std::to_string(NAME_MAX) + " bytes on this system"
                 : "the path is too long for this system",
       folder.string().substr(0, 200) + " ...", "choose a shorter name");
}

void check_free(const fs::path& folder, bool overwrite) {
  if (!fs::exists(fs::symlink_status(folder))) return;
  if (fs::is_directory(folder) && fs::is_empty(folder)) return;
  if (!overwrite)
    fail(ErrorKind::conflict, "there is something already where the export would go", folder.string(),
         "choose a new or empty folder, or replace an earlier export with overwrite");
  // Only what an export wrote, and never a link to somewhere else.
  if (fs::is_symlink(folder) || !fs::is_directory(folder) || !fs::exists(folder / "proof" / "reference.json"))
    fail(ErrorKind::conflict, "what is there is no export of Luthier's, so it is not replaced", folder.string(),
         "choose a new or empty folder");
}
}  // namespace

Placing::Placing(const fs::path& folder, bool overwrite) : folder_(folder) {
  check_length(folder_);
  check_free(folder_, overwrite);
  try {
    std::vector<fs::path> missing;
    for (fs::path above = folder_.parent_path(); !above.empty() && !fs::exists(above); above = above.parent_path())
      missing.push_back(above);
    for (auto above = missing.rbegin(); above != missing.rend(); ++above)
      if (fs::create_directory(*above)) made_.push_back(*above);
    building_ = std::make_unique<TemporaryFolder>(folder_.parent_path(), ".luthier-export-");
  } catch (...) {
    std::error_code ignored;
    for (auto one = made_.rbegin(); one != made_.rend(); ++one) fs::remove(*one, ignored);
    throw;
  }
}

void Placing::put() {
  // A temporary folder is its maker's alone; an artefact is read by others too.
  fs::permissions(building(),
                  fs::perms::group_read | fs::perms::group_exec | fs::perms::others_read | fs::perms::others_exec,
                  fs::perm_options::add);
  if (fs::exists(folder_) && !fs::is_empty(folder_)) {
    aside_ = std::make_unique<TemporaryFolder>(folder_.parent_path(), ".luthier-export-");
    fs::rename(folder_, aside_->path() / kOldName);
  } else {
    fs::remove(folder_);  // an empty folder, or nothing
  }
  fs::rename(building(), folder_);
  put_ = true;
  building_->keep();
  sync_folder(folder_.parent_path());
}

void Placing::keep() { kept_ = true; }

Placing::~Placing() {
  std::error_code ignored;
  if (kept_) return;
  if (put_) fs::remove_all(folder_, ignored);
  if (aside_) fs::rename(aside_->path() / kOldName, folder_, ignored);
  building_.reset();
  aside_.reset();
  for (auto one = made_.rbegin(); one != made_.rend(); ++one) fs::remove(*one, ignored);  // those that are empty again
}

}  // namespace luthier

#pragma once
// A small disk of its own, for tests of what happens when one is full.
#include <sys/mount.h>

#include <cstdint>
#include <filesystem>
#include <string>

namespace luthier::testing {

/// A tmpfs of so many bytes at `folder` (made where it is absent), for as long as the value lives.
class SmallDisk {
 public:
  SmallDisk(std::filesystem::path folder, std::uint64_t bytes) : folder_(std::move(folder)) {
    std::filesystem::create_directories(folder_);
    mounted_ = ::mount("tmpfs", folder_.c_str(), "tmpfs", 0, ("size=" + std::to_string(bytes)).c_str()) == 0;
  }
  ~SmallDisk() {
    if (mounted_) ::umount(folder_.c_str());
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  bool mounted() const { return mounted_; }  ///< false: there is no right to
  bool resize(std::uint64_t bytes) const {
    return ::mount(nullptr, folder_.c_str(), nullptr, MS_REMOUNT, ("size=" + std::to_string(bytes)).c_str()) == 0;
  }

 private:
  std::filesystem::path folder_;
  bool mounted_ = false;
};

}  // namespace luthier::testing

#pragma once
// The control groups around this process, v1 and v2, as folders.
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace luthier {

struct ControlGroup {
  int version = 2;
  std::vector<std::filesystem::path> folders;  ///< the process's own group first, then the ones around it
};

/// Every hierarchy that has `controller` ("memory", "cpu"); a group v2 is always among them where it is mounted.
std::vector<ControlGroup> control_groups(const std::string& controller, const std::filesystem::path& root);

/// A file's text; "" when it cannot be read.
std::string text_of(const std::filesystem::path& file);

/// The number after `key` at a line's beginning ("MemTotal:", "oom_kill").
std::optional<std::uint64_t> number_after(const std::string& text, const std::string& key);

}  // namespace luthier

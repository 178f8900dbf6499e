#include "device/control_group.h"

#include <algorithm>
#include <sstream>

#include "base/error.h"
#include "base/files.h"

namespace luthier {

namespace {
std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  return parts;
}

bool lists(const std::string& comma_separated, const std::string& name) {
  const auto parts = split(comma_separated, ',');
  return std::find(parts.begin(), parts.end(), name) != parts.end();
}

struct Mount {
  bool v2 = false;
  std::string inside;  ///< the group that the mount shows as its top
  std::string point;
  std::string options;
};

// A line of mountinfo: id parent device inside point options [optional ...] - type source super-options (proc(5)).
std::vector<Mount> group_mounts(const fs::path& root) {
  std::vector<Mount> mounts;
  for (const std::string& line : split(text_of(root / "proc/self/mountinfo"), '\n')) {
    const auto fields = split(line, ' ');
    const auto dash = std::find(fields.begin(), fields.end(), "-");
    if (fields.size() < 6 || fields.end() - dash < 4) continue;
    const std::string& type = *(dash + 1);
    if (type == "cgroup2" || type == "cgroup") mounts.push_back({type == "cgroup2", fields[3], fields[4], *(dash + 3)});
  }
  return mounts;
}

std::vector<fs::path> folders_of(const Mount& mount, const std::string& group, const fs::path& root) {
  const fs::path top = root / fs::path(mount.point).relative_path();
  fs::path below = fs::path(group).relative_path();
  if (mount.inside != "/") {  // a container sees its own group as the top, while the group may be named from outside
    const fs::path relative = fs::path(group).lexically_relative(mount.inside);
    below = relative.empty() || *relative.begin() == ".." ? fs::path() : relative;
  }
  std::vector<fs::path> folders;
  std::error_code ignored;
  for (fs::path folder = (top / below).lexically_normal();; folder = folder.parent_path()) {
    if (fs::is_directory(folder, ignored)) folders.push_back(folder);
    if (folder == top || folder == folder.parent_path() || folder.string().size() <= top.string().size()) break;
  }
  return folders;
}
}  // namespace

std::string text_of(const fs::path& file) {
  try {
    return read_file(file, 1 << 22);
  } catch (const Error&) {  // another kernel, another container: the caller goes on without this fact
    return {};
  }
}

std::optional<std::uint64_t> number_after(const std::string& text, const std::string& key) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string name;
    std::uint64_t number = 0;
    if (words >> name && name == key && words >> number) return number;
  }
  return std::nullopt;
}

std::vector<ControlGroup> control_groups(const std::string& controller, const fs::path& root) {
  const std::vector<Mount> mounts = group_mounts(root);
  std::vector<ControlGroup> groups;
  for (const std::string& line : split(text_of(root / "proc/self/cgroup"), '\n')) {  // "4:memory:/a/b" or "0::/a/b"
    const auto first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const bool v2 = controllers.empty();
    if (!v2 && !lists(controllers, controller)) continue;
    for (const Mount& mount : mounts) {
      if (mount.v2 != v2 || (!v2 && !lists(mount.options, controller))) continue;
      groups.push_back({v2 ? 2 : 1, folders_of(mount, line.substr(second + 1), root)});
      break;
    }
  }
  return groups;
}

}  // namespace luthier

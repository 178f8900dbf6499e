#include "shell/settings.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "jobs/quick_write.h"

namespace luthier {

namespace {
constexpr std::size_t kRecentAtMost = 12;
}

void SettingsOptions::describe(OptionVisitor& v) {
  v.choice({.key = "theme", .label = "Theme", .help = "Light, dark, or as the desktop has it."},
           {"system", "light", "dark"}, theme);
  v.integer({.key = "text_size",
             .label = "Text size",
             .help = "Of the whole window. Ctrl+Plus and Ctrl+Minus change it by 10.",
             .unit = "%",
             .min = 90,
             .max = 150},
            text_size);
  v.boolean({.key = "high_contrast",
             .label = "High contrast",
             .help = "Draws the borders of fields and buttons in a stronger colour."},
            high_contrast);
  v.boolean({.key = "reduced_motion", .label = "Reduce motion", .help = "Nothing turns or slides."}, reduced_motion);
  v.choice({.key = "language", .label = "Language", .help = "Takes effect when the window is opened again."},
           {"system", "en", "de"}, language);
  v.text({.key = "projects_folder",
          .label = "Projects folder",
          .help = "Where new projects are made. Empty: \"projects\" beside the runs."},
         projects_folder);
  v.integer({.key = "threads",
             .label = "Processor threads",
             .help = "That new runs use. 0 takes all cores; fewer leave room for other programs.",
             .min = 0,
             .max = 1024},
            threads);
}

Settings::Settings(const fs::path& home, QObject* parent)
    : QObject(parent), home_(home), file_(home / "settings.json"), other_(Json::object()) {
  // A damaged file must not keep the window from opening: what cannot be read is at its default again.
  try {
    if (!fs::exists(file_)) return;
    const Json json = read_json(file_);
    if (!json.is_object()) return;
    std::vector<Problem> problems;
    if (json.contains("options")) read_options(json["options"], "", options_, problems);
    if (json.contains("window") && json["window"].is_object()) other_ = json["window"];
  } catch (const Error&) {
    return;
  }
}

void Settings::set(const SettingsOptions& options) {
  options_ = options;
  save();
  Q_EMIT changed();
}

fs::path Settings::projectsFolder() const {
  return options_.projects_folder.empty() ? home_ / "projects" : resolve_path(options_.projects_folder, home_);
}

std::vector<fs::path> Settings::recentProjects() const {
  std::vector<fs::path> folders;
  if (!other_.contains("recent") || !other_["recent"].is_array()) return folders;
  std::error_code ignored;
  for (const Json& one : other_["recent"])
    if (one.is_string() && fs::exists(fs::path(one.get<std::string>()) / "recipe.json", ignored))
      folders.emplace_back(one.get<std::string>());
  return folders;
}

void Settings::addRecent(const fs::path& folder) {
  Json list = Json::array({folder.string()});
  for (const fs::path& one : recentProjects())
    if (one != folder && list.size() < kRecentAtMost) list.push_back(one.string());
  other_["recent"] = std::move(list);
  save();
  Q_EMIT recentChanged();
}

QByteArray Settings::state(const QString& key) const {
  const auto found = other_.find(key.toStdString());
  if (found == other_.end() || !found->is_string()) return {};
  return QByteArray::fromBase64(QByteArray::fromStdString(found->get<std::string>()));
}

void Settings::setState(const QString& key, const QByteArray& value) {
  other_[key.toStdString()] = value.toBase64().toStdString();
  save();
}

void Settings::save() {
  try {
    fs::create_directories(home_);
    const Json all = {{"options", write_options(options_)}, {"window", other_}};
    quickWrite(file_, all.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
  } catch (const Error&) {
    // A full disk must not stop the work: the settings hold for this window and are written with the next change.
  }
}

}  // namespace luthier

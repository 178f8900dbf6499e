#pragma once
// What the user has chosen for the program as a whole, kept in $LUTHIER_HOME/settings.json; declared as options like
// everything else, so that the Settings page is an option form.
#include <QObject>
#include <filesystem>

#include "base/options.h"

namespace luthier {

struct SettingsOptions {
  std::string theme = "system";  ///< system light dark
  std::int64_t text_size = 100;  ///< percent
  bool high_contrast = false;
  bool reduced_motion = false;
  std::string language = "system";  ///< system en de
  std::string projects_folder;      ///< where new projects are made; empty: home/projects
  std::int64_t threads = 0;         ///< of new runs; 0: all cores
  void describe(OptionVisitor& v);
};

class Settings : public QObject {
  Q_OBJECT
 public:
  explicit Settings(const std::filesystem::path& home, QObject* parent = nullptr);
  const SettingsOptions& options() const { return options_; }
  void set(const SettingsOptions& options);  ///< saves and emits changed()

  std::filesystem::path projectsFolder() const;
  const std::filesystem::path& home() const { return home_; }
  /// Folders of projects, the one last opened first; those that are gone are left out.
  std::vector<std::filesystem::path> recentProjects() const;
  void addRecent(const std::filesystem::path& folder);
  /// Window geometry and other state, base64 of Qt's own bytes.
  QByteArray state(const QString& key) const;
  void setState(const QString& key, const QByteArray& value);

 Q_SIGNALS:
  void changed();
  void recentChanged();

 private:
  void save();
  std::filesystem::path home_, file_;
  SettingsOptions options_;
  Json other_;  ///< recent projects and window state
};

}  // namespace luthier

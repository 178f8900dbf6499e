#pragma once
// The recipe that is being edited: the window's document. Every change goes through here, can be undone, is saved to
// the project's folder within a second, and tells which options it touched.
#include <QObject>
#include <QStringList>
#include <QTimer>
#include <QUndoStack>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "jobs/error_text.h"
#include "recipe/recipe.h"

namespace luthier {

/// A project is a folder with a recipe.json; paths in it that lie in the folder are relative, so that it can be copied
/// elsewhere and opened there.
class Document : public QObject {
  Q_OBJECT
 public:
  explicit Document(QObject* parent = nullptr);
  ~Document() override;

  bool isOpen() const { return !folder_.empty(); }
  const std::filesystem::path& folder() const { return folder_; }
  const std::filesystem::path& file() const { return file_; }  ///< what save() writes
  QString name() const;

  /// Makes `folder` (which may be there, without a recipe.json) a project and opens it. Errors as the core throws them.
  void create(const std::filesystem::path& folder, const Json& recipe);
  /// Opens a project's folder, or a recipe file in any folder (recipe.json or another name).
  void open(const std::filesystem::path& path);
  void close();

  /// The recipe as it was written (options at their default may be absent).
  const Json& json() const { return json_; }
  /// The value at "training.learning_rate"; the option's default where it is not set; null where there is none.
  Json value(const QString& path) const;
  bool isSet(const QString& path) const;  ///< written in the recipe, so perhaps not the default
  double number(const QString& path) const;
  QString text(const QString& path) const;

  /// One undoable change; `what` names it ("Rank"). Changes of the same path within a second are one step. A null value
  /// removes the path (back to the default).
  void set(const QString& path, const Json& value, const QString& what);
  /// Several, as `--set` takes them ("training.batch_size=4"): a finding's fix. One step.
  void apply(const QStringList& assignments, const QString& what);
  /// The whole recipe anew (Load recipe). One step.
  void replace(const Json& recipe, const QString& what);

  QUndoStack& undoStack() { return undo_; }
  /// Everything that is wrong with the recipe now (empty paths of a new project too).
  const std::vector<Problem>& problems() const { return problems_; }
  /// The recipe with absolute paths; nullopt while it has problems.
  const std::optional<Recipe>& recipe() const { return recipe_; }
  /// As recipe(), but with what is there even when some of it is wrong; defaults stand in. For estimates.
  const Recipe& lenient() const { return lenient_; }

  /// Writes recipe.json now. The error is also shown by saveFailed().
  void save();
  /// When it was last written: seconds since 1970, 0 before.
  double savedAt() const { return savedAt_; }
  /// A path as it is to be written into the recipe: relative where it lies in the project's folder.
  std::string storedPath(const std::filesystem::path& path) const;
  std::filesystem::path absolutePath(const QString& stored) const;

 Q_SIGNALS:
  void projectChanged();                   ///< another project, or none
  void changed(const QStringList& paths);  ///< these paths have other values now ("" = everything)
  void saved();
  void saveFailed(const luthier::ErrorText& error);

 private:
  friend class RecipeCommand;
  void take(const Json& json, const QStringList& paths);
  void open(const std::filesystem::path& file, Json json);

  std::filesystem::path folder_, file_;
  Json json_;
  std::vector<Problem> problems_;
  std::optional<Recipe> recipe_;
  Recipe lenient_;
  QUndoStack undo_;
  QTimer saver_;
  double savedAt_ = 0;
};

}  // namespace luthier

#include "document/document.h"

#include <QDateTime>
#include <QUndoCommand>

#include "base/error.h"
#include "base/files.h"
#include "jobs/quick_write.h"
#include "recipe/draft.h"

namespace luthier {

namespace {
constexpr int kSaveMilliseconds = 400;
constexpr qint64 kMergeMilliseconds = 1000;

/// Where the recipe has `path`, or nullptr.
const Json* find(const Json& json, const QString& path) {
  const Json* at = &json;
  for (const QString& key : path.split('.')) {
    const auto found = at->is_object() ? at->find(key.toStdString()) : at->end();
    if (!at->is_object() || found == at->end()) return nullptr;
    at = &*found;
  }
  return at;
}

std::string textOf(const Json& recipe) { return recipe.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"; }

void remove(Json& json, const QString& path) {
  const qsizetype dot = path.lastIndexOf('.');
  Json* owner = &json;
  if (dot >= 0) owner = const_cast<Json*>(find(json, path.left(dot)));
  if (owner && owner->is_object()) owner->erase(path.mid(dot + 1).toStdString());
}
}  // namespace

/// One step of undo: the whole recipe before and after; recipes are small.
class RecipeCommand : public QUndoCommand {
 public:
  RecipeCommand(Document& document, Json after, QStringList paths, const QString& what, bool merges)
      : QUndoCommand(what),
        document_(document),
        before_(document.json_),
        after_(std::move(after)),
        paths_(std::move(paths)),
        merges_(merges),
        time_(QDateTime::currentMSecsSinceEpoch()) {}

  void redo() override { document_.take(after_, paths_); }
  void undo() override { document_.take(before_, paths_); }
  int id() const override { return merges_ ? 1 : -1; }
  bool mergeWith(const QUndoCommand* next) override {
    const auto* other = static_cast<const RecipeCommand*>(next);
    if (other->paths_ != paths_ || other->time_ - time_ > kMergeMilliseconds) return false;
    after_ = other->after_;
    time_ = other->time_;
    return true;
  }

 private:
  Document& document_;
  Json before_, after_;
  QStringList paths_;
  bool merges_;
  qint64 time_;
};

Document::Document(QObject* parent) : QObject(parent), json_(Json::object()) {
  saver_.setSingleShot(true);
  saver_.setInterval(kSaveMilliseconds);
  connect(&saver_, &QTimer::timeout, this, [this] {
    if (const auto error = attempt(tr("The recipe could not be saved"), [this] { save(); })) Q_EMIT saveFailed(*error);
  });
}

Document::~Document() {
  blockSignals(true);
  if (saver_.isActive()) attempt({}, [this] { save(); });
}

QString Document::name() const {
  const std::string given = json_.is_object() ? json_.value("name", std::string()) : std::string();
  return QString::fromStdString(given.empty() ? folder_.filename().string() : given);
}

void Document::create(const fs::path& folder, const Json& recipe) {
  const fs::path file = folder / "recipe.json";
  if (fs::exists(file))
    fail(ErrorKind::conflict, "the folder is a project already", folder.string(), "open it, or choose another name");
  fs::create_directories(folder);
  quickWrite(file, textOf(recipe));
  open(file, recipe);
}

void Document::open(const fs::path& path) {
  const fs::path file = fs::is_directory(path) ? path / "recipe.json" : path;
  Json json = read_json(file);
  if (!json.is_object())
    fail(ErrorKind::bad_input, "this is no recipe: a JSON object is expected", file.string(), "open another file");
  open(file, std::move(json));
}

void Document::open(const fs::path& file, Json json) {
  close();
  file_ = fs::absolute(file).lexically_normal();
  folder_ = file_.parent_path();
  savedAt_ = double(QDateTime::currentSecsSinceEpoch());
  undo_.clear();
  take(json, {QString()});
  saver_.stop();
  Q_EMIT projectChanged();
}

void Document::close() {
  if (!isOpen()) return;
  if (saver_.isActive()) {
    saver_.stop();
    attempt({}, [this] { save(); });
  }
  folder_.clear();
  file_.clear();
  undo_.clear();
  json_ = Json::object();
  recipe_.reset();
  problems_.clear();
  Q_EMIT projectChanged();
}

void Document::take(const Json& json, const QStringList& paths) {
  json_ = json;
  problems_.clear();
  lenient_ = read_draft(json_, folder_, problems_);
  if (lenient_.name.empty()) lenient_.name = folder_.filename().string();
  make_paths_absolute(lenient_);
  recipe_ = problems_.empty() ? std::optional<Recipe>(lenient_) : std::nullopt;
  saver_.start();
  Q_EMIT changed(paths);
}

Json Document::value(const QString& path) const {
  if (const Json* found = find(json_, path)) return *found;
  const Json defaults = recipe_to_json(lenient_);
  const Json* found = find(defaults, path);
  return found ? *found : Json();
}

bool Document::isSet(const QString& path) const { return find(json_, path) != nullptr; }

double Document::number(const QString& path) const {
  const Json found = value(path);
  return found.is_number() ? found.get<double>() : 0;
}

QString Document::text(const QString& path) const {
  const Json found = value(path);
  return found.is_string() ? QString::fromStdString(found.get<std::string>()) : QString();
}

void Document::set(const QString& path, const Json& value, const QString& what) {
  if (const Json* now = find(json_, path); now ? *now == value : value.is_null()) return;
  Json after = json_;
  if (value.is_null())
    remove(after, path);
  else
    set_path(after, path.toStdString() + "=" + value.dump());
  undo_.push(new RecipeCommand(*this, std::move(after), {path}, what, true));
}

void Document::apply(const QStringList& assignments, const QString& what) {
  Json after = json_;
  QStringList paths;
  for (const QString& assignment : assignments) {
    set_path(after, assignment.toStdString());
    paths << assignment.section('=', 0, 0);
  }
  if (after == json_) return;
  undo_.push(new RecipeCommand(*this, std::move(after), paths, what, false));
}

void Document::replace(const Json& recipe, const QString& what) {
  undo_.push(new RecipeCommand(*this, recipe, {QString()}, what, false));
}

void Document::save() {
  if (!isOpen()) return;
  saver_.stop();
  quickWrite(file_, textOf(json_));
  savedAt_ = double(QDateTime::currentSecsSinceEpoch());
  Q_EMIT saved();
}

std::string Document::storedPath(const fs::path& path) const {
  const fs::path relative = fs::absolute(path).lexically_normal().lexically_relative(folder_);
  if (relative.empty() || *relative.begin() == "..") return fs::absolute(path).lexically_normal().string();
  return relative.string();
}

fs::path Document::absolutePath(const QString& stored) const { return resolve_path(stored.toStdString(), folder_); }

}  // namespace luthier

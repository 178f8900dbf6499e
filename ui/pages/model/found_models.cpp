#include "pages/model/found_models.h"

#include <QDir>
#include <QFile>
#include <QObject>
#include <QTextStream>
#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <set>

#include "base/error.h"
#include "base/files.h"
#include "document/starters.h"
#include "recipe/catalog.h"
#include "recipe/memory.h"
#include "store/store.h"

namespace luthier {

namespace {
constexpr double kTightShare = 0.85;  // of the free memory: what a run takes beyond this leaves too little for the rest
constexpr int kFrontMatterLines = 200;

std::optional<fs::path> environmentPath(const char* name) {
  const char* value = std::getenv(name);
  return value && *value ? std::optional<fs::path>(value) : std::nullopt;
}

bool isModel(const fs::path& folder) {
  std::error_code absent;
  return fs::exists(folder / "config.json", absent);
}

std::vector<fs::path> foldersIn(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code absent;
  for (const auto& entry : fs::directory_iterator(folder, absent))
    if (entry.is_directory(absent)) found.push_back(entry.path());
  std::sort(found.begin(), found.end());
  return found;
}

/// models--ORG--NAME/snapshots/HASH: the one that refs/main names, else the one written last.
fs::path snapshotOf(const fs::path& entry) {
  QFile main(QString::fromStdString((entry / "refs/main").string()));
  if (main.open(QIODevice::ReadOnly)) {
    const fs::path named = entry / "snapshots" / main.read(200).trimmed().toStdString();
    if (isModel(named)) return named;
  }
  fs::path newest;
  for (const fs::path& snapshot : foldersIn(entry / "snapshots")) {
    std::error_code ignored;
    if (isModel(snapshot) &&
        (newest.empty() || fs::last_write_time(snapshot, ignored) > fs::last_write_time(newest, ignored)))
      newest = snapshot;
  }
  return newest;
}

/// The model that a project's recipe names.
fs::path modelOfProject(const fs::path& folder) {
  try {
    const Json recipe = read_json(folder / "recipe.json");
    const auto path = recipe.at("model").at("path").get<std::string>();
    return path.empty() ? fs::path() : resolve_path(path, folder);
  } catch (const Error&) {
  } catch (const Json::exception&) {
  }
  return {};
}

QString taskOfHead(const std::string& head) {
  if (head == "causal_lm") return QObject::tr("language");
  if (head == "masked_lm") return QObject::tr("fill in");
  if (head == "token_classification") return QObject::tr("tags words");
  if (head == "seq2seq_lm") return QObject::tr("writes text");
  if (head == "ctc") return QObject::tr("writes down speech");
  return QObject::tr("classifies");
}

/// What can never be trained, whatever the recipe says; another head or tokenizer can be chosen.
void refuse(FoundModel& model, const ModelOutline& outline) {
  static const std::set<std::string> mended = {"wrong_head", "no_tokenizer", "tokenizer_broken", "tokenizer_too_large"};
  for (const OutlineFinding& finding : outline.findings)
    if (model.refused.isEmpty() && finding.severity == "error" && !mended.contains(finding.id)) {
      model.refused = QString::fromStdString(finding.message);
      model.refusedHint = QString::fromStdString(finding.hint);
    }
}
}  // namespace

std::filesystem::path huggingFaceCache() {
  if (const auto cache = environmentPath("HF_HUB_CACHE")) return *cache;
  if (const auto home = environmentPath("HF_HOME")) return *home / "hub";
  if (const auto caches = environmentPath("XDG_CACHE_HOME")) return *caches / "huggingface/hub";
  return fs::path(QDir::homePath().toStdString()) / ".cache/huggingface/hub";
}

QString licenceOf(const std::filesystem::path& folder) {
  QFile readme(QString::fromStdString((folder / "README.md").string()));
  if (readme.open(QIODevice::ReadOnly)) {
    QTextStream lines(&readme);
    bool inside = false;
    for (int i = 0; i < kFrontMatterLines && !lines.atEnd(); ++i) {
      const QString line = lines.readLine(1000);
      if (line.trimmed() == "---") {
        if (inside) break;
        inside = true;
      } else if (i == 0) {
        break;
      } else if (line.startsWith("license:")) {
        const QString licence = line.mid(8).remove('"').remove('\'').trimmed();
        if (!licence.isEmpty()) return licence;
      }
    }
  }
  for (const char* name : {"LICENSE", "LICENSE.txt", "LICENSE.md", "LICENCE"}) {
    std::error_code absent;
    if (fs::exists(folder / name, absent)) return QObject::tr("see %1").arg(name);
  }
  return {};
}

FoundModel lookAtModel(const std::filesystem::path& folder, ModelOrigin origin, const std::string& objective,
                       std::int64_t labels, bool drawn) {
  FoundModel model;
  model.folder = folder;
  model.origin = origin;
  model.name = QString::fromStdString(folder.filename().string());
  model.licence = licenceOf(folder);
  try {
    const fs::path source = drawn ? folder / "config.json" : folder;
    ModelOutline outline = outline_for(source, objective, labels);
    const auto wrong = [](const OutlineFinding& finding) { return finding.id == "wrong_head"; };
    model.otherTask = std::any_of(outline.findings.begin(), outline.findings.end(), wrong);
    if (model.otherTask) outline = outline_model(source);
    model.ownTask = taskOfHead(outline.head);
    model.family = QString::fromStdString(family_of_model_type(outline.model_type).label);
    model.bytes = outline.file_bytes;
    refuse(model, outline);
    model.outline = std::make_shared<const ModelOutline>(std::move(outline));
  } catch (const Error& error) {
    model.refused = QString::fromStdString(error.message);
    model.refusedHint = QString::fromStdString(error.hint);
  }
  return model;
}

std::vector<FoundModel> findModels(const ModelPlaces& places, const std::string& objective, std::int64_t labels) {
  std::vector<FoundModel> found;
  std::set<fs::path> seen;
  const auto look = [&](const fs::path& folder, ModelOrigin origin, const QString& name) {
    std::error_code ignored;
    if (folder.empty() || !isModel(folder) || !seen.insert(fs::weakly_canonical(folder, ignored)).second) return;
    found.push_back(lookAtModel(folder, origin, objective, labels, folder == places.drawn));
    if (!name.isEmpty()) found.back().name = name;
  };
  for (const fs::path& folder : places.opened) look(folder, ModelOrigin::opened, {});
  for (const fs::path& project : places.projects) {
    look(modelOfProject(project), ModelOrigin::project, {});
    for (const fs::path& folder : foldersIn(project)) look(folder, ModelOrigin::project, {});
  }
  for (const fs::path& starter : foldersIn(places.starters))
    for (const fs::path& folder : foldersIn(starter))
      if (folder.filename() != kMadeFrom)
        look(folder, ModelOrigin::starter, QString::fromStdString((starter.filename() / folder.filename()).string()));
  if (!places.home.empty() && fs::exists(places.home / "luthier.db")) try {
      const Store store(places.home);
      for (const RunRow& run : store.runs())
        for (const ArtefactRow& artefact : store.artefacts(run.id))
          if (artefact.kind == "huggingface")
            look(artefact.path, ModelOrigin::run, QObject::tr("%1, trained").arg(QString::fromStdString(run.name)));
    } catch (const Error&) {
      // The store's own trouble is told where it is worked with.
    }
  for (const fs::path& entry : foldersIn(places.cache)) {
    QString name = QString::fromStdString(entry.filename().string());
    if (name.startsWith("models--")) look(snapshotOf(entry), ModelOrigin::cache, name.mid(8).replace("--", "/"));
  }
  return found;
}

Fit rate(const FoundModel& model, const FitSetting& setting) {
  if (!model.refused.isEmpty() || !model.outline) return Fit::refused;
  if (model.otherTask) return Fit::otherTask;
  const std::int64_t positions = model.outline->sizes.positions;
  const std::int64_t tokens = positions > 0 ? std::min(setting.tokens, positions) : setting.tokens;
  try {
    const double need = double(estimate_memory(*model.outline, setting.method, setting.training, tokens).total());
    const double room = double(setting.available_bytes);
    if (room <= 0 || need <= kTightShare * room) return Fit::fits;
    return need <= room ? Fit::tight : Fit::tooLarge;
  } catch (const Error&) {
    return Fit::fits;  // the method's targets do not fit this model: that is the method page's finding
  }
}

}  // namespace luthier

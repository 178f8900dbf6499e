#include "pages/export/export_plan.h"

#include <QObject>
#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "base/files.h"
#include "forms/catalog_text.h"
#include "recipe/catalog.h"
#include "recipe/export_size.h"
#include "widgets/format.h"

namespace luthier {

namespace {
std::string plainName(const std::string& name) {
  std::string plain;
  for (const char letter : name) {
    const bool kept =
        std::isalnum(static_cast<unsigned char>(letter)) || letter == '-' || letter == '_' || letter == '.';
    plain += kept ? letter : '-';
  }
  plain.erase(0, plain.find_first_not_of("-."));
  return plain.empty() ? "model" : plain;
}
}  // namespace

ExportSizes exportSizes(const Recipe& recipe) {
  const ModelOutline model =
      outline_for(recipe.model.path, kind_of(recipe.objective), std::int64_t(recipe.data.labels.size()));
  ExportSizes sizes;
  for (const ExporterEntry& entry : exporters())
    for (const std::string& precision : entry.precisions)
      sizes[entry.kind][precision] = exported_bytes(entry, precision, model, recipe.method);
  return sizes;
}

double smallFiles(const Recipe& recipe) {
  double bytes = 0;
  std::error_code error;
  for (auto entry = fs::directory_iterator(recipe.model.path, error); !error && entry != fs::directory_iterator();
       entry.increment(error)) {
    const std::string ending = entry->path().extension().string();
    if (ending == ".json" || ending == ".txt") bytes += double(entry->file_size(error));
  }
  return bytes;
}

QString reasonAgainst(const std::string& kind, const Recipe& recipe) {
  const ExporterEntry& entry = exporter_entry(kind);
  try {
    const Json config = read_json(fs::path(recipe.model.path) / "config.json");
    const std::string modelType = config.value("model_type", std::string()), objective = kind_of(recipe.objective);
    const FamilyEntry& family = family_of_model_type(modelType);
    const std::string head = head_for(objective_entry(objective), family);
    const ExportObstacle obstacle = export_obstacle(entry, family, head);
    if (obstacle == ExportObstacle::family)
      return QObject::tr("Not available: %1 models do not run where this format is for.")
          .arg(catalogText(family.label));
    if (obstacle == ExportObstacle::head)
      return QObject::tr("Not available: this format has no place for what this model gives.");
  } catch (const std::exception&) {
    // A model that cannot be read is told where it is opened.
  }
  const std::string trained = kind_of(recipe.method);
  const MethodEntry& method = method_entry(trained);
  if (can_export(entry, method)) return {};
  QStringList able;
  for (const std::string& one : methods_for(entry)) able << catalogText(method_entry(one).label);
  return QObject::tr("Not available: this needs a run with %1, and this one was trained with %2.")
      .arg(able.join(", "), catalogText(method.label));
}

std::vector<OptionSpec> optionsFor(const std::string& kind, const Recipe& recipe) {
  const ExporterEntry& entry = exporter_entry(kind);
  const std::string trained = kind_of(recipe.method);
  const MethodEntry& method = method_entry(trained);
  const auto matters = [&](const std::string& key) {
    if (key == "precision") return entry.precisions.size() > 1;
    if (key == "merge") return method.result != MethodResult::weights;
    if (key == "quantised_base") return method.kind == "qlora";
    return true;
  };
  std::vector<OptionSpec> specs;
  for (const OptionSpec& spec : option_specs<ExportOptions>()) {
    const std::string& key = spec.info.key;
    const bool has =
        key == "precision" || std::find(entry.fields.begin(), entry.fields.end(), key) != entry.fields.end();
    if (!has || !matters(key)) continue;
    specs.push_back(spec);
    if (key == "precision") specs.back().choices = entry.precisions;
  }
  return specs;
}

bool takesPrecision(const std::string& kind) { return exporter_entry(kind).precisions.size() > 1; }

fs::path freeFolder(const fs::path& below, const std::string& name, const std::string& kind) {
  const std::string plain = plainName(name) + "-" + kind;
  fs::path folder = below / plain;
  std::error_code error;
  for (int number = 2; fs::exists(folder, error); ++number) folder = below / (plain + "-" + std::to_string(number));
  return folder;
}

QString reasonAgainst(const fs::path& folder, double bytes) {
  if (folder.empty()) return QObject::tr("Choose a folder first.");
  if (!folder.is_absolute()) return QObject::tr("The folder's path must begin at the root.");
  std::error_code error;
  if (fs::exists(folder, error) && !(fs::is_directory(folder, error) && fs::is_empty(folder, error)))
    return QObject::tr("There is something in this folder already: choose a new one.");
  double free = 0;
  if (attempt({}, [&] { free = double(free_space_bytes(folder)); }))
    return QObject::tr("The disk of this folder cannot be asked for its free space.");
  if (bytes > 0 && bytes > free)
    return QObject::tr("%1 are needed, %2 are free there.").arg(bytesText(bytes), bytesText(free));
  return {};
}

}  // namespace luthier

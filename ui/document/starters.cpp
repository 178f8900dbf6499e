#include "document/starters.h"

#include <QCoreApplication>
#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <span>
#include <tuple>

#include "base/error.h"
#include "base/files.h"
#include "data/roles.h"
#include "data/table.h"
#include "forms/catalog_text.h"
#include "media/image.h"
#include "recipe/catalog.h"
#include "recipe/outline.h"
#include "recipe/recipe.h"

namespace luthier {

namespace {
constexpr std::size_t kPreviewRows = 3, kPreviewImages = 6;
constexpr int kPreviewSide = 96;  // pixels of a thumbnail, enough for screens of double density
constexpr std::int64_t kRowsLookedAt = 40;

/// The words on a card for what a starter of this objective does.
void describe(Starter& starter) {
  if (starter.objective == "classification" && starter.modality == "image") {
    starter.id = "image";
    starter.title = QObject::tr("Classify images");
    starter.summary = QObject::tr("Tell small drawn symbols apart, from two dozen pictures of each.");
  } else if (starter.objective == "classification" && starter.modality == "audio") {
    starter.id = "speech";
    starter.title = QObject::tr("Recognise spoken words");
    starter.summary = QObject::tr("Tell ten commands apart, spoken by voices that were never heard before.");
  } else if (starter.objective == "classification") {
    starter.id = "text";
    starter.title = QObject::tr("Classify text");
    starter.summary = QObject::tr("Sort short messages to a help desk by what they are about.");
  } else if (starter.objective == "causal_lm") {
    starter.id = "instruct";
    starter.title = QObject::tr("Follow instructions");
    starter.summary = QObject::tr("Teach a small language model to answer in your format.");
  } else {
    starter.id = starter.name;
    starter.title = catalogText(objective_entry(starter.objective).label);
    starter.summary = catalogText(objective_entry(starter.objective).help);
  }
}

StarterRow shownRow(const RoleRow& row) {
  const auto text = [](const std::string& value) { return QString::fromStdString(value).simplified(); };
  if (!row.completion.empty()) return {text(row.prompt), text(row.completion)};
  return {text(row.shown()), text(row.label)};
}

QImage thumbnailOf(const RoleRow& row) {
  const std::string bytes = row.media_bytes.empty() ? read_file(row.media_path) : row.media_bytes;
  const Image image = decode_thumbnail(std::as_bytes(std::span(bytes)), kPreviewSide, row.media_name);
  return QImage(image.pixels.data(), image.width, image.height, image.width * 3, QImage::Format_RGB888).copy();
}

/// Short rows of as many labels as there are; rows without an answer only where none has one.
std::vector<StarterRow> previewOf(const Table& table, const RoleReader& roles, const std::string& modality) {
  const std::size_t most = modality == "image" ? kPreviewImages : kPreviewRows;
  std::vector<StarterRow> candidates, chosen;
  RoleRow filled;
  for (const Row& row : table.head(kRowsLookedAt))
    if (roles.fill(row, filled) && !filled.shown().empty()) {
      candidates.push_back(shownRow(filled));
      if (modality == "image") candidates.back().image = thumbnailOf(filled);
    }
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const StarterRow& a, const StarterRow& b) { return a.text.size() < b.text.size(); });
  for (const bool anyAnswer : {false, true})
    for (const StarterRow& row : candidates) {
      const auto same = [&](const StarterRow& other) {
        return anyAnswer ? other.text == row.text : !row.answer.isEmpty() && other.answer == row.answer;
      };
      if (chosen.size() < most && std::none_of(chosen.begin(), chosen.end(), same)) chosen.push_back(row);
    }
  return chosen;
}

Starter readStarter(const fs::path& folder) {
  Recipe recipe = read_recipe(folder / "recipe.json");
  Starter starter;
  starter.folder = folder;
  starter.name = QString::fromStdString(folder.filename().string());
  starter.objective = kind_of(recipe.objective);
  const ModelOutline model = outline_for(resolve_path(recipe.model.path, folder), starter.objective);
  starter.parameters = model.total_parameters;
  starter.family = QString::fromStdString(family_of_model_type(model.model_type).label);
  DatasetOptions options;
  options.roles = recipe.data.roles;
  options.task = starter.objective;
  options.modality = starter.modality = modality_of(recipe.data);
  const Table table = Table::open(resolve_path(recipe.data.train, folder),
                                  {recipe.data.format, recipe.data.encoding, recipe.data.delimiter, recipe.data.quote,
                                   recipe.data.header, recipe.data.max_rows});
  starter.rows = table.count();
  // Rows of a folder lie label by label: so many are taken from all over it.
  const auto preview = [&](const Table& rows) {
    return previewOf(rows, RoleReader(rows, options, true), options.modality);
  };
  starter.preview = options.modality == "text"
                        ? preview(table)
                        : preview(Table::open(resolve_path(recipe.data.train, folder), {.max_rows = kRowsLookedAt}));
  describe(starter);
  return starter;
}
}  // namespace

std::filesystem::path startersFolder() {
  if (const char* named = std::getenv("LUTHIER_STARTERS"); named && *named) return named;
  const fs::path program = QCoreApplication::applicationDirPath().toStdString();
  // A checkout has build/<preset>/bin (or tests), an installation bin beside share.
  for (const fs::path& candidate : {program / "../../../resources/starters", program / "../share/luthier/starters"}) {
    std::error_code absent;
    if (fs::is_directory(candidate, absent)) return fs::canonical(candidate, absent);
  }
  return {};
}

std::vector<Starter> readStarters(const std::filesystem::path& folder) {
  std::vector<Starter> starters;
  std::error_code absent;
  for (const auto& entry : fs::directory_iterator(folder, absent)) {
    if (!fs::exists(entry.path() / "recipe.json", absent)) continue;
    try {
      starters.push_back(readStarter(entry.path()));
    } catch (const Error&) {
      // Incomplete (its model is not made yet, say): then there is nothing to offer.
    }
  }
  const auto& all = objectives();
  const auto rank = [&](const Starter& starter) {
    return std::find_if(all.begin(), all.end(), [&](auto& one) { return one.kind == starter.objective; }) - all.begin();
  };
  const auto order = [](const Starter& starter) {
    return starter.modality == "text" ? 0 : starter.modality == "image" ? 1 : 2;
  };
  std::sort(starters.begin(), starters.end(), [&](const Starter& a, const Starter& b) {
    return std::tuple(order(a), rank(a), a.name) < std::tuple(order(b), rank(b), b.name);
  });
  return starters;
}

std::filesystem::path unusedFolder(const std::filesystem::path& projects, const std::string& name) {
  std::error_code ignored;
  fs::path folder = projects / name;
  for (int number = 2; fs::exists(folder, ignored); ++number) folder = projects / (name + " " + std::to_string(number));
  return folder;
}

std::filesystem::path copyStarter(const std::filesystem::path& starter, const std::filesystem::path& projects) {
  const fs::path target = unusedFolder(projects, starter.filename().string());
  try {
    fs::create_directories(target);
    for (const auto& entry : fs::directory_iterator(starter))
      if (entry.path().filename() != kMadeFrom)
        fs::copy(entry.path(), target / entry.path().filename(), fs::copy_options::recursive);
    Json recipe = read_json(target / "recipe.json");
    if (recipe.is_object() && target.filename() != starter.filename()) {
      recipe["name"] = target.filename().string();
      write_json(target / "recipe.json", recipe);
    }
  } catch (const fs::filesystem_error& error) {
    std::error_code ignored;
    fs::remove_all(target, ignored);
    const bool full = error.code() == std::errc::no_space_on_device;
    fail(full ? ErrorKind::disk_full : ErrorKind::io, "the starter could not be copied: " + error.code().message(),
         target.string(), "choose another folder for projects in Settings, or make room there");
  }
  return target;
}

}  // namespace luthier

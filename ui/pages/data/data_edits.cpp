#include "pages/data/data_edits.h"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "data/profile.h"
#include "pages/data/table_column.h"

namespace luthier {

namespace {
constexpr double kUsualShare = 0.1;

struct DataEditWords {
  Q_DECLARE_TR_FUNCTIONS(DataEdits)
};

Json objectAt(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_object() ? *found : Json::object();
}
}  // namespace

ReadOptions readOptionsOf(const Recipe& recipe) {
  const DataOptions& data = recipe.data;
  return {data.format, data.encoding, data.delimiter, data.quote, data.header, data.max_rows};
}

DataSuggestion suggestFor(const std::filesystem::path& file, const ReadOptions& read, const std::string& task) {
  const Table table = Table::open(file, read);
  DataSuggestion suggestion;
  suggestion.task = task.empty() ? suggest_task(table) : task;
  suggestion.roles = suggest_roles(table, suggestion.task);
  return suggestion;
}

void applySuggestion(Document& document, const DataSuggestion& suggestion) {
  Json recipe = document.json();
  if (kind_of(document.lenient().objective) != suggestion.task) recipe["objective"] = {{"kind", suggestion.task}};
  Json data = objectAt(recipe, "data");
  data["roles"] = Json::object();
  bool split = false;
  for (const auto& [role, column] : suggestion.roles) {
    data["roles"][role] = column;
    split |= role == "split";
  }
  // Without rows that training never sees nobody can tell whether it helped.
  if (!split && !data.contains("validation_share") && document.lenient().data.validation.empty())
    data["validation_share"] = kUsualShare;
  if (!split && !data.contains("test_share") && document.lenient().data.test.empty()) data["test_share"] = kUsualShare;
  recipe["data"] = std::move(data);
  document.replace(recipe, DataEditWords::tr("Suggested columns"));
}

void replaceFile(Document& document, const std::filesystem::path& file) {
  Json recipe = document.json();
  Json data = objectAt(recipe, "data");
  for (const char* key :
       {"roles", "labels", "validation", "test", "format", "encoding", "delimiter", "quote", "header"})
    data.erase(key);
  data["train"] = document.storedPath(file);
  recipe["data"] = std::move(data);
  document.replace(recipe, DataEditWords::tr("Data file"));
}

void setRole(Document& document, const QString& column, const QString& role) {
  const Recipe& recipe = document.lenient();
  const auto plays = [&](const std::string& wanted) {
    const auto found = std::find_if(recipe.data.roles.begin(), recipe.data.roles.end(),
                                    [&](const auto& given) { return given.first == wanted; });
    return found == recipe.data.roles.end() ? std::string() : found->second;
  };
  const Json roles = rolesWith(recipe, column, role);
  const QString what = DataEditWords::tr("Columns");
  // Names of labels belong to the column that had them.
  const bool otherLabels = document.isSet("data.labels") && role == "label" && plays("label") != column.toStdString();
  if (!otherLabels) return document.set("data.roles", roles, what);
  Json changed = document.json();
  changed["data"]["roles"] = roles;
  changed["data"].erase("labels");
  document.replace(changed, what);
}

void setShares(Document& document, double validation, double test) {
  const auto text = [](double share) { return QString::number(std::round(share * 1000) / 1000); };
  QStringList changes;
  if (document.lenient().data.validation.empty()) changes << "data.validation_share=" + text(validation);
  if (document.lenient().data.test.empty()) changes << "data.test_share=" + text(test);
  document.apply(changes, DataEditWords::tr("Split"));
}

}  // namespace luthier

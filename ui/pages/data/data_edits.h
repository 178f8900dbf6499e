#pragma once
// What the Data page changes in the recipe, each as one step of undo.
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "data/table.h"
#include "document/document.h"

namespace luthier {

/// What a file just opened is probably for.
struct DataSuggestion {
  std::string task;
  std::vector<std::pair<std::string, std::string>> roles;  ///< role -> column
};
/// Looks at the head of the file: for a thread. `task`: the objective is given; empty: it is suggested too.
DataSuggestion suggestFor(const std::filesystem::path& file, const ReadOptions& read, const std::string& task);
void applySuggestion(Document& document, const DataSuggestion& suggestion);

/// Another training file: what belonged to the old one (roles, labels, other files, how it was read) goes.
void replaceFile(Document& document, const std::filesystem::path& file);
void setRole(Document& document, const QString& column, const QString& role);
void setShares(Document& document, double validation, double test);
ReadOptions readOptionsOf(const Recipe& recipe);

}  // namespace luthier

#pragma once
// What a change of objective or method means for the rest of the recipe: as assignments, so that each is one step of
// undo.
#include <QString>
#include <QStringList>
#include <filesystem>

#include "recipe/catalog.h"
#include "recipe/outline.h"
#include "recipe/recipe.h"

namespace luthier {

class Document;

/// Whether an objective is worth showing: the recipe's own, and those that the kind of data and the model's family
/// (where it is known: `model` may be null) can do.
bool objectiveFits(const ObjectiveEntry& entry, const Recipe& recipe, const ModelOutline* model);

/// What is still missing before a fitting objective can be chosen; empty: nothing.
QString objectiveObstacle(const ObjectiveEntry& entry, const Recipe& recipe);

/// Makes `entry` the objective; roles, labels and a watched metric that it does not have go.
QStringList objectiveEdits(const ObjectiveEntry& entry, const Recipe& recipe);

/// Makes `method` (an object with its kind) the method; exports that it cannot give go.
QStringList methodEdits(const Json& method, const Json& recipe);

/// A recipe file for another document: its relative paths start at the file's folder, so they are written anew. Errors
/// (bad_input) for what is no recipe.
Json recipeFor(const Document& document, const std::filesystem::path& file);

}  // namespace luthier

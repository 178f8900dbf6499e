#pragma once
// What the Method page says in words: sentences of the cards, why a method is recommended, what options come to. Every
// figure is the project's own.
#include <QHash>
#include <QString>
#include <optional>

#include "document/project_facts.h"
#include "recipe/advice.h"

namespace luthier {

using Estimates = QHash<QString, std::optional<Estimate>>;  ///< by method kind

AdviceFacts adviceFacts(const Recipe& recipe, const ProjectFacts& facts, const Estimates& estimates);
QString adviceTitle(const Advice& advice);
QString adviceText(const Advice& advice, const AdviceFacts& facts, const Estimates& estimates);

QString cardSentence(const QString& kind, const Estimates& estimates);
QString obstacleText(MethodObstacle obstacle);

/// Path of an option -> what its value comes to.
QHash<QString, QString> optionEffects(const Recipe& recipe, const ProjectFacts& facts);

}  // namespace luthier

#pragma once
// What the Method page says in words: sentences of the cards, why a method is recommended, what options come to. Every
// figure is the project's own.
#include <QHash>
#include <QString>
#include <optional>
#include <string>
#include <utility>

#include "document/project_facts.h"
#include "recipe/advice.h"

namespace luthier {

using Estimates = QHash<QString, std::optional<Estimate>>;  ///< by method kind

AdviceFacts adviceFacts(const Recipe& recipe, const ProjectFacts& facts, const Estimates& estimates);
QString adviceTitle(const Advice& advice);
QString adviceText(const Advice& advice);
/// A sentence of the advisor with its figures.
QString sentenceText(const AdviceSentence& sentence);

/// What speaks for or against a method here, below its figures.
QString cardSentence(const QString& kind, const Advice& advice);
/// "Not available: ..." and what to choose instead; empty where nothing stands in the way.
QString obstacleText(const Refusal& obstacle);

/// The learning rates, lowest and highest, that a method usually takes.
std::pair<double, double> usualRates(const std::string& kind);

/// Path of an option -> what its value comes to.
QHash<QString, QString> optionEffects(const Recipe& recipe, const ProjectFacts& facts);

}  // namespace luthier

#pragma once
// Labels, helps and choices of the core's catalogs as the window writes them. The core speaks English; translations
// stand in the context "Catalog".
#include <QString>
#include <string>

namespace luthier {

/// A label or help of an option, method, objective, metric or exporter; what a job is at; a finding of fixed wording.
QString catalogText(const std::string& text);

/// What one of an option's choices is called: "cosine" -> "Cosine", "jsonl" -> "JSON lines", "bf16" as it is.
QString choiceText(const std::string& choice);

/// A label as it stands within a sentence: in lower case, but for languages that write nouns with a capital.
QString inSentence(const QString& label);

}  // namespace luthier

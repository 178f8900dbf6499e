#include "forms/catalog_text.h"

#include <QCoreApplication>
#include <algorithm>
#include <utility>

namespace luthier {

QString catalogText(const std::string& text) {
  return text.empty() ? QString() : QCoreApplication::translate("Catalog", text.c_str());
}

QString choiceText(const std::string& choice) {
  static constexpr std::pair<const char*, const char*> kNames[] = {
      {"csv", "CSV"},
      {"tsv", "TSV"},
      {"json", "JSON"},
      {"jsonl", QT_TRANSLATE_NOOP("Catalog", "JSON lines")},
      {"conll", "CoNLL"},
      {"parquet", "Parquet"},
      {"en", "English"},
      {"de", "Deutsch"},
      {"huggingface", "Hugging Face"},
      {"peft", "PEFT"},
      {"relu", "ReLU"},
      {"gelu", "GELU"},
      {"tanh", "tanh"},
      {"dpo", "DPO"},
      {"ipo", "IPO"},
      {"simpo", "SimPO"},
      {"orpo", "ORPO"},
      {"kto", "KTO"},
      {"chatml", "ChatML"},
      {"llama3", "Llama 3"},
      {"adamw", "AdamW"},
      {"adamw_8bit", QT_TRANSLATE_NOOP("Catalog", "AdamW in 8 bits")},
      {"inverse_sqrt", QT_TRANSLATE_NOOP("Catalog", "Inverse square root")},
  };
  for (const auto& [id, name] : kNames)
    if (choice == id) return QCoreApplication::translate("Catalog", name);
  // Names of formats ("bf16", "utf-8") are written as they are.
  const bool isWord =
      std::all_of(choice.begin(), choice.end(), [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
  if (!isWord) return QString::fromStdString(choice);
  std::string word = choice;
  std::replace(word.begin(), word.end(), '_', ' ');
  if (!word.empty()) word.front() = char(std::toupper(static_cast<unsigned char>(word.front())));
  return QCoreApplication::translate("Catalog", word.c_str());
}

QString inSentence(const QString& label) {
  //: Say "capital" where the language writes nouns with a capital letter, "lower" where it does not. Never shown.
  const bool lower = QCoreApplication::translate("Catalog", "lower") == QLatin1String("lower");
  return lower ? label.toLower() : label;
}

}  // namespace luthier

// docs/support.md says what the catalogs say, and every empty cell says why.
#include "recipe/support.h"

#include "support/testing.h"

using namespace luthier;
using namespace luthier::testing;

namespace {

const FamilyEntry& family(const std::string& kind) {
  for (const FamilyEntry& entry : families())
    if (entry.kind == kind) return entry;
  qFatal("no such family");
}

std::string reason(const std::string& of, const std::string& objective) {
  return why_not(family(of), objective_entry(objective));
}

}  // namespace

class SupportTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void theCommittedTableIsTheGeneratedOne() {
    const std::string committed = read_file(source_folder() / "docs/support.md");
    QVERIFY2(committed == support_table(), "run: luthier-cli describe --table > docs/support.md");
  }

  void everyFamilyHasARowForEveryObjective() {
    const std::string table = support_table();
    for (const FamilyEntry& entry : families()) {
      const std::size_t at = table.find("\n## " + entry.label + "\n");
      QVERIFY2(at != std::string::npos, entry.kind.c_str());
      for (const ObjectiveEntry& objective : objectives())
        QVERIFY(table.find("(" + objective.kind + ") | ", at) != std::string::npos);
    }
    QVERIFY(table.find("|  |") == std::string::npos);
  }

  void aCellIsEmptyOnlyWithAReason() {
    for (const FamilyEntry& entry : families())
      for (const ObjectiveEntry& objective : objectives())
        for (const MethodEntry& method : methods()) {
          const bool reads = std::find(objective.modalities.begin(), objective.modalities.end(), entry.modality) !=
                             objective.modalities.end();
          const bool trained = reads && !head_for(objective, entry).empty();
          const Refusal refusal = refusal_of(entry, objective, method);
          if (!trained) QVERIFY(!refusal.reason.empty());
          if (!refusal.reason.empty()) QVERIFY(condition_of(entry, objective, method).empty());
          // Where only the method is in the way, another one is named that works.
          if (trained && !refusal.reason.empty())
            QVERIFY2(refusal_of(entry, objective, method_entry(refusal.instead)).reason.empty(),
                     (entry.kind + " " + objective.kind + " " + method.kind).c_str());
        }
  }

  void methodsThatDoNotFitSayWhy() {
    const auto refused = [](const char* of, const char* objective, const char* method) {
      return !refusal_of(family(of), objective_entry(objective), method_entry(method)).reason.empty();
    };
    for (const char* of : {"resnet", "efficientnet"})
      for (const char* method : {"adapter", "qlora", "prompt_tuning", "prefix_tuning"})
        QVERIFY2(refused(of, "classification", method), method);
    for (const char* of : {"vit", "wav2vec2", "whisper"}) {
      QVERIFY(refused(of, "classification", "prompt_tuning") && refused(of, "classification", "prefix_tuning"));
      QVERIFY(!refused(of, "classification", "adapter") && !refused(of, "classification", "qlora"));
    }
    // As PEFT has it: DistilBERT takes embeddings from outside, but no keys and values.
    QVERIFY(!refused("distilbert", "classification", "prompt_tuning"));
    QVERIFY(refused("distilbert", "classification", "prefix_tuning"));
    for (const char* of : {"bert", "roberta", "gpt2", "llama"})
      QVERIFY(!refused(of, "classification", "prefix_tuning"));
    QVERIFY(!refused("t5", "seq2seq", "prefix_tuning"));
    QVERIFY(refused("bert", "masked_lm", "prompt_tuning"));
    QVERIFY(refused("llama", "preference", "prompt_tuning") && !refused("llama", "preference", "qlora"));
    QVERIFY(reason("t5", "preference").find("go on") != std::string::npos);
    QVERIFY(reason("bert", "preference").find("no decoder") != std::string::npos);
  }

  void reasonsFitTheFamily() {
    QVERIFY(reason("bert", "classification").empty());
    QCOMPARE(reason("bert", "ctc"), std::string("reads text; this objective is for recordings"));
    QVERIFY(reason("bert", "causal_lm").find("both sides") != std::string::npos);
    QVERIFY(reason("llama", "masked_lm").find("see causal_lm") != std::string::npos);
    QVERIFY(reason("llama", "seq2seq").find("into the prompt") != std::string::npos);
    QVERIFY(reason("t5", "tagging").find("see seq2seq") != std::string::npos);
    QVERIFY(reason("vit", "tagging").find("reads images") != std::string::npos);
    QVERIFY(reason("whisper", "ctc").find("with a decoder") != std::string::npos);
    QVERIFY(reason("wav2vec2", "seq2seq").find("see ctc") != std::string::npos);
  }
};

QTEST_GUILESS_MAIN(SupportTest)
#include "support_test.moc"

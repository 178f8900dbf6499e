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
          const bool works = reads && !head_for(objective, entry).empty();
          QCOMPARE(why_not(entry, objective, method).empty(), works);
          if (!works) QVERIFY(condition_of(entry, objective, method).empty());
        }
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

// Entities in sequences of tags. Expected counts: seqeval's README, and its default rules applied by hand.
#include "eval/entities.h"

#include <cmath>
#include <sstream>

#include "support/testing.h"

using namespace luthier;

namespace {

bool near(double a, double b) { return std::abs(a - b) < 1e-12; }

struct Sequence {
  std::vector<Tag> tags;
  std::vector<const Tag*> pointers;
  explicit Sequence(const std::string& text) {
    std::istringstream words(text);
    for (std::string word; words >> word;) tags.push_back(parse_tag(word).value());
    for (const Tag& tag : tags) pointers.push_back(&tag);
  }
};

/// "0-2 PER" an entity.
std::string found(const std::string& tags) {
  std::string text;
  for (const Entity& entity : entities_of(Sequence(tags).pointers))
    text += (text.empty() ? "" : ", ") + std::to_string(entity.begin) + "-" + std::to_string(entity.end) + " " +
            entity.type;
  return text;
}

ClassScores scored(const std::vector<std::pair<std::string, std::string>>& pairs) {
  EntityCounts counts;
  for (const auto& [truth, predicted] : pairs) counts.add(Sequence(truth).pointers, Sequence(predicted).pointers);
  return counts.scores();
}

}  // namespace

class EntitiesTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void theReadmesExample() {
    const std::string truth = "O O O B-MISC I-MISC I-MISC O B-PER I-PER",
                      predicted = "O O B-MISC I-MISC I-MISC I-MISC O B-PER I-PER";
    const ClassScores scores = scored({{truth, predicted}});
    QVERIFY(near(scores.f1, 0.5) && near(scores.precision, 0.5) && near(scores.recall, 0.5));
    EntityCounts counts;
    counts.add(Sequence(truth).pointers, Sequence(predicted).pointers);
    const auto types = counts.by_type();
    QCOMPARE(types.size(), std::size_t{2});
    QCOMPARE(types[0].first, std::string("MISC"));
    QVERIFY(near(types[0].second.f1, 0) && near(types[1].second.f1, 1));
    QCOMPARE(types[1].second.support, 1);
  }

  void everySchemeSpellsTheSameEntities_data() {
    QTest::addColumn<QString>("tags");
    // two entities of one type side by side, one of a single word, one of three words
    QTest::newRow("IOB1") << "I-PER B-PER O I-LOC I-LOC I-LOC O";
    QTest::newRow("IOB2") << "B-PER B-PER O B-LOC I-LOC I-LOC O";
    QTest::newRow("IOBES") << "S-PER S-PER O B-LOC I-LOC E-LOC O";
    QTest::newRow("BILOU") << "U-PER U-PER O B-LOC I-LOC L-LOC O";
  }
  void everySchemeSpellsTheSameEntities() {
    QFETCH(QString, tags);
    QCOMPARE(found(tags.toStdString()), std::string("0-1 PER, 1-2 PER, 3-6 LOC"));
  }

  void wrongBeginningsAreForgiven() {
    QCOMPARE(found("O I-PER I-PER"), std::string("1-3 PER"));
    QCOMPARE(found("B-PER I-LOC"), std::string("0-1 PER, 1-2 LOC"));
    QCOMPARE(found("I-PER I-LOC I-LOC O"), std::string("0-1 PER, 1-3 LOC"));
    QCOMPARE(found("E-PER E-PER"), std::string("0-1 PER, 1-2 PER"));
    QCOMPARE(found("S-PER I-PER"), std::string("0-1 PER, 1-2 PER"));
    QCOMPARE(found("B-PER E-PER I-PER"), std::string("0-2 PER, 2-3 PER"));
    QCOMPARE(found("B I O B"), std::string("0-2 _, 3-4 _"));
    QCOMPARE(found("O O"), std::string());
    QCOMPARE(found(""), std::string());
  }

  void entitiesAreRightWithTheirBoundsAndTypeOnly() {
    // truth: 0-2 PER, 3-4 LOC; said: 0-2 PER, 3-4 ORG; the second row misses one and makes one up
    const ClassScores scores = scored({{"B-PER I-PER O B-LOC", "B-PER I-PER O B-ORG"}, {"B-LOC O O", "O O B-LOC"}});
    QCOMPARE(scores.support, 3);
    QCOMPARE(scores.predicted, 3);
    QVERIFY(near(scores.precision, 1.0 / 3) && near(scores.recall, 1.0 / 3) && near(scores.f1, 1.0 / 3));
    QVERIFY(near(scored({{"B-PER I-PER I-PER", "B-PER I-PER O"}}).f1, 0));
    const ClassScores none = scored({{"O O", "O O"}});
    QVERIFY(near(none.f1, 0) && near(none.precision, 0) && none.support == 0);
  }

  void anEntityEndsWithItsRow() {
    const ClassScores scores = scored({{"B-PER", "B-PER"}, {"I-PER", "I-PER"}});
    QCOMPARE(scores.support, 2);
    QVERIFY(near(scores.f1, 1));
  }

  void tagSetsAreRecognisedByTheirSpelling() {
    QVERIFY(entity_tags({"O", "B-PER", "I-PER"}));
    QVERIFY(entity_tags({"I-LOC", "O"}));
    QVERIFY(entity_tags({"B", "I", "O"}));
    QVERIFY(entity_tags({"O", "B-a-b", "I-a-b", "L-a-b", "U-a-b"}));
    QCOMPARE(entity_tags({"B-a-b", "O"}).value()[0].type, std::string("a-b"));
    for (const std::vector<std::string>& other : std::vector<std::vector<std::string>>{
             {"NN", "VB", "O"}, {"O"}, {}, {"O", "PER", "LOC"}, {"B-PER", "X-PER"}, {"O", "B-"}, {"C", "O"}, {""}})
      QVERIFY(!entity_tags(other));
  }
};

QTEST_GUILESS_MAIN(EntitiesTest)
#include "entities_test.moc"

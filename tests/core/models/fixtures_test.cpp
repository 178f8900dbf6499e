// Every family's fixture: expected numbers are those of transformers 5.12 on the CPU in fp32 (tests/fixtures).
#include "base/error.h"
#include "core/models/numbers.h"

using namespace luthier;
using namespace luthier::testing;

class FixturesTest : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void givesTheLogitsAndLossOfTransformers_data() { rows(); }
  void trainsTenStepsAsTransformersDoes_data() { rows(); }

  void trainsTenStepsAsTransformersDoes() {
    QFETCH(QString, folder);
    const std::string text = training_disagreement(folder.toStdString());
    QVERIFY2(text.empty(), text.c_str());
  }

  void givesTheLogitsAndLossOfTransformers() {
    QFETCH(QString, folder);
    const std::string text = disagreement(folder.toStdString());
    QVERIFY2(text.empty(), text.c_str());
  }

 private:
  static void rows() {
    QTest::addColumn<QString>("folder");
    for (const auto& entry : fs::directory_iterator(fixture("full")))
      QTest::newRow(entry.path().filename().c_str()) << QString::fromStdString(entry.path().string());
  }
};

QTEST_GUILESS_MAIN(FixturesTest)
#include "fixtures_test.moc"

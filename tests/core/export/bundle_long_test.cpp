// The programs of a bundle answer what Luthier answers: Python's with onnxruntime and tokenizers, Node's with
// onnxruntime-node (found through NODE_PATH).
#include "support/tuned_bundle.h"

using namespace luthier;
using namespace luthier::testing;

class BundleLongTest : public QObject {
  Q_OBJECT
  std::unique_ptr<TunedBundle> bundle_;

  void compare(std::vector<std::string> words) {
    words.insert(words.end(), bundle_->texts.begin(), bundle_->texts.end());
    const Output output = run_program(words);
    QVERIFY2(output.exit_code == 0, (output.out + output.err).c_str());
    const std::string difference = bundle_->difference(output.out);
    QVERIFY2(difference.empty(), difference.c_str());
  }

 private Q_SLOTS:
  void initTestCase() {
    bundle_ = std::make_unique<TunedBundle>();
    QVERIFY2(bundle_->problem.empty(), bundle_->problem.c_str());
    QVERIFY(read_json(bundle_->folder / "proof.json").at("passed").get<bool>());
    QVERIFY(bundle_->texts.size() == 40);
  }

  void pythonAnswersWhatLuthierAnswers() {
    if (!has_python("numpy, onnxruntime, tokenizers")) QSKIP("needs Python with numpy, onnxruntime and tokenizers");
    compare({"python3", (bundle_->folder / "predict.py").string()});
  }

  void nodeAnswersWhatLuthierAnswers() {
    if (run_program({"node", "-e", "require('onnxruntime-node')"}).exit_code != 0)
      QSKIP("needs Node with onnxruntime-node (its folder in NODE_PATH)");
    compare({"node", (bundle_->folder / "predict.mjs").string()});
  }
};

QTEST_GUILESS_MAIN(BundleLongTest)
#include "bundle_long_test.moc"

// Labels for texts and words. The reference is one row at a time, without padding.
#include "eval/predict.h"

#include <ATen/ops/softmax.h>
#include <c10/core/GradMode.h>

#include <cmath>

#include "base/error.h"
#include "support/testing.h"

using namespace luthier;
using namespace luthier::testing;

namespace {
/// The fixture model beside a vocabulary of a few words.
struct Labeller {
  TemporaryFolder folder;
  std::shared_ptr<Model> model;
  std::unique_ptr<Tokenizer> tokenizer;

  Labeller(const std::string& name, Head head) {
    LoadOptions load;
    load.head = head;
    model = load_model(fixture(name) / "base", load);
    write_text(folder.path() / "vocab.txt",
               "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nthe\ntrain\n##s\nleave\nat\nseven\nno\nwater\n");
    tokenizer = std::make_unique<Tokenizer>(Tokenizer::open(folder.path()));
  }

  Tensor alone(const Encoding& encoding) const {
    const c10::NoGradGuard no_grad;
    return at::softmax(model->logits(batch_of({encoding}, *tokenizer, *model)), -1)[0];
  }
};

bool close(const std::vector<float>& found, const Tensor& expected) {
  if (found.size() != static_cast<std::size_t>(expected.size(0))) return false;
  for (std::size_t i = 0; i < found.size(); ++i)
    if (std::abs(found[i] - expected[static_cast<std::int64_t>(i)].item<float>()) > 1e-5f) return false;
  return true;
}
}  // namespace

class PredictTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void answersComeInTheOrderOfTheQuestions() {
    const Labeller labeller("full/bert-cls", Head::sequence_classification);
    const std::vector<Question> questions = {{"no", "", {}},
                                             {"the trains leave at seven the trains leave", "", {}},
                                             {"water at seven", "no trains", {}},
                                             {"the water", "", {}},
                                             {"", "", {}}};
    const auto answers = predict(*labeller.model, *labeller.tokenizer, questions, 24, 2, "cpu");
    QCOMPARE(answers.size(), questions.size());
    for (std::size_t i = 0; i < questions.size(); ++i) {
      const Encoding encoding = questions[i].text_pair.empty()
                                    ? labeller.tokenizer->encode(questions[i].text)
                                    : labeller.tokenizer->encode_pair(questions[i].text, questions[i].text_pair);
      const Tensor expected = labeller.alone(encoding);
      QCOMPARE(answers[i].labels.size(), std::size_t{1});
      QVERIFY(close(answers[i].probabilities[0], expected));
      QCOMPARE(answers[i].labels[0], expected.argmax().item<std::int64_t>());
      QVERIFY(!answers[i].truncated);
    }
  }

  void everyWordGetsTheTagOfItsFirstToken() {
    const Labeller labeller("full/bert-token", Head::token_classification);
    const std::vector<Question> questions = {{"", "", {"the", "trains", "leave"}}, {"", "", {"no"}}, {"", "", {}}};
    const auto answers = predict(*labeller.model, *labeller.tokenizer, questions, 24, 8, "cpu");
    const Tensor expected = labeller.alone(labeller.tokenizer->encode_words(questions[0].words));
    QCOMPARE(answers[0].labels.size(), std::size_t{3});
    const std::int64_t first_tokens[] = {1, 2, 4};  // [CLS] the train ##s leave [SEP]
    for (std::size_t i = 0; i < 3; ++i) QVERIFY(close(answers[0].probabilities[i], expected[first_tokens[i]]));
    QCOMPARE(answers[1].labels.size(), std::size_t{1});
    QVERIFY(answers[2].labels.empty());
  }

  void wordsThatWereCutOffHaveNoTag() {
    const Labeller labeller("full/bert-token", Head::token_classification);
    const auto answers =
        predict(*labeller.model, *labeller.tokenizer, {{"", "", {"the", "no", "water", "at"}}}, 4, 8, "cpu");
    QVERIFY(answers[0].truncated);
    QVERIFY(answers[0].labels[0] >= 0 && answers[0].labels[1] >= 0);
    QCOMPARE(answers[0].labels[2], -1);
    QCOMPARE(answers[0].labels[3], -1);
    QVERIFY(answers[0].probabilities[3].empty());
  }

  void languageModelsGiveNoLabels() {
    const Labeller labeller("full/bert-mlm", Head::masked_lm);
    LUTHIER_FAILS(predict(*labeller.model, *labeller.tokenizer, {{"no", "", {}}}, 8, 8, "cpu"), "classification head");
  }

  void batchesArePaddedAndMasked() {
    const Labeller labeller("full/bert-cls", Head::sequence_classification);
    const Tokenizer& tokenizer = *labeller.tokenizer;
    const Batch mixed =
        batch_of({tokenizer.encode("no"), tokenizer.encode_pair("the", "water")}, tokenizer, *labeller.model);
    QCOMPARE(mixed.input_ids.size(1), 5);
    QCOMPARE(mixed.attention_mask.sum().item<std::int64_t>(), 3 + 5);
    QCOMPARE(mixed.input_ids[0][4].item<std::int64_t>(), 0);
    QCOMPARE(mixed.token_type_ids.sum().item<std::int64_t>(), 2);
    const Batch even = batch_of({tokenizer.encode("no"), tokenizer.encode("the")}, tokenizer, *labeller.model);
    QVERIFY(!even.attention_mask.defined() && !even.token_type_ids.defined());
    LUTHIER_FAILS(batch_of({Encoding{}}, tokenizer, *labeller.model), "without tokens");
  }
};

QTEST_GUILESS_MAIN(PredictTest)
#include "predict_test.moc"

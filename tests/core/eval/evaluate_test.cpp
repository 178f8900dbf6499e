// Evaluation of a model whose logits are known, over rows of different lengths. Expected numbers are worked out here
// from the definitions, without the code under test.
#include "eval/evaluate.h"

#include <ATen/ops/eye.h>
#include <ATen/ops/zeros.h>
#include <c10/core/GradMode.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "support/testing.h"

using namespace luthier;
using namespace luthier::testing;

namespace {

constexpr std::int64_t kVocabulary = 9;
const char* kWords = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nred\ngreen\nblue\nsky\n";

/// Logits are rows of a table: of the first word's id for classification, of each token's id for the other heads.
class TableModel : public Model {
 public:
  TableModel(Head head, std::vector<std::string> labels, std::int64_t outputs)
      : Model(Json{{"vocab_size", kVocabulary}}, "bert", head, std::move(labels)) {
    table = register_parameter("table", at::zeros({kVocabulary, outputs}));
    const c10::NoGradGuard no_grad;
    for (std::int64_t i = 0; i < table.numel(); ++i)
      table.view(-1)[i].fill_(std::sin(1.7 * static_cast<double>(i * i % 31)));
  }
  Tensor hidden(const Batch& batch, KeyValueCache*) override {
    graphs += c10::GradMode::is_enabled();
    trainings += is_training();
    return table.index_select(0, batch.input_ids.flatten())
        .view({batch.input_ids.size(0), batch.input_ids.size(1), -1});
  }
  Tensor head(const Tensor& hidden, const Batch&) override {
    return head_kind() == Head::sequence_classification ? hidden.select(1, 1) : hidden;
  }
  Tensor token_logits(const Tensor& rows) override { return rows; }
  Tensor output_weight() override { return at::eye(kVocabulary); }
  Tensor output_bias() override { return {}; }
  Tensor input_embedding() override { return table; }
  void set_vocabulary(std::int64_t) override {}
  std::vector<std::string> head_modules() const override { return {}; }

  Tensor table;
  int graphs = 0, trainings = 0;
};

double logit(const TableModel& model, std::int64_t id, std::int64_t label) {
  return model.table[id][label].item<double>();
}

double cross_entropy(const TableModel& model, std::int64_t id, std::int64_t label) {
  double sum = 0;
  for (std::int64_t other = 0; other < model.table.size(1); ++other) sum += std::exp(logit(model, id, other));
  return std::log(sum) - logit(model, id, label);
}

std::int64_t best(const TableModel& model, std::int64_t id) {
  std::int64_t best = 0;
  for (std::int64_t other = 1; other < model.table.size(1); ++other)
    if (logit(model, id, other) > logit(model, id, best)) best = other;
  return best;
}

struct Task {
  TemporaryFolder folder;
  std::unique_ptr<Tokenizer> tokenizer;
  Dataset data;

  Task(const std::string& task, const std::string& file, const std::string& content) {
    write_text(folder.path() / "tokenizer/vocab.txt", kWords);
    write_text(folder.path() / file, content);
    tokenizer = std::make_unique<Tokenizer>(Tokenizer::open(folder.path() / "tokenizer"));
    DatasetOptions options;
    options.train = folder.path() / file;
    options.task = task;
    options.cache_folder = folder.path() / "cache";
    data = load_dataset(options, *tokenizer);
  }

  Evaluation evaluated(Model& model, const ObjectiveOptions& objective, std::int64_t batch_size = 2) {
    EvaluateOptions options;
    options.batch_size = batch_size;
    return evaluate(model, data.train, collate_options(objective, *tokenizer, model, 1), data.label_names, options);
  }
};

bool near(double a, double b) { return std::abs(a - b) < 1e-6; }

const char* kColours = "text,label\nred sky,warm\nblue,cold\ngreen green sky blue,cold\nred,warm\nred blue blue,cold\n";

}  // namespace

class EvaluateTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void classificationAgreesWithTheDefinitions() {
    Task task("classification", "data.csv", kColours);
    QCOMPARE(task.data.label_names.size(), std::size_t{2});  // cold, warm
    TableModel model(Head::sequence_classification, task.data.label_names, 2);
    const std::int64_t first_words[] = {5, 7, 6, 5, 5}, labels[] = {1, 0, 0, 1, 0};
    double loss = 0, right = 0, table[2][2] = {};
    for (int i = 0; i < 5; ++i) {
      loss += cross_entropy(model, first_words[i], labels[i]) / 5;
      right += best(model, first_words[i]) == labels[i];
      ++table[labels[i]][best(model, first_words[i])];
    }
    const Evaluation result = task.evaluated(model, ClassificationOptions{});
    QCOMPARE(result.rows, 5);
    QVERIFY(near(result.metric("loss"), loss));
    QVERIFY(near(result.metric("accuracy"), right / 5));
    const Json detail = Json::parse(result.detail_json);
    for (int t = 0; t < 2; ++t)
      for (int p = 0; p < 2; ++p) QCOMPARE(detail.at("confusion")[t][p].get<double>(), table[t][p]);
    QCOMPARE(result.metrics.front().first, std::string("accuracy"));  // the catalog's order
    LUTHIER_FAILS(result.metric("perplexity"), "accuracy, f1");
  }

  void taggingCountsFirstSubwordsOnly() {
    Task task(
        "tagging", "data.jsonl",
        "{\"tokens\": [\"red\", \"sky\"], \"tags\": [\"C\", \"O\"]}\n{\"tokens\": [\"blue\"], \"tags\": [\"C\"]}\n"
        "{\"tokens\": [\"sky\", \"green\", \"sky\"], \"tags\": [\"O\", \"C\", \"O\"]}\n");
    const auto& names = task.data.label_names;
    TableModel model(Head::token_classification, names, static_cast<std::int64_t>(names.size()));
    const std::int64_t colour = names[0] == "C" ? 0 : 1, outside = 1 - colour;
    const std::pair<std::int64_t, std::int64_t> tokens[] = {{5, colour},  {8, outside}, {7, colour},
                                                            {8, outside}, {6, colour},  {8, outside}};
    double loss = 0, right = 0, hits = 0, said = 0;
    for (const auto& [id, label] : tokens) {
      loss += cross_entropy(model, id, label) / 6;
      right += best(model, id) == label;
      hits += label == colour && best(model, id) == colour;
      said += best(model, id) == colour;
    }
    const Evaluation result = task.evaluated(model, TaggingOptions{});
    QVERIFY(near(result.metric("loss"), loss));
    QVERIFY(near(result.metric("token_accuracy"), right / 6));
    QVERIFY(near(result.metric("token_f1"), 2 * hits / (3 + said)));  // "O" does not count, so the mean is over C alone
  }

  void languageModelsPredictTheNextToken() {
    Task task("causal_lm", "data.csv", "text\nred sky blue\ngreen\nsky sky red green blue\n");
    TableModel model(Head::causal_lm, {}, kVocabulary);
    double loss = 0, right = 0, count = 0;
    for (std::int64_t i = 0; i < task.data.train.size(); ++i) {
      const EncodedRow row = task.data.train.row(i);
      for (std::size_t t = 1; t < row.ids.size(); ++t) {
        if (row.labels[t] < 0) continue;
        loss += cross_entropy(model, row.ids[t - 1], row.labels[t]);
        right += best(model, row.ids[t - 1]) == row.labels[t];
        ++count;
      }
    }
    QVERIFY(count >= 9);
    const Evaluation result = task.evaluated(model, CausalLmOptions{});
    QVERIFY(near(result.metric("loss"), loss / count));
    QVERIFY(near(result.metric("perplexity"), std::exp(loss / count)));
    QVERIFY(near(result.metric("token_accuracy"), right / count));
    QVERIFY(result.detail_json.empty());
  }

  void moreTokensThanAChunkOfLogitsGiveTheSame() {
    std::string rows = "text\n", words;  // 40 rows of 21 words: 840 positions in one batch, chunks are of 256
    for (int i = 0; i < 40; ++i) {
      words = "red";
      for (int j = 0; j < 20; ++j) words += (i * 7 + j * j) % 3 ? " sky" : " blue";
      rows += words + "\n";
    }
    Task task("causal_lm", "data.csv", rows);
    TableModel model(Head::causal_lm, {}, kVocabulary);
    const Evaluation whole = task.evaluated(model, CausalLmOptions{}, 64),
                     small = task.evaluated(model, CausalLmOptions{}, 1);
    for (const auto& [name, value] : whole.metrics) QVERIFY(near(small.metric(name), value));
  }

  void maskedModelsAreMaskedTheSameEveryTime() {
    Task task("masked_lm", "data.csv",
              "text\nred sky blue green sky red\ngreen red sky\nsky sky red green blue\nblue\n");
    TableModel model(Head::masked_lm, {}, kVocabulary);
    const Evaluation first = task.evaluated(model, MaskedLmOptions{}),
                     again = task.evaluated(model, MaskedLmOptions{}, 4);
    for (const auto& [name, value] : first.metrics) QVERIFY(near(again.metric(name), value));
    QVERIFY(first.metric("loss") > 0);
  }

  void batchesAndOrderDoNotChangeTheResult() {
    Task task("classification", "data.csv", kColours);
    TableModel model(Head::sequence_classification, task.data.label_names, 2);
    const Evaluation one = task.evaluated(model, ClassificationOptions{}, 1),
                     all = task.evaluated(model, ClassificationOptions{}, 64);
    for (const auto& [name, value] : one.metrics) QVERIFY(near(all.metric(name), value));
    QCOMPARE(one.detail_json, all.detail_json);
  }

  void theModelsModeComesBackAndNothingIsRecorded() {
    Task task("classification", "data.csv", kColours);
    TableModel model(Head::sequence_classification, task.data.label_names, 2);
    model.train();
    task.evaluated(model, ClassificationOptions{});
    QVERIFY(model.is_training() && c10::GradMode::is_enabled());
    QCOMPARE(model.graphs, 0);
    QCOMPARE(model.trainings, 0);
    model.eval();
    task.evaluated(model, ClassificationOptions{});
    QVERIFY(!model.is_training());
  }

  void aCancelledEvaluationLeavesTheModelAsItWas() {
    Task task("classification", "data.csv", kColours);
    TableModel model(Head::sequence_classification, task.data.label_names, 2);
    model.train();
    EvaluateOptions options;
    options.batch_size = 1;
    double last = 0;
    options.progress = [&](double share) {
      last = share;
      if (share > 0.5) fail(ErrorKind::cancelled, "enough");
    };
    const CollateOptions collate = collate_options(ClassificationOptions{}, *task.tokenizer, model, 1);
    LUTHIER_FAILS(evaluate(model, task.data.train, collate, task.data.label_names, options), "enough");
    QVERIFY(near(last, 0.6));
    QVERIFY(model.is_training());
  }

  void aModelWithOtherLabelsIsRefused() {
    Task task("classification", "data.csv", kColours);
    TableModel model(Head::sequence_classification, {"a", "b", "c"}, 3);
    LUTHIER_FAILS(task.evaluated(model, ClassificationOptions{}), "tells 3 labels apart, the data has 2");
    const CollateOptions collate = collate_options(ClassificationOptions{}, *task.tokenizer, model, 1);
    LUTHIER_FAILS(evaluate(model, task.data.validation, collate, task.data.label_names, {}), "no rows");
  }
};

QTEST_GUILESS_MAIN(EvaluateTest)
#include "evaluate_test.moc"

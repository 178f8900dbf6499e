// Evaluation of a model whose logits are known, over rows of different lengths. Expected numbers are worked out here
// from the definitions, without the code under test.
#include "eval/evaluate.h"

#include <ATen/ops/eye.h>
#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>
#include <c10/core/GradMode.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "eval/answers.h"
#include "support/testing.h"

using namespace luthier;
using namespace luthier::testing;

namespace {

constexpr std::int64_t kVocabulary = 10;
const char* kWords = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nred\ngreen\nblue\nsky\n##s\n";

/// Logits are rows of a table: of the first word's id where a whole text is judged, of each token's id for the other
/// heads; a decoder reads its own tokens alone.
class TableModel : public Model {
 public:
  TableModel(Head head, std::vector<std::string> labels, std::int64_t outputs)
      : Model(Json{{"vocab_size", kVocabulary}, {"decoder_start_token_id", 2}, {"eos_token_id", 3}},
              head == Head::seq2seq_lm ? "t5" : "bert", head, std::move(labels)) {
    table = register_parameter("table", at::zeros({kVocabulary, outputs}));
    const c10::NoGradGuard no_grad;
    for (std::int64_t i = 0; i < table.numel(); ++i)
      table.view(-1)[i].fill_(std::sin(1.7 * static_cast<double>(i * i % 31)));
  }
  Tensor hidden(const Batch& batch, KeyValueCache*) override {
    graphs += c10::GradMode::is_enabled();
    trainings += is_training();
    const Tensor& ids = is_encoder_decoder() ? batch.decoder_input_ids : batch.input_ids;
    return table.index_select(0, ids.flatten()).view({ids.size(0), ids.size(1), -1});
  }
  Tensor encode(const Batch& batch) override {
    return at::zeros({batch.input_ids.size(0), batch.input_ids.size(1), 1});
  }
  bool is_encoder_decoder() const override { return head_kind() == Head::seq2seq_lm; }
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

  Task(const std::string& task, const std::string& file, const std::string& content,
       const std::string& label_on = "first") {
    write_text(folder.path() / "tokenizer/vocab.txt", kWords);
    write_text(folder.path() / file, content);
    tokenizer = std::make_unique<Tokenizer>(Tokenizer::open(folder.path() / "tokenizer"));
    DatasetOptions options;
    options.train = folder.path() / file;
    options.task = task;
    options.label_on = label_on;
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

  void classificationTellsHowSureItIs() {
    Task task("classification", "data.csv", kColours);
    TableModel model(Head::sequence_classification, task.data.label_names, 2);
    const std::int64_t first_words[] = {5, 7, 6, 5, 5}, labels[] = {1, 0, 0, 1, 0};
    double off[16] = {}, pairs = 0, won = 0;
    std::vector<double> shares;
    for (int i = 0; i < 5; ++i) shares.push_back(std::exp(-cross_entropy(model, first_words[i], 1)));
    for (int i = 0; i < 5; ++i) {
      const double sure = std::max(shares[i], 1 - shares[i]);
      off[static_cast<int>(std::ceil(sure * 15)) - 1] += sure - (best(model, first_words[i]) == labels[i]);
      for (int j = 0; j < 5; ++j)
        if (labels[i] == 1 && labels[j] == 0) {
          ++pairs;
          won += shares[i] > shares[j] ? 1 : shares[i] == shares[j] ? 0.5 : 0;
        }
    }
    double error = 0;
    for (const double bin : off) error += std::abs(bin) / 5;
    const Evaluation result = task.evaluated(model, ClassificationOptions{});
    QVERIFY(near(result.metric("calibration_error"), error));
    QVERIFY(near(result.metric("roc_auc"), won / pairs));
    QVERIFY(!result.has("top5_accuracy"));  // every label is among the five likeliest of two
    LUTHIER_FAILS(result.metric("top5_accuracy"), "on this data");
    double rows = 0;
    const Json detail = Json::parse(result.detail_json);
    for (const Json& bin : detail.at("calibration")) rows += bin.at("rows").get<double>();
    QCOMPARE(rows, 5.0);
  }

  void entitiesAreJudgedWhereTagsSpellThem_data() {
    QTest::addColumn<QString>("label_on");
    QTest::newRow("first tokens") << "first";
    QTest::newRow("all tokens of a word") << "all";  // which must not break an entity in two
  }
  void entitiesAreJudgedWhereTagsSpellThem() {
    QFETCH(QString, label_on);
    Task task("tagging", "data.jsonl",
              "{\"tokens\": [\"reds\", \"sky\", \"blue\"], \"tags\": [\"B-C\", \"I-C\", \"O\"]}\n"
              "{\"tokens\": [\"blue\", \"reds\"], \"tags\": [\"O\", \"B-C\"]}\n"
              "{\"tokens\": [\"green\", \"sky\"], \"tags\": [\"B-C\", \"I-C\"]}\n",
              label_on.toStdString());
    const auto& names = task.data.label_names;
    TableModel model(Head::token_classification, names, 3);
    const auto id_of = [&](const char* tag) { return std::find(names.begin(), names.end(), tag) - names.begin(); };
    const std::pair<int, const char*> said[] = {{5, "B-C"}, {9, "I-C"}, {8, "I-C"}, {7, "O"}, {6, "O"}};
    const c10::NoGradGuard no_grad;
    for (const auto& [token, tag] : said) {
      model.table[token].fill_(0);
      model.table[token][id_of(tag)].fill_(5);
    }
    // found: reds sky, reds, and sky alone (an I that begins one); true: reds sky, reds, green sky
    const Evaluation result = task.evaluated(model, TaggingOptions{.label_on = label_on.toStdString()});
    QCOMPARE(result.metrics.front().first, std::string("entity_f1"));
    QVERIFY(near(result.metric("entity_f1"), 2.0 / 3));
    QVERIFY(near(result.metric("entity_precision"), 2.0 / 3));
    QVERIFY(near(result.metric("entity_recall"), 2.0 / 3));
    const Json detail = Json::parse(result.detail_json);
    QCOMPARE(detail.at("entities")[0].at("label"), Json("C"));
    QCOMPARE(detail.at("entities")[0].at("support"), Json(3));
  }

  void numbersAreComparedWithTheTrueOnes() {
    Task task("regression", "data.csv", "text,label\nred sky,0.5\nblue,2\ngreen green,-1\nsky,3.25\n");
    TableModel model(Head::sequence_classification, {}, 1);
    const std::int64_t first_words[] = {5, 7, 6, 8};
    const double truth[] = {0.5, 2, -1, 3.25};
    double squares = 0, mean_said = 0, mean_true = 0, product = 0, said_square = 0, true_square = 0;
    for (int i = 0; i < 4; ++i) {
      squares += std::pow(logit(model, first_words[i], 0) - truth[i], 2) / 4;
      mean_said += logit(model, first_words[i], 0) / 4;
      mean_true += truth[i] / 4;
    }
    for (int i = 0; i < 4; ++i) {
      const double said = logit(model, first_words[i], 0) - mean_said, meant = truth[i] - mean_true;
      product += said * meant;
      said_square += said * said;
      true_square += meant * meant;
    }
    const Evaluation result = task.evaluated(model, RegressionOptions{});
    QVERIFY(near(result.metric("mse"), squares));
    QVERIFY(near(result.metric("loss"), squares));
    QVERIFY(near(result.metric("pearson"), product / std::sqrt(said_square * true_square)));
    QVERIFY(std::abs(result.metric("spearman")) <= 1);
    QCOMPARE(Json::parse(result.detail_json).at("scatter").size(), std::size_t{4});
  }

  void severalLabelsAreJudgedEachByItself() {
    Task task("multi_label", "data.csv", "text,label\nred,\"a,b\"\nblue,a\ngreen,\"b,c\"\nsky,c\n");
    QCOMPARE(task.data.label_names.size(), std::size_t{3});
    TableModel model(Head::sequence_classification, task.data.label_names, 3);
    const std::int64_t words[] = {5, 7, 6, 8};
    const bool has[4][3] = {{true, true, false}, {true, false, false}, {false, true, true}, {false, false, true}};
    double loss = 0, right = 0, given = 0, truths = 6, exact = 0;
    for (int i = 0; i < 4; ++i) {
      bool same = true;
      for (int label = 0; label < 3; ++label) {
        const double z = logit(model, words[i], label);
        loss += std::log1p(std::exp(has[i][label] ? -z : z)) / 12;
        right += has[i][label] && z >= 0;
        given += z >= 0;
        same = same && has[i][label] == (z >= 0);
      }
      exact += same;
    }
    const Evaluation result = task.evaluated(model, MultiLabelOptions{});
    QVERIFY(near(result.metric("loss"), loss));
    QVERIFY(near(result.metric("micro_f1"), 2 * right / (given + truths)));
    QVERIFY(near(result.metric("exact_match"), exact / 4));
    QVERIFY(result.metric("roc_auc") >= 0 && result.metric("roc_auc") <= 1);
    QCOMPARE(Json::parse(result.detail_json).at("classes").size(), std::size_t{3});
    // everything is given where the threshold is low enough
    QVERIFY(near(task.evaluated(model, MultiLabelOptions{.threshold = 0.01}).metric("micro_f1"), 2 * 6.0 / (12 + 6)));
  }

  void answersAreWrittenAndComparedWithTheirTargets() {
    std::string rows = "text,target\nred,red sky blue\nblue,red sky blue\ngreen,sky\n";
    for (int i = 0; i < 70; ++i) rows += "sky,red sky blue\n";
    Task task("seq2seq", "data.csv", rows);
    TableModel model(Head::seq2seq_lm, {}, kVocabulary);
    const c10::NoGradGuard no_grad;
    model.table.fill_(0);  // [CLS] red sky blue [SEP], whatever was read
    for (const auto& [from, to] : {std::pair{2, 5}, {5, 8}, {8, 7}, {7, 3}}) model.table[from][to].fill_(12);
    const Evaluation result = task.evaluated(model, Seq2SeqOptions{.judged_rows = 0});
    QCOMPARE(result.metrics.front().first, std::string("bleu"));
    QVERIFY(near(result.metric("exact_match"), 72.0 / 73));
    QVERIFY(near(result.metric("rouge1"), (72 + 0.5) / 73));  // one of three words is "sky": precision 1/3, recall 1
    QVERIFY(result.metric("token_accuracy") > 0 && result.metric("loss") > 0);
    const Json detail = Json::parse(result.detail_json);
    QCOMPARE(detail.at("answered"), Json(73));
    QCOMPARE(detail.at("examples").size(), std::size_t{50});
    QCOMPARE(detail.at("examples")[0].at("answer"), Json("red sky blue"));

    const Evaluation some = task.evaluated(model, Seq2SeqOptions{.judged_rows = 10}, 64),
                     beams = task.evaluated(model, Seq2SeqOptions{.beams = 3, .judged_rows = 10}, 3);
    QCOMPARE(Json::parse(some.detail_json).at("answered"), Json(10));
    QVERIFY(near(some.metric("loss"), result.metric("loss")));  // of all rows
    QCOMPARE(Json::parse(some.detail_json).at("examples"), Json::parse(beams.detail_json).at("examples"));
    const Evaluation short_ones = task.evaluated(model, Seq2SeqOptions{.max_target_tokens = 2, .judged_rows = 5});
    QCOMPARE(Json::parse(short_ones.detail_json).at("examples")[0].at("answer"), Json("red sky"));
  }

  void framesSpellWhatIsNewInThem() {
    Task task("classification", "data.csv", kColours);
    const std::int64_t likeliest[] = {0, 5, 5, 0, 5, 8, 8, 0, 7, 7};  // 0 is the blank; the last two are padding
    Tensor logits = at::zeros({1, 10, kVocabulary});
    for (int frame = 0; frame < 10; ++frame) logits[0][frame][likeliest[frame]].fill_(1);
    const Tensor frames = at::full({1}, 8, at::kLong);
    QCOMPARE(spelled(logits, frames, 0, *task.tokenizer), std::vector<std::string>{"red red sky"});
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
    QVERIFY(near(std::log(result.metric("perplexity")), loss / count));
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

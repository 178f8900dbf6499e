// Saving, loading again, drawing from a config, other labels, other precisions, older and partial checkpoints.
#include "base/error.h"
#include "core/models/numbers.h"
#include "nn/embedding.h"

using namespace luthier;
using namespace luthier::testing;

namespace {

Tensor logits_of(Model& model, const fs::path& case_folder) {
  const at::NoGradGuard no_grad;
  return model.logits(batch_for(model, tensors_of(case_folder / "io.safetensors"), "batch0."));
}

Tensor parameter(const Model& model, const std::string& name) {
  for (const auto& [known, value] : model.unique_parameters())
    if (known == name) return value;
  return {};
}

std::shared_ptr<Model> open_as(const fs::path& folder, Head head, std::vector<std::string> labels = {},
                               LoadReport* report = nullptr) {
  LoadOptions options;
  options.head = head;
  options.labels = std::move(labels);
  options.seed = 3;
  return load_model(folder, options, report);
}

/// The fixture's base folder again, with every tensor renamed (an empty name leaves it out).
fs::path renamed(const fs::path& base, const fs::path& folder, const std::function<std::string(std::string)>& name_of) {
  fs::create_directories(folder);
  fs::copy_file(base / "config.json", folder / "config.json", fs::copy_options::overwrite_existing);
  NamedTensors tensors;
  for (const auto& [name, tensor] : read_tensors(base / "model.safetensors"))
    if (const std::string other = name_of(name); !other.empty()) tensors.emplace_back(other, tensor);
  write_tensors(folder / "model.safetensors", tensors);
  return folder;
}

bool contains(const std::vector<std::string>& list, const std::string& text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

}  // namespace

class SaveLoadTest : public QObject {
  Q_OBJECT

  TemporaryFolder folder_;
  fs::path fresh(const std::string& name) { return folder_.path() / name; }

 private Q_SLOTS:
  void everyModelComesBackWithTheSameLogits_data() {
    QTest::addColumn<QString>("name");
    for (const auto& entry : fs::directory_iterator(fixture("full")))
      QTest::newRow(entry.path().filename().c_str()) << QString::fromStdString(entry.path().filename().string());
  }

  void everyModelComesBackWithTheSameLogits() {
    QFETCH(QString, name);
    const fs::path from = fixture("full/" + name.toStdString());
    const auto model = open_model(from / "base");
    const fs::path saved = fresh(name.toStdString());
    save_model(*model, saved);
    LoadReport report;
    const auto again = open_model(saved, &report);
    QVERIFY(logits_of(*again, from).equal(logits_of(*model, from)));
    QVERIFY(report.drawn.empty() && report.unused.empty() && !report.new_head);

    // transformers' own file holds the same names; its config the same settings
    std::vector<std::string> theirs, ours;
    for (const auto& [key, tensor] : read_tensors(from / "base/model.safetensors")) theirs.push_back(key);
    for (const auto& [key, tensor] : read_tensors(saved / "model.safetensors")) ours.push_back(key);
    QCOMPARE(ours, theirs);
    const Json written = read_json(saved / "config.json"), original = read_json(from / "base/config.json");
    for (const auto& [key, value] : original.items())
      QVERIFY2(written.value(key, Json("absent")) == value, key.c_str());
  }

  void halfPrecisionIsWrittenAndReadBack_data() {
    QTest::addColumn<QString>("precision");
    QTest::addColumn<QString>("dtype");
    QTest::addColumn<double>("tolerance");
    QTest::newRow("fp16") << "fp16" << "float16" << 5e-3;
    QTest::newRow("bf16") << "bf16" << "bfloat16" << 4e-2;
  }

  void halfPrecisionIsWrittenAndReadBack() {
    QFETCH(QString, precision);
    QFETCH(QString, dtype);
    QFETCH(double, tolerance);
    const fs::path from = fixture("full/bert-cls"), saved = fresh(precision.toStdString());
    const auto model = open_model(from / "base");
    save_model(*model, saved, precision.toStdString());
    QCOMPARE(read_json(saved / "config.json")["dtype"].get<std::string>(), dtype.toStdString());
    const auto again = open_model(saved);
    for (const auto& [name, value] : again->unique_parameters()) QVERIFY(value.scalar_type() == at::kFloat);
    const Tensor expected = logits_of(*model, from);
    const double error = ((logits_of(*again, from) - expected).abs().max() / expected.abs().max()).item<double>();
    QVERIFY2(error > 0 && error < tolerance, std::to_string(error).c_str());
    LUTHIER_FAILS(save_model(*model, saved, "int8"), "int8");
  }

  void trainingNeverChangesTheFileOnDisk() {
    const fs::path base =
        renamed(fixture("full/bert-cls/base"), fresh("mapped"), [](std::string name) { return name; });
    const std::string before = read_file(base / "model.safetensors");
    const auto model = open_model(base);
    {
      const at::NoGradGuard no_grad;
      for (const auto& [name, value] : model->unique_parameters()) value.add_(1);
    }
    QVERIFY(read_file(base / "model.safetensors") == before);
    QVERIFY(!logits_of(*open_model(base), fixture("full/bert-cls")).equal(logits_of(*model, fixture("full/bert-cls"))));
  }

  void loadedModelsEvaluateAndAllTrain() {
    const auto model = open_model(fixture("full/bert-mlm/base"));
    QVERIFY(!model->is_training());
    for (const auto& [name, value] : model->unique_parameters()) QVERIFY2(value.requires_grad(), name.c_str());
    QVERIFY(model->output_weight().is_same(model->input_embedding()));
  }

  void otherLabelsDrawTheHeadAnew() {
    const fs::path base = fixture("full/bert-cls/base");
    LoadReport report;
    const auto own = open_as(base, Head::sequence_classification, {}, &report);
    QVERIFY(!report.new_head);
    const auto four = open_as(base, Head::sequence_classification, {"a", "b", "c", "d"}, &report);
    QVERIFY(report.new_head);
    QCOMPARE(report.drawn, (std::vector<std::string>{"classifier.weight", "classifier.bias"}));
    QCOMPARE(parameter(*four, "classifier.weight").size(0), 4);
    QVERIFY(parameter(*four, "bert.pooler.dense.weight").equal(parameter(*own, "bert.pooler.dense.weight")));
    QCOMPARE(four->config()["id2label"]["3"].get<std::string>(), std::string("d"));
    QCOMPARE(four->config()["label2id"]["d"].get<int>(), 3);

    open_as(base, Head::sequence_classification, {"x", "y", "z"}, &report);  // same number, other names
    QVERIFY(report.new_head);
    open_as(base, Head::sequence_classification, {"LABEL_0", "LABEL_1", "LABEL_2"}, &report);
    QVERIFY(!report.new_head);
    const auto again = open_as(base, Head::sequence_classification, {"a", "b", "c", "d"});
    QVERIFY(parameter(*again, "classifier.weight").equal(parameter(*four, "classifier.weight")));  // same seed
  }

  void aLanguageModelBecomesAClassifierWithANewPooler() {
    LoadReport report;
    const auto model = open_as(fixture("full/bert-mlm/base"), Head::sequence_classification, {"a", "b"}, &report);
    QVERIFY(report.new_head);
    QCOMPARE(report.drawn, (std::vector<std::string>{"bert.pooler.dense.weight", "bert.pooler.dense.bias",
                                                     "classifier.weight", "classifier.bias"}));
    QVERIFY(contains(report.unused, "cls.predictions.transform.dense.weight"));
    QCOMPARE(model->config()["architectures"][0].get<std::string>(), std::string("BertForSequenceClassification"));
    QVERIFY(std::abs(parameter(*model, "bert.pooler.dense.weight").std().item<double>() - 0.02) < 0.002);
  }

  void readsABackboneSavedAlone() {
    const fs::path from = fixture("full/bert-token");
    const fs::path base = renamed(from / "base", fresh("alone"), [](const std::string& name) {
      return name.starts_with("bert.") ? name.substr(5) : name;
    });
    const auto model = open_model(base);
    QVERIFY(logits_of(*model, from).equal(logits_of(*open_model(from / "base"), from)));
  }

  void readsTheNamesOfOldCheckpointsAndIgnoresBuffers() {
    const fs::path from = fixture("full/bert-token");
    const fs::path base = renamed(from / "base", fresh("old"), [](std::string name) {
      if (const auto at = name.find("LayerNorm.weight"); at != std::string::npos)
        return name.substr(0, at) + "LayerNorm.gamma";
      if (const auto at = name.find("LayerNorm.bias"); at != std::string::npos)
        return name.substr(0, at) + "LayerNorm.beta";
      return name;
    });
    NamedTensors tensors = read_tensors(base / "model.safetensors");
    tensors.emplace_back("bert.embeddings.position_ids", tensors[0].second.detach().to(at::kLong));
    tensors.emplace_back("cls.seq_relationship.weight", tensors[0].second.detach());
    fs::create_directories(fresh("old2"));
    write_tensors(fresh("old2") / "model.safetensors", tensors);
    fs::copy_file(base / "config.json", fresh("old2") / "config.json");
    LoadReport report;
    const auto model = open_model(fresh("old2"), &report);
    QVERIFY(logits_of(*model, from).equal(logits_of(*open_model(from / "base"), from)));
    QCOMPARE(report.unused, (std::vector<std::string>{"cls.seq_relationship.weight"}));
  }

  void tiedWeightsStoredUnderTheOtherNameAreFound() {
    const fs::path from = fixture("full/bert-mlm");
    const fs::path base = renamed(from / "base", fresh("tied"), [](std::string name) {
      if (name == "bert.embeddings.word_embeddings.weight") return std::string("cls.predictions.decoder.weight");
      return name == "cls.predictions.bias" ? std::string("cls.predictions.decoder.bias") : name;
    });
    QVERIFY(logits_of(*open_model(base), from).equal(logits_of(*open_model(from / "base"), from)));
  }

  void aDecoderThatDiffersFromTheEmbeddingIsNotTied() {
    const fs::path from = fixture("full/bert-mlm"), folder = fresh("untied");
    fs::create_directories(folder);
    fs::copy_file(from / "base/config.json", folder / "config.json");
    NamedTensors tensors = read_tensors(from / "base/model.safetensors");
    for (const auto& [name, tensor] : read_tensors(from / "base/model.safetensors")) {
      if (name == "bert.embeddings.word_embeddings.weight")
        tensors.emplace_back("cls.predictions.decoder.weight", tensor * 2);
      if (name == "cls.predictions.bias") tensors.emplace_back("cls.predictions.decoder.bias", tensor);
    }
    write_tensors(folder / "model.safetensors", tensors);
    const auto model = open_model(folder);
    QVERIFY(!model->output_weight().is_same(model->input_embedding()));
    QVERIFY(model->output_weight().equal(model->input_embedding() * 2));
    QCOMPARE(model->config()["tie_word_embeddings"].get<bool>(), false);
  }

  void drawsAModelFromItsConfigAlone() {
    const fs::path folder = fresh("config");
    fs::create_directories(folder);
    fs::copy_file(fixture("full/bert-mlm/base/config.json"), folder / "config.json");
    LoadOptions options;
    options.head = Head::masked_lm;
    options.from_config = true;
    options.seed = 11;
    LoadReport report;
    const auto model = load_model(folder, options, &report), same = load_model(folder / "config.json", options);
    options.seed = 12;
    const auto other = load_model(folder, options);
    QVERIFY(report.new_head && report.drawn.size() == model->unique_parameters().size());
    const Tensor words = model->input_embedding().detach();
    QVERIFY(words.equal(same->input_embedding()) && !words.equal(other->input_embedding()));
    QVERIFY(std::abs(words.std().item<double>() - 0.02) < 0.001);  // initializer_range
    QCOMPARE(words[0].abs().max().item<double>(), 0.0);            // pad_token_id
    QCOMPARE(parameter(*model, "bert.encoder.layer.0.output.LayerNorm.weight").min().item<float>(), 1.0f);
    QCOMPARE(parameter(*model, "bert.encoder.layer.0.output.dense.bias").abs().max().item<float>(), 0.0f);
    QCOMPARE(parameter(*model, "cls.predictions.bias").abs().max().item<float>(), 0.0f);
    // From nothing the loss is that of guessing: ln of the vocabulary.
    const Tensors io = tensors_of(fixture("full/bert-mlm/io.safetensors"));
    const double loss =
        mean_loss(*model, logits_of(*model, fixture("full/bert-mlm")), io.at("batch0.labels")).item<double>();
    QVERIFY2(std::abs(loss - std::log(96.0)) < 0.2, std::to_string(loss).c_str());
  }

  void growingTheVocabularyKeepsTheOldLogits_data() {
    QTest::addColumn<QString>("name");
    for (const char* name : {"bert-mlm", "llama-lm", "bert-cls"}) QTest::newRow(name) << name;
  }

  void growingTheVocabularyKeepsTheOldLogits() {
    QFETCH(QString, name);
    const fs::path from = fixture("full/" + name.toStdString());
    const auto model = open_model(from / "base");
    const Tensor before = logits_of(*model, from), row = model->input_embedding().detach().mean(0);
    model->set_vocabulary(101);
    QCOMPARE(model->vocabulary(), 101);
    QVERIFY((model->input_embedding()[100] - row).abs().max().item<double>() < 1e-7);
    Tensor after = logits_of(*model, from);
    if (before.dim() == 3) after = after.narrow(2, 0, 96);
    QVERIFY((after - before).abs().max().item<double>() < 1e-5);
    model->set_vocabulary(50);  // never shrinks
    QCOMPARE(model->vocabulary(), 101);
    save_model(*model, fresh("grown-" + name.toStdString()));
    QCOMPARE(open_model(fresh("grown-" + name.toStdString()))->input_embedding().size(0), 101);
  }

  void dropoutActsInTrainingAndCanBeOverridden() {
    const fs::path from = fixture("full/bert-cls");
    LoadOptions options;
    options.dropout = 0.3;
    const auto model = load_model(from / "base", options);
    const Tensor calm = logits_of(*model, from);
    QVERIFY(calm.equal(logits_of(*open_model(from / "base"), from)));
    model->train();
    QVERIFY(!logits_of(*model, from).equal(logits_of(*model, from)));
    model->eval();
    QVERIFY(logits_of(*model, from).equal(calm));
    QCOMPARE(model->config()["hidden_dropout_prob"].get<double>(), 0.0);  // the saved config keeps its own
  }
};

QTEST_GUILESS_MAIN(SaveLoadTest)
#include "save_load_test.moc"

// BERT classifiers and T5 as GGUF files, computed by llama.cpp: the same numbers from its own tokenizers and kernels.
#include <ATen/Context.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/randn.h>

#include "base/error.h"
#include "core/export/exported_case.h"
#include "gguf/convert.h"

using namespace luthier;
using namespace luthier::testing;

namespace {

const char* const kTexts[] = {"The train to the coast leaves at seven, doesn't it?",
                              "Über 1,234 Äpfel: 3.5 kg (fresh!)",
                              "she said no",
                              "WATER boils - in the mountains.",
                              "x = [i for i in range(10)]",
                              "an unknownlongword here and there"};

/// A WordPiece tokenizer as BERT's, of letters, a few words and their pieces.
void write_word_pieces(const fs::path& folder, bool lowercase) {
  std::string vocabulary = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n";
  for (const char* word :
       {"the", "train", "to",       "coast", "leaves", "at",   "seven", "she", "said",  "no",   "water", "boil",
        "##s", "in",    "mountain", "uber",  "apfel",  "##pf", "##el",  "kg",  "fresh", "does", "##n"})
    vocabulary += std::string(word) + "\n";
  for (char letter = 'a'; letter <= 'z'; ++letter) vocabulary += std::string(1, letter) + "\n##" + letter + "\n";
  for (char digit = '0'; digit <= '9'; ++digit) vocabulary += std::string(1, digit) + "\n##" + digit + "\n";
  for (const char* mark : {".", ",", "?", "!", ":", "'", "(", ")", "[", "]", "=", "-"})
    vocabulary += std::string(mark) + "\n";
  write_text(folder / "vocab.txt", vocabulary);
  write_text(folder / "tokenizer_config.json",
             Json{{"tokenizer_class", "BertTokenizer"}, {"do_lower_case", lowercase}}.dump());
}

struct Classifier {
  TemporaryFolder folder;
  fs::path base = folder.path() / "base";
  std::shared_ptr<Model> model;
  std::unique_ptr<Tokenizer> tokenizer;

  explicit Classifier(const std::string& activation = "gelu", bool lowercase = true, std::size_t labels = 3) {
    fs::create_directories(base);
    write_word_pieces(base, lowercase);
    tokenizer = std::make_unique<Tokenizer>(Tokenizer::open(base));
    write_text(base / "config.json", Json{{"model_type", "bert"},
                                          {"vocab_size", tokenizer->vocabulary_size()},
                                          {"hidden_size", 64},
                                          {"intermediate_size", 128},
                                          {"num_hidden_layers", 2},
                                          {"num_attention_heads", 4},
                                          {"hidden_act", activation},
                                          {"max_position_embeddings", 64},
                                          {"pad_token_id", 0}}
                                         .dump());
    LoadOptions load;
    load.head = Head::sequence_classification;
    load.from_config = true;
    load.seed = 5;
    for (std::size_t i = 0; i < labels; ++i) load.labels.push_back("kind " + std::to_string(i));
    model = load_model(base, load);
    const at::NoGradGuard no_grad;
    at::manual_seed(5);
    for (const auto& parameter : model->named_parameters())  // no zero bias, no norm of ones: every tensor shows
      Tensor(parameter.value()).add_(at::randn(parameter.value().sizes()), 0.05);
    // One number alone has nothing beside it that it could be small against: far from zero, what differs is its share.
    if (labels == 1) Tensor(model->named_parameters()["classifier.bias"]).fill_(1);
  }

  Exported exported(const std::string& precision, const std::string& to, bool pairs = false) const {
    std::vector<ProofRow> rows;
    for (const char* text : kTexts) rows.push_back({text, pairs ? "she said" : ""});
    ExportOptions options;
    options.format = "gguf";
    options.precision = precision;
    return export_model(*model, {tokenizer.get(), base, "drawn", "", "", rows, 24}, options, folder.path() / to);
  }
};

}  // namespace

class GgufEncodersLongTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void llamaCppGivesTheSameClasses_data() {
    QTest::addColumn<QString>("activation");
    QTest::addColumn<QString>("precision");
    QTest::addColumn<int>("labels");
    QTest::newRow("gelu") << "gelu" << "fp32" << 3;
    QTest::newRow("gelu by tanh") << "gelu_new" << "fp32" << 3;
    QTest::newRow("half") << "gelu" << "fp16" << 3;
    QTest::newRow("eight bits") << "gelu" << "q8_0" << 5;
    QTest::newRow("one number") << "gelu" << "fp32" << 1;
  }

  void llamaCppGivesTheSameClasses() {
    QFETCH(QString, activation);
    QFETCH(QString, precision);
    QFETCH(int, labels);
    const Classifier classifier(activation.toStdString(), true, static_cast<std::size_t>(labels));
    const Exported exported = classifier.exported(precision.toStdString(), "out");
    const Json proof = Json::parse(exported.proof_json);
    qInfo("%s", proof.dump().c_str());
    QVERIFY2(exported.proven, exported.proof_json.c_str());
    QCOMPARE(proof.at("positions").get<std::size_t>(), std::size(kTexts));
  }

  void whatLlamaCppReadsInAnotherWayIsRefused() {
    const Classifier keeps_case("gelu", /*lowercase=*/false);
    LUTHIER_FAILS(keeps_case.exported("fp16", "out"), "lowers letters");
    const Classifier other("relu");
    LUTHIER_FAILS(other.exported("fp16", "out"), "relu");
    const Classifier pairs;
    LUTHIER_FAILS(pairs.exported("fp16", "out", /*pairs=*/true), "pairs");
    for (const Classifier* one : {&keeps_case, &other, &pairs}) QVERIFY(!fs::exists(one->folder.path() / "out"));
  }

  void t5AnswersInLlamaCppAsHere_data() {
    QTest::addColumn<QString>("projection");
    QTest::addColumn<bool>("tied");
    QTest::addColumn<QString>("precision");
    QTest::newRow("version 1.0") << "relu" << true << "fp32";
    QTest::newRow("version 1.1") << "gated-gelu" << false << "fp32";
    QTest::newRow("half") << "relu" << true << "fp16";
    QTest::newRow("eight bits") << "gated-gelu" << false << "q8_0";
  }

  void t5AnswersInLlamaCppAsHere() {
    QFETCH(QString, projection);
    QFETCH(bool, tied);
    QFETCH(QString, precision);
    LUTHIER_NEEDS(tokenizer_folder, "weights/tokenizers/t5-small");
    const TemporaryFolder folder;
    const fs::path base = folder.path() / "base";
    fs::create_directories(base);
    for (const char* file : {"tokenizer.json", "tokenizer_config.json"}) fs::copy(tokenizer_folder / file, base / file);
    const Json config = {{"model_type", "t5"},
                         {"vocab_size", 32128},
                         {"d_model", 64},
                         {"d_kv", 16},
                         {"d_ff", 96},
                         {"num_layers", 2},
                         {"num_decoder_layers", 2},
                         {"num_heads", 4},
                         {"feed_forward_proj", projection.toStdString()},
                         {"tie_word_embeddings", tied},
                         {"decoder_start_token_id", 0},
                         {"eos_token_id", 1},
                         {"pad_token_id", 0}};
    write_text(base / "config.json", config.dump());
    LoadOptions load;
    load.head = Head::seq2seq_lm;
    load.from_config = true;
    load.seed = 5;
    const auto model = load_model(base, load);
    const Tokenizer tokenizer = Tokenizer::open(base);
    std::vector<ProofRow> rows;
    for (const char* text : kTexts) {
      rows.push_back({std::string("translate:  ") + text, ""});
      rows.back().target = "Der Zug fährt um sieben ab.";
    }
    rows.push_back({"no answer is given", ""});
    ExportOptions options;
    options.format = "gguf";
    options.precision = precision.toStdString();
    const Exported exported =
        export_model(*model, {&tokenizer, base, "t5", "", "", rows, 24}, options, folder.path() / "out");
    qInfo("%s", exported.proof_json.c_str());
    QVERIFY2(exported.proven, exported.proof_json.c_str());
    const Json answers = Json::parse(exported.proof_json).at("answers");
    if (precision == "fp32") QCOMPARE(answers.at("same").get<int>(), answers.at("count").get<int>());
    QVERIFY(answers.at("count").get<int>() > 0);
  }
};

QTEST_GUILESS_MAIN(GgufEncodersLongTest)
#include "gguf_encoders_long_test.moc"

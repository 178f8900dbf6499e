// GGUF files, opened by llama.cpp itself: every family that it continues text with, every number type, real models with
// their own tokenizers; what is damaged is named; what a file cannot hold is refused before anything is written.
#include <ATen/ops/randn.h>

#include <span>

#include "base/error.h"
#include "core/export/exported_case.h"
#include "gguf/convert.h"
#include "gguf/quantise.h"
#include "models/generation.h"
#include "recipe/catalog.h"

using namespace luthier;
using namespace luthier::testing;

namespace {

const char* const kTexts[] = {"Write a short note about the sea.",
                              "How many days has a week?",
                              "The train to the coast leaves at seven, doesn't it?",
                              "Über 1,234 Äpfel: 3.5 kg",
                              "  two spaces\n\nand an empty line",
                              "x = [i for i in range(10)]"};

Json config_of(const std::string& type) {
  Json config = {{"model_type", type},          {"vocab_size", 4096},     {"hidden_size", 64},
                 {"intermediate_size", 96},     {"num_hidden_layers", 3}, {"num_attention_heads", 4},
                 {"num_key_value_heads", 2},    {"hidden_act", "silu"},   {"max_position_embeddings", 128},
                 {"rms_norm_eps", 1e-6},        {"bos_token_id", 0},      {"eos_token_id", 0},
                 {"tie_word_embeddings", false}};
  if (type == "gpt2")
    config = {{"model_type", type}, {"vocab_size", 4096}, {"n_embd", 64},      {"n_layer", 3},
              {"n_head", 4},        {"n_positions", 128}, {"bos_token_id", 0}, {"eos_token_id", 0}};
  if (type == "qwen3") config["head_dim"] = 32;
  if (type == "mistral") config["sliding_window"] = 64;
  return config;
}

/// A model with drawn weights, beside the tokenizer of a starter.
struct Drawn {
  TemporaryFolder folder;
  fs::path base = folder.path() / "base";
  std::shared_ptr<Model> model;
  std::unique_ptr<Tokenizer> tokenizer;

  explicit Drawn(Json config, Head head = Head::causal_lm) {
    fs::create_directories(base);
    const fs::path starter = source_folder() / "resources/starters/follow-instructions/model";
    for (const char* file : {"tokenizer.json", "tokenizer_config.json"}) fs::copy(starter / file, base / file);
    write_text(base / "config.json", config.dump());
    LoadOptions load;
    load.head = head;
    load.from_config = true;
    load.seed = 5;
    if (head == Head::sequence_classification) load.labels = {"a", "b"};
    model = load_model(base, load);
    for (const auto& parameter : model->named_parameters()) {  // no zero bias, no norm of ones: every tensor shows
      Tensor values = parameter.value().detach();
      values.add_(at::randn(values.sizes()), 0.05);
    }
    tokenizer = std::make_unique<Tokenizer>(Tokenizer::open(base));
  }

  Exported exported(const std::string& precision, const std::string& to,
                    const std::vector<std::string>& more = {}) const {
    std::vector<ProofRow> rows;
    for (const char* text : kTexts) rows.push_back({text, ""});
    for (const std::string& text : more) rows.push_back({text, ""});
    ExportOptions options;
    options.format = "gguf";
    options.precision = precision;
    return export_model(*model, {tokenizer.get(), base, "drawn", "", "", rows, 64}, options, folder.path() / to);
  }
};

fs::path gguf_in(const fs::path& folder) {
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".gguf") return entry.path();
  return {};
}

Json checked_again(const fs::path& folder) {
  const Output output = run_cli({"export", "--verify", folder.string(), "--json"});
  const Json told = Json::parse(output.out);
  return told.at("proof");
}

/// What llama.cpp's own program continues a prompt with, the likeliest token each time.
std::string continued(const fs::path& file, const std::string& prompt, int tokens) {
  const Output output =
      run_program({"llama-completion", "-m", file.string(), "-p", prompt, "-n", std::to_string(tokens), "--temp", "0",
                   "-no-cnv", "--no-display-prompt", "--no-warmup", "-t", "1", "-c", "128"},
                  {}, 120);
  return output.out;
}

}  // namespace

class GgufLongTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void everyFamilyComputesInLlamaCppWhatItComputesHere_data() {
    QTest::addColumn<QString>("type");
    for (const char* type : {"llama", "mistral", "qwen2", "qwen3", "gpt2"}) QTest::newRow(type) << type;
  }

  void everyFamilyComputesInLlamaCppWhatItComputesHere() {
    QFETCH(QString, type);
    const Drawn drawn(config_of(type.toStdString()));
    const Exported exported = drawn.exported("fp32", "out");
    QVERIFY2(exported.proven, exported.proof_json.c_str());
    const Json proof = Json::parse(exported.proof_json);
    qInfo("%s: relative difference %g", qPrintable(type), proof.at("relative_difference").get<double>());
    QVERIFY(proof.at("relative_difference").get<double>() < 1e-3);
    QCOMPARE(proof.at("rows").get<std::size_t>(), std::size(kTexts));
    QVERIFY(proof.at("answers").at("tokens") > 0);
    QCOMPARE(proof.at("answers").at("same").get<int>(), proof.at("answers").at("count").get<int>());
  }

  void rowsAreComparedWithinTheWindow() {
    Json config = config_of("mistral");
    config["sliding_window"] = 6;  // shorter than most rows
    const Drawn drawn(config);
    const Exported exported = drawn.exported("fp32", "out");
    QVERIFY2(exported.proven, exported.proof_json.c_str());
    for (const Json& row : read_json(exported.path / "proof/rows.json")) QVERIFY(row.at("ids").size() <= 6);
  }

  void rotaryScalingIsCarriedOver_data() {
    QTest::addColumn<QString>("scaling");
    QTest::newRow("llama3") << R"({"rope_type": "llama3", "factor": 4.0, "low_freq_factor": 1.0,
                                   "high_freq_factor": 4.0, "original_max_position_embeddings": 32})";
    QTest::newRow("linear") << R"({"rope_type": "linear", "factor": 2.0})";
  }

  void rotaryScalingIsCarriedOver() {
    QFETCH(QString, scaling);
    Json config = config_of("llama");
    config["rope_theta"] = 500.0;
    config["rope_scaling"] = Json::parse(scaling.toStdString());
    config["attention_bias"] = true;
    const Drawn drawn(config);
    const Exported exported = drawn.exported("fp32", "out");
    QVERIFY2(exported.proven, exported.proof_json.c_str());
  }

  void everyNumberTypeIsWrittenAndProven_data() {
    QTest::addColumn<QString>("precision");
    for (const std::string& one : gguf_types()) QTest::newRow(one.c_str()) << QString::fromStdString(one);
  }

  void everyNumberTypeIsWrittenAndProven() {
    QFETCH(QString, precision);
    Json config = config_of("llama");
    config["hidden_size"] = 256;  // blocks of 256 numbers
    config["intermediate_size"] = 512;
    const Drawn drawn(config);
    const Exported exported = drawn.exported(precision.toStdString(), "out");
    const Json proof = Json::parse(exported.proof_json);
    qInfo("%s: %.2f MB, relative difference %g, same token %g", qPrintable(precision),
          static_cast<double>(fs::file_size(gguf_in(exported.path))) / 1e6,
          proof.at("relative_difference").get<double>(), proof.at("agreement").get<double>());
    QVERIFY2(exported.proven, exported.proof_json.c_str());
    // The weights' own bytes and the tokenizer (4096 tokens and their merges, less than 0.2 MB).
    double numbers = 0;
    for (const auto& [name, parameter] : drawn.model->unique_parameters())
      numbers += static_cast<double>(parameter.numel());
    const double told = numbers * bytes_of_number(precision.toStdString());
    const auto size = static_cast<double>(fs::file_size(gguf_in(exported.path)));
    QVERIFY2(size < 1.25 * told + 2e5, qPrintable(QString("%1 bytes for %2").arg(size).arg(told)));
  }

  void aRealModelContinuesTextAsHere() {
    LUTHIER_NEEDS(stories, "weights/llama/stories260K");
    const TemporaryFolder folder;
    const fs::path out = folder.path() / "out";
    const Output output =
        run_cli({"export", stories.string(), "--to", "gguf", "--precision", "fp32", "--out", out.string(), "--json"});
    QVERIFY2(output.exit_code == 0, (output.out + output.err).c_str());
    const Output here = run_cli({"generate", "--model", stories.string(), "--prompt", "Once upon a time",
                                 "--max-new-tokens", "40", "--temperature", "0"});
    QCOMPARE(here.exit_code, 0);
    const std::string there = continued(gguf_in(out), "Once upon a time", 40);
    const auto trimmed = [](const std::string& text) { return QString::fromStdString(text).trimmed(); };
    // llama-completion counts the tokens that it is given too, so its text ends a little earlier.
    QVERIFY2(trimmed(there).size() > 80, there.c_str());
    QVERIFY2(trimmed(here.out).startsWith(trimmed(there)), (here.out + "\n---\n" + there).c_str());
  }

  void damageIsNamed() {
    const Drawn drawn(config_of("llama"));
    const std::string chat = "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}{% endfor %}";
    drawn.tokenizer->set_chat_template(chat);
    const fs::path folder = drawn.exported("fp32", "out").path, file = gguf_in(folder);
    const std::string good = read_file(file);
    std::string bad = good;
    bad[bad.size() - 1000] = static_cast<char>(bad[bad.size() - 1000] ^ 0x40);
    write_text(file, bad);
    Json proof = checked_again(folder);
    QCOMPARE(proof.at("passed").get<bool>(), false);
    QCOMPARE(proof.at("changed_tensors").size(), std::size_t{1});

    bad = good;  // the tokenizer is told to begin texts with another token
    const std::size_t key = bad.find("tokenizer.ggml.add_bos_token");
    QVERIFY(key != std::string::npos);
    const std::size_t flag = key + std::string("tokenizer.ggml.add_bos_token").size() + 4;
    bad[flag] = bad[flag] ? '\0' : '\1';
    write_text(file, bad);
    proof = checked_again(folder);
    QCOMPARE(proof.at("passed").get<bool>(), false);
    QVERIFY(proof.at("problem").get<std::string>().find("tokens for row") != std::string::npos);

    bad = good;  // a conversation is put in another form
    const std::size_t words = bad.find(chat);
    QVERIFY(words != std::string::npos);
    bad[bad.find("role", words)] = 'p';
    write_text(file, bad);
    proof = checked_again(folder);
    QCOMPARE(proof.at("passed").get<bool>(), false);
    QVERIFY(proof.at("problem").get<std::string>().find("chat template is not what was exported") != std::string::npos);

    write_text(file, good.substr(0, good.size() / 2));
    proof = checked_again(folder);
    QCOMPARE(proof.at("passed").get<bool>(), false);
    QVERIFY(proof.at("problem").get<std::string>().find("export the model again") != std::string::npos);

    write_text(file, good);
    QCOMPARE(checked_again(folder).at("passed").get<bool>(), true);
  }

  void tokensThatWereAddedAreCarriedOver() {
    const Drawn drawn(config_of("llama"));
    const std::int64_t before = drawn.model->vocabulary();
    drawn.tokenizer->add_tokens({"<|user|>", "Ärger"});
    drawn.model->set_vocabulary(drawn.tokenizer->vocabulary_size() + 3);  // rounded up, as some programs do
    QVERIFY(drawn.model->vocabulary() > before);
    const Exported exported = drawn.exported("fp32", "out", {"<|user|> Write about Ärger <|user|>", "no Ärger"});
    QVERIFY2(exported.proven, exported.proof_json.c_str());
    const Json rows = read_json(exported.path / "proof/rows.json");
    const auto ids = rows.at(rows.size() - 1).at("ids").get<std::vector<std::int64_t>>();
    QVERIFY(std::find(ids.begin(), ids.end(), drawn.tokenizer->id_of("Ärger").value()) != ids.end());
  }

  void anOutputLayerOfItsOwnIsWritten() {
    Json config = config_of("qwen2");
    config["tie_word_embeddings"] = true;
    const Drawn tied(config);
    const Exported small = tied.exported("fp32", "tied");
    QVERIFY2(small.proven, small.proof_json.c_str());
    const Drawn apart(config_of("qwen2"));
    const Exported large = apart.exported("fp32", "apart");
    QVERIFY2(large.proven, large.proof_json.c_str());
    QVERIFY(gguf_checksums(gguf_in(large.path)).contains("output.weight"));
    QVERIFY(!gguf_checksums(gguf_in(small.path)).contains("output.weight"));
  }

  void weightsThatCountAreRoundedMoreCarefully_data() {
    QTest::addColumn<int>("type");
    for (const ggml_type type : {GGML_TYPE_Q4_0, GGML_TYPE_Q5_1, GGML_TYPE_Q4_K, GGML_TYPE_Q6_K})
      QTest::newRow(ggml_type_name(type)) << static_cast<int>(type);
  }

  void weightsThatCountAreRoundedMoreCarefully() {
    QFETCH(int, type);
    const auto kind = static_cast<ggml_type>(type);
    constexpr std::int64_t kRows = 64, kColumns = 512;
    const Tensor values = at::randn({kRows, kColumns});
    std::vector<float> importance(kColumns);
    for (std::size_t i = 0; i < importance.size(); ++i) importance[i] = i % 16 == 0 ? 100.0F : 0.1F;
    const std::span numbers(values.const_data_ptr<float>(), static_cast<std::size_t>(values.numel()));
    const auto error = [&](std::span<const float> weighed) {
      const std::vector<std::byte> bytes = gguf::converted(numbers, kColumns, kind, weighed);
      std::vector<float> found(numbers.size());
      ggml_get_type_traits(kind)->to_float(bytes.data(), found.data(), static_cast<std::int64_t>(found.size()));
      double sum = 0;
      for (std::size_t i = 0; i < found.size(); ++i)
        sum += importance[i % kColumns] * (found[i] - numbers[i]) * (found[i] - numbers[i]);
      return sum;
    };
    const double plain = error({}), weighed = error(importance);
    qInfo("%s: weighted squared error %g, by importance %g", ggml_type_name(kind), plain, weighed);
    QVERIFY(weighed < plain);
  }

  void heldOutRowsDecideWhatCounts() {
    LUTHIER_NEEDS(stories, "weights/llama/stories260K");
    const TemporaryFolder folder;
    const auto kl = [&](const char* importance) {
      const fs::path out = folder.path() / importance;
      const Output output = run_cli({"export", stories.string(), "--to", "gguf", "--precision", "q4_0", "--set",
                                     std::string("importance=") + importance, "--out", out.string(), "--json"});
      return Json::parse(output.out).at("proof").at("kl").get<double>();
    };
    const double with = kl("true"), without = kl("false");
    qInfo("mean KL: %g by importance, %g without", with, without);
    QVERIFY(with < without);
  }

  void whatAFileCannotHoldIsRefusedBeforeAnythingIsWritten() {
    const Drawn classifier(config_of("llama"), Head::sequence_classification);
    LUTHIER_FAILS(classifier.exported("fp16", "out"), "head");
    Json config = config_of("qwen2");
    config["use_sliding_window"] = true;
    QVERIFY(!why_no_gguf(config).empty());
    QVERIFY(!fs::exists(classifier.folder.path() / "out"));
  }

  void weightsThatAreNoNumbersAreRefused() {
    const Drawn drawn(config_of("gpt2"));
    Tensor weight = drawn.model->named_parameters().front().value().detach();
    weight.flatten()[7] = std::numeric_limits<float>::quiet_NaN();
    LUTHIER_FAILS(drawn.exported("fp16", "out"), "not finite");
    QVERIFY(!fs::exists(drawn.folder.path() / "out"));
  }
};

QTEST_GUILESS_MAIN(GgufLongTest)
#include "gguf_long_test.moc"

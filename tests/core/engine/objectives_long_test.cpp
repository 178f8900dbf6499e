// Every objective over every kind of input, from files to a proven export, by the command line; and gradients that do
// not depend on how a batch is cut.
#include <ATen/ops/allclose.h>

#include <nlohmann/json.hpp>

#include "engine/prepare.h"
#include "eval/objective.h"
#include "support/media_files.h"
#include "train/run_log.h"

using namespace luthier;
using namespace luthier::testing;

namespace {

const std::vector<std::string> kWords = {"red", "blue", "small", "large", "cat", "dog", "one", "two"};

/// A folder with a small model's config, and what reads its rows.
fs::path model_folder(const fs::path& folder, const Json& config) {
  write_text(folder / "config.json", config.dump());
  return folder;
}

void write_words(const fs::path& folder, const std::string& end) {
  Json vocabulary = {{"<pad>", 0}, {end, 1}, {"<unk>", 2}};
  for (const std::string& word : kWords) vocabulary[word] = vocabulary.size();
  const auto token = [&](int id, const std::string& text) {
    return Json{{"id", id},        {"content", text},     {"single_word", false}, {"lstrip", false},
                {"rstrip", false}, {"normalized", false}, {"special", true}};
  };
  const Json close = {{"SpecialToken", {{"id", end}, {"type_id", 0}}}};
  const Json text = {{"Sequence", {{"id", "A"}, {"type_id", 0}}}}, pair = {{"Sequence", {{"id", "B"}, {"type_id", 0}}}};
  const Json tokenizer = {{"version", "1.0"},
                          {"added_tokens", {token(0, "<pad>"), token(1, end), token(2, "<unk>")}},
                          {"normalizer", nullptr},
                          {"pre_tokenizer", {{"type", "Whitespace"}}},
                          {"post_processor",
                           {{"type", "TemplateProcessing"},
                            {"single", {text, close}},
                            {"pair", {text, close, pair, close}},
                            {"special_tokens", {{end, {{"id", end}, {"ids", {1}}, {"tokens", {end}}}}}}}},
                          {"decoder", nullptr},
                          {"model", {{"type", "WordLevel"}, {"vocab", vocabulary}, {"unk_token", "<unk>"}}}};
  write_text(folder / "tokenizer.json", tokenizer.dump());
  write_text(folder / "tokenizer_config.json",
             Json{{"tokenizer_class", "PreTrainedTokenizerFast"}, {"pad_token", "<pad>"}, {"eos_token", end}}.dump());
}

Json vit() {
  return {{"model_type", "vit"},     {"hidden_size", 16}, {"num_hidden_layers", 1}, {"num_attention_heads", 2},
          {"intermediate_size", 32}, {"image_size", 16},  {"patch_size", 8},        {"num_channels", 3}};
}
Json wav2vec2() {
  return {{"model_type", "wav2vec2"},
          {"hidden_size", 16},
          {"num_hidden_layers", 1},
          {"num_attention_heads", 2},
          {"intermediate_size", 32},
          {"conv_dim", {8, 8}},
          {"conv_kernel", {10, 8}},
          {"conv_stride", {10, 8}},
          {"num_feat_extract_layers", 2},
          {"num_conv_pos_embeddings", 4},
          {"num_conv_pos_embedding_groups", 2},
          {"classifier_proj_size", 8},
          {"apply_spec_augment", false},
          {"feat_extract_norm", "layer"},
          {"do_stable_layer_norm", true},
          {"layerdrop", 0.0},
          {"pad_token_id", 0},
          {"vocab_size", 31}};
}
Json t5() {
  return {{"model_type", "t5"}, {"d_model", 16},
          {"d_ff", 32},         {"d_kv", 8},
          {"num_layers", 1},    {"num_heads", 2},
          {"vocab_size", 16},   {"pad_token_id", 0},
          {"eos_token_id", 1},  {"decoder_start_token_id", 0}};
}
Json whisper() {
  return {{"model_type", "whisper"},
          {"d_model", 16},
          {"encoder_layers", 1},
          {"decoder_layers", 1},
          {"encoder_attention_heads", 2},
          {"decoder_attention_heads", 2},
          {"encoder_ffn_dim", 32},
          {"decoder_ffn_dim", 32},
          {"num_mel_bins", 16},
          {"max_source_positions", 30},
          {"max_target_positions", 16},
          {"vocab_size", 16},
          {"pad_token_id", 0},
          {"eos_token_id", 1},
          {"decoder_start_token_id", 0}};
}
Json gpt2() {
  return {{"model_type", "gpt2"}, {"n_embd", 16},      {"n_layer", 1},      {"n_head", 2},
          {"vocab_size", 16},     {"n_positions", 64}, {"pad_token_id", 0}, {"eos_token_id", 1}};
}
Json bert() {
  return {{"model_type", "bert"},    {"hidden_size", 16}, {"num_hidden_layers", 1},        {"num_attention_heads", 2},
          {"intermediate_size", 32}, {"vocab_size", 16},  {"max_position_embeddings", 32}, {"type_vocab_size", 2}};
}

}  // namespace

class ObjectivesTest : public QObject {
  Q_OBJECT

 private:
  TemporaryFolder folder_;
  fs::path home() const { return folder_.path() / "home"; }

  void write_data() {
    const fs::path root = folder_.path();
    std::string list = "path\tlabel\ttext\tcounts\n", texts = "a\tb\tscore\tlabels\tcounts\n";
    for (int i = 0; i < 12; ++i) {
      const bool red = i % 2 == 0;
      const std::string number = std::to_string(i), colour = red ? "red" : "blue",
                        counts = i % 4 == 0   ? "\t2.5\n"
                                 : i % 4 == 1 ? "\t0.5\n"
                                              : "\t1\n";
      write_text(root / "images" / colour / (number + ".png"),
                 png_bytes(12 + i, 16, {static_cast<std::uint8_t>(red ? 200 : 10), 10, 60}, static_cast<unsigned>(i)));
      write_text(root / "sounds" / (number + ".wav"), wav_bytes(0.2 + 0.02 * i, 8000, red ? 300 : 900));
      list += "sounds/" + number + ".wav\t" + colour + "\t" + colour + (i % 3 == 0 ? " one" : " two") + counts;
      texts += kWords[static_cast<std::size_t>(i) % 8] + " cat\t" + colour + " dog\t" + std::to_string(i * 0.5) + "\t" +
               colour + (i % 3 == 0 ? ",small" : "") + counts;
    }
    write_text(root / "sounds.tsv", list);
    write_text(root / "texts.tsv", texts);
  }

  struct Case {
    std::string name;
    Json model, objective, data;
    bool words = true;
    Json training = Json::object();
  };

  std::vector<Case> cases() const {
    const std::string root = folder_.path().string();
    const auto data = [&](const std::string& file, const Json& roles) {
      return Json{{"train", root + "/" + file},
                  {"roles", roles},
                  {"validation_share", 0.25},
                  {"max_tokens", 16},
                  {"longest_seconds", 0.4}};
    };
    const auto kind = [](const std::string& name) { return Json{{"kind", name}}; };
    const Json seq2seq = {{"kind", "seq2seq"}, {"max_target_tokens", 6}};
    return {{"images", vit(), kind("classification"), data("images", {{"image", "image"}, {"label", "label"}}), false},
            {"recordings", wav2vec2(), kind("classification"),
             data("sounds.tsv", {{"audio", "path"}, {"label", "label"}}), false},
            {"spelling", wav2vec2(), kind("ctc"), data("sounds.tsv", {{"audio", "path"}, {"target", "text"}})},
            {"translation", t5(), seq2seq, data("texts.tsv", {{"text", "a"}, {"target", "b"}})},
            {"transcription", whisper(), seq2seq, data("sounds.tsv", {{"audio", "path"}, {"target", "text"}})},
            {"numbers", bert(), kind("regression"),
             data("texts.tsv", {{"text", "a"}, {"text_pair", "b"}, {"label", "score"}})},
            {"several", bert(), kind("multi_label"), data("texts.tsv", {{"text", "b"}, {"label", "labels"}})}};
  }

  /// Those whose rows come from a table, and what language models learn.
  std::vector<Case> weighed_cases() const {
    std::vector<Case> all = cases();
    std::erase_if(all, [](const Case& one) { return one.name == "images"; });
    Case words = all.back();
    words.model = gpt2();
    words.name = "next words";
    words.objective = {{"kind", "causal_lm"}, {"loss_on", "all"}};
    words.data["roles"] = {{"text", "a"}};
    all.push_back(words);
    words.name = "packed words";
    words.training = {{"batching", "packed"}};
    all.push_back(words);
    words.name = "better answers";
    words.training = Json::object();
    words.objective = {{"kind", "preference"}, {"loss", "simpo"}};
    words.data["roles"] = {{"prompt", "a"}, {"chosen", "b"}, {"rejected", "labels"}};
    all.push_back(words);
    return all;
  }

  Json recipe(const Case& one) {
    const fs::path model = model_folder(folder_.path() / "models" / one.name, one.model);
    if (one.words) write_words(model, "</s>");
    Json training = {{"max_steps", 3}, {"batch_size", 4}, {"device", "cpu"},
                     {"threads", 1},   {"dropout", 0.0},  {"precision", "fp32"}};
    training.update(one.training);
    return {{"luthier", 1},
            {"name", one.name},
            {"objective", one.objective},
            {"model", {{"path", model.string()}, {"from_config", true}}},
            {"data", one.data},
            {"method", {{"kind", "full"}}},
            {"training", training},
            {"export", {{{"format", "huggingface"}, {"path", (folder_.path() / "out" / one.name).string()}}}}};
  }

  Json cli(const std::vector<std::string>& words) {
    const Output output = run_cli(words);
    if (output.exit_code != 0) throw std::runtime_error(words[0] + ": " + output.out + output.err);
    return Json::parse(output.out.substr(output.out.find('{')), nullptr, false);
  }

 private Q_SLOTS:
  void initTestCase() {
    qputenv("LUTHIER_HOME", home().c_str());
    write_data();
  }

  void everyObjectiveTrainsExportsAndAnswers_data() {
    QTest::addColumn<int>("index");
    int index = 0;
    for (const Case& one : cases()) QTest::newRow(one.name.c_str()) << index++;
  }
  void everyObjectiveTrainsExportsAndAnswers() {
    QFETCH(int, index);
    const Case one = cases()[static_cast<std::size_t>(index)];
    const fs::path file = folder_.path() / (one.name + ".json"), out = folder_.path() / "out" / one.name;
    write_text(file, recipe(one).dump());
    const Output trained = run_cli({"train", file.string()});
    QVERIFY2(trained.exit_code == 0, (trained.out + trained.err).c_str());
    QVERIFY2(read_json(out / "proof.json").at("passed").get<bool>(), read_file(out / "proof.json").c_str());
    const std::string roles = one.data.at("roles").dump(), data = one.data.at("train");
    const Json judged = cli({"evaluate", "--model", out.string(), "--data", data, "--roles", roles, "--json"});
    QCOMPARE(judged.at("rows").get<int>(), 12);
    QVERIFY(judged.at("metrics").contains("loss"));
    const fs::path answers = folder_.path() / (one.name + ".jsonl");
    cli({"predict", "--model", out.string(), "--data", data, "--roles", roles, "--out", answers.string(), "--json"});
    const std::string text = read_file(answers);
    QCOMPARE(std::count(text.begin(), text.end(), '\n'), 12);
    const Json first = Json::parse(text.substr(0, text.find('\n')));
    const std::string kind = one.objective.at("kind");
    QVERIFY2(first.contains(kind == "classification" ? "label"
                            : kind == "regression"   ? "number"
                            : kind == "multi_label"  ? "labels"
                                                     : "answer"),
             first.dump().c_str());
  }

  // DESIGN: any split of a batch gives the same gradient.
  void gradientsDoNotDependOnMicroBatches_data() { everyObjectiveTrainsExportsAndAnswers_data(); }
  void gradientsDoNotDependOnMicroBatches() {
    QFETCH(int, index);
    const Case one = cases()[static_cast<std::size_t>(index)];
    Store store(home() / "gradients");
    const Json json = recipe(one);
    RunLog log(store, store.create_run(one.name, "cpu", json));
    Prepared parts = prepare(recipe_from_json(json, "/", "test"), home() / "cache", log);
    parts.model->eval();  // no batch statistics, no dropout
    const auto gradient = [&](std::size_t size) {
      std::vector<LabelledBatch> batches;
      std::vector<std::int64_t> rows = {0, 1, 2, 3, 4, 5};
      std::int64_t weight = 0;
      for (std::size_t at = 0; at < rows.size(); at += size) {
        batches.push_back(
            collate(parts.data.train, std::span(rows).subspan(at, std::min(size, rows.size() - at)), parts.collate, 0));
        weight += batches.back().weight;
      }
      std::vector<Tensor> gradients;
      for (const auto& [name, tensor] : parts.attached.trainable) tensor.mutable_grad() = Tensor();
      for (const LabelledBatch& batch : batches)
        (loss_sum(*parts.model, batch, parts.recipe.objective, 0) / static_cast<double>(weight)).backward();
      for (const auto& [name, tensor] : parts.attached.trainable)
        if (tensor.grad().defined()) gradients.push_back(tensor.grad().clone());
      return gradients;
    };
    const auto whole = gradient(6), parted = gradient(4);
    QVERIFY(!whole.empty());
    QCOMPARE(parted.size(), whole.size());
    for (std::size_t i = 0; i < whole.size(); ++i) QVERIFY(at::allclose(parted[i], whole[i], 1e-4, 1e-5));
  }

  // A row of weight w adds w times its own loss, and w times as much to what the sum is divided by.
  void rowsCountAsTheirWeightsSay_data() {
    QTest::addColumn<int>("index");
    const auto all = weighed_cases();
    for (std::size_t i = 0; i < all.size(); ++i) QTest::newRow(all[i].name.c_str()) << static_cast<int>(i);
  }
  void rowsCountAsTheirWeightsSay() {
    QFETCH(int, index);
    Case one = weighed_cases()[static_cast<std::size_t>(index)];
    one.data["roles"]["weight"] = "counts";
    Store store(home() / "weights");
    const Json json = recipe(one);
    RunLog log(store, store.create_run(one.name, "cpu", json));
    Prepared parts = prepare(recipe_from_json(json, "/", "test"), home() / "cache", log);
    parts.model->eval();
    const auto sum_of = [&](const LabelledBatch& batch) {
      return loss_sum(*parts.model, batch, parts.recipe.objective, 0).item<double>();
    };
    const std::vector<std::int64_t> rows = {0, 1, 2, 3, 4, 5};
    double sum = 0, divisor = 0;
    bool uneven = false;
    for (const std::int64_t row : rows) {
      const LabelledBatch alone = collate(parts.data.train, std::span(&row, 1), parts.collate, 0, /*training=*/false);
      const double weight = parts.data.train.row(row).weight;
      uneven = uneven || weight != 1;
      sum += weight * sum_of(alone);
      divisor += weight * static_cast<double>(alone.weight);
    }
    QVERIFY(uneven);
    const LabelledBatch batch = collate(parts.data.train, rows, parts.collate, 0, /*training=*/true),
                        judged = collate(parts.data.train, rows, parts.collate, 0, /*training=*/false);
    QVERIFY(!judged.row_weights.defined());
    QVERIFY(std::abs(sum_of(batch) - sum) <= 1e-4 * sum);
    QVERIFY(std::abs(batch.divisor() - divisor) <= 1e-6 * divisor);
  }

  void filesThatCannotBeDecodedCostTheirRows() {
    const fs::path root = folder_.path() / "damaged";
    for (int i = 0; i < 6; ++i)
      for (const char* label : {"red", "blue"}) {
        std::string bytes =
            png_bytes(16, 16, {label[0] == 'r' ? std::uint8_t{200} : std::uint8_t{0}, 0, 0}, static_cast<unsigned>(i));
        if (i == 3) bytes.resize(bytes.size() / 2);  // the head is whole, so that loading does not see it
        write_text(root / label / (std::to_string(i) + ".png"), bytes);
      }
    Case one = cases()[0];
    one.name = "damaged";
    one.data = {{"train", root.string()}, {"roles", {{"image", "image"}, {"label", "label"}}}};
    Json json = recipe(one);
    json["export"] = Json::array();
    json["training"]["batch_size"] = 1;
    json["training"]["max_steps"] = 12;
    const fs::path file = folder_.path() / "damaged.json";
    write_text(file, json.dump());
    const Output trained = run_cli({"train", file.string()});
    QVERIFY2(trained.exit_code == 0, (trained.out + trained.err).c_str());
    QVERIFY2((trained.out + trained.err).find("cannot be decoded") != std::string::npos,
             (trained.out + trained.err).c_str());
  }
};

QTEST_GUILESS_MAIN(ObjectivesTest)
#include "objectives_long_test.moc"

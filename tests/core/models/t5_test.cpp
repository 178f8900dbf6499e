// Ways of computing the same thing; transformers' numbers are in tests/fixtures and random_models_long_test.
#include <torch/types.h>

#include "base/error.h"
#include "core/models/numbers.h"
#include "models/generation.h"

using namespace luthier;
using namespace luthier::testing;

namespace {

std::shared_ptr<Model> fixture_t5() { return open_model(fixture("full/t5-s2s") / "base"); }
Json base_config() { return read_json(fixture("full/t5-s2s") / "base/config.json"); }

std::shared_ptr<Model> from_config(const Json& config, Head head = Head::seq2seq_lm) {
  const TemporaryFolder folder;
  write_json(folder.path() / "config.json", config);
  LoadOptions options;
  options.head = head;
  options.from_config = true;
  return load_model(folder.path(), options);
}

double largest(const Tensor& a, const Tensor& b) { return (a - b).abs().max().item<double>(); }

}  // namespace

class T5Test : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void theCacheGivesTheSameLogitsPieceByPiece() {
    const torch::NoGradGuard no_grad;
    const auto model = fixture_t5();
    Batch batch{.input_ids = torch::arange(2, 22).reshape({2, 10}),
                .attention_mask = torch::ones({2, 10}, torch::kBool)};
    batch.attention_mask[1].narrow(0, 6, 4).fill_(false);
    const Tensor decoder = torch::arange(30, 52).reshape({2, 11});
    batch.decoder_input_ids = decoder;
    const Tensor whole = model->logits(batch);
    batch.encoder_states = model->encode(batch);
    KeyValueCache cache;
    std::int64_t seen = 0;
    for (const std::int64_t count : {3, 1, 4, 1, 2}) {
      batch.decoder_input_ids = decoder.narrow(1, seen, count);
      const Tensor part = model->token_logits(model->hidden(batch, &cache));
      QVERIFY(largest(part, whole.narrow(1, seen, count)) < 1e-5);
      batch.encoder_states = torch::Tensor();  // its keys are in the cache
      seen += count;
      QCOMPARE(cache.length(), seen);
    }
  }

  void paddingOfTheSourceChangesNothing() {
    const torch::NoGradGuard no_grad;
    const auto model = fixture_t5();
    const Tensor ids = torch::tensor({{7, 9, 11, 1}}), decoder = torch::tensor({{0, 5, 6}});
    Batch alone{.input_ids = ids}, padded{.input_ids = torch::cat({ids, torch::zeros({1, 5}, torch::kLong)}, 1)};
    padded.attention_mask = padded.input_ids.ne(0);
    alone.decoder_input_ids = padded.decoder_input_ids = decoder;
    QVERIFY(largest(model->logits(alone), model->logits(padded)) < 1e-5);
  }

  void trainingWithDropoutStillHidesLaterTokens() {
    const auto model = fixture_t5();
    LoadOptions options;
    options.head = Head::seq2seq_lm;
    options.dropout = 1e-9;  // the path of training, with next to nothing dropped
    const auto training = load_model(fixture("full/t5-s2s") / "base", options);
    training->train();
    Batch batch{.input_ids = torch::tensor({{7, 9, 11, 1}})};
    batch.decoder_input_ids = torch::tensor({{0, 5, 6, 8}});
    const torch::NoGradGuard no_grad;
    QVERIFY(largest(training->logits(batch), model->logits(batch)) < 1e-4);
  }

  void anOutputLayerOfItsOwnIsKept() {
    const TemporaryFolder folder;
    Json config = base_config();
    config["tie_word_embeddings"] = false;  // as version 1.1 says it
    config["feed_forward_proj"] = "gated-gelu";
    config.erase("scale_decoder_outputs");
    const auto model = from_config(config);
    QVERIFY(!model->output_weight().is_same(model->input_embedding()));
    const Tensor rows = torch::ones({1, 32});
    QVERIFY(torch::equal(model->output_rows(rows), rows));
    save_model(*model, folder.path());
    const auto again = open_model(folder.path());
    QVERIFY(torch::equal(again->output_weight(), model->output_weight()));
    QVERIFY(!again->output_weight().is_same(again->input_embedding()));
    // Version 1.0: tied, and scaled by the root of the channels.
    const auto tied = fixture_t5();
    QVERIFY(tied->output_weight().is_same(tied->input_embedding()));
    QVERIFY(largest(tied->output_rows(rows), rows / std::sqrt(32.0)) < 1e-7);
  }

  void readsCheckpointsThatHoldTheEmbeddingThrice() {
    const TemporaryFolder folder;
    NamedTensors tensors = read_tensors(fixture("full/t5-s2s") / "base/model.safetensors");
    const Tensor words = tensors_of(fixture("full/t5-s2s") / "base/model.safetensors").at("shared.weight");
    for (const char* stack : {"encoder", "decoder"})
      tensors.emplace_back(std::string(stack) + ".embed_tokens.weight", words);
    write_tensors(folder.path() / "model.safetensors", tensors);
    write_json(folder.path() / "config.json", base_config());
    LoadReport report;
    open_model(folder.path(), &report);
    QVERIFY(report.unused.empty());
    QVERIFY(report.drawn.empty());
  }

  void growsItsVocabulary() {
    const auto model = fixture_t5();
    model->set_vocabulary(99);
    QVERIFY(model->output_weight().is_same(model->input_embedding()));
    Batch batch{.input_ids = torch::tensor({{98, 1}})};
    batch.decoder_input_ids = torch::tensor({{0, 97}});
    QCOMPARE(model->logits(batch).size(2), 99);
  }

  void writesFromTheDecodersStartToken() {
    const auto model = fixture_t5();
    Batch source{.input_ids = torch::tensor({{7, 9, 11, 1}, {3, 1, 0, 0}})};
    source.attention_mask = source.input_ids.ne(0);
    const auto written = generate_from(*model, {.prompts = {}, .source = source}, {.max_new_tokens = 6});
    QCOMPARE(written.size(), std::size_t{2});
    const auto given = generate_from(*model, {.prompts = {{0}, {0}}, .source = source}, {.max_new_tokens = 6});
    QCOMPARE(written, given);
    Batch first{.input_ids = source.input_ids.narrow(0, 0, 1)};
    QCOMPARE(generate_from(*model, {.prompts = {}, .source = first}, {.max_new_tokens = 6})[0], written[0]);
  }

  void refusesConfigsThatMakeNoModel() {
    const auto refused = [](const std::string& key, const Json& value, const std::string& part) {
      Json config = base_config();
      config[key] = value;
      LUTHIER_FAILS(from_config(config), part);
    };
    refused("d_model", 0, "d_model");
    refused("num_heads", "many", "num_heads");
    refused("relative_attention_num_buckets", 3, "relative_attention_num_buckets");
    refused("relative_attention_max_distance", 4, "relative_attention_num_buckets");
    refused("feed_forward_proj", "gated-nonsense", "nonsense");
    refused("dropout_rate", -1, "dropout_rate");
    LUTHIER_FAILS(from_config(base_config(), Head::causal_lm), "causal_lm");
  }
};

QTEST_GUILESS_MAIN(T5Test)
#include "t5_test.moc"

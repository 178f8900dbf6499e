// Wav2Vec2 and Whisper beyond their numbers (which fixtures_test holds against transformers): caches, masks, spans that
// training hides, older spellings, growing, drawing anew, and everything that is refused.
#include <ATen/Context.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/randn.h>

#include "base/error.h"
#include "core/models/numbers.h"
#include "models/spec_augment.h"

using namespace luthier;
using namespace luthier::testing;

namespace {

Batch first_batch(const Model& model, const std::string& name) {
  return batch_for(model, tensors_of(fixture("full/" + name) / "io.safetensors"), "batch0.");
}

Tensor parameter(const Model& model, const std::string& name) {
  for (const auto& [known, value] : model.unique_parameters())
    if (known == name) return value;
  return {};
}

std::shared_ptr<Model> open_as(const fs::path& folder, Head head, LoadReport* report = nullptr,
                               bool from_config = false) {
  LoadOptions options;
  options.head = head;
  options.from_config = from_config;
  options.seed = 5;
  return load_model(folder, options, report);
}

/// The fixture's base folder again, with other names and another config.
fs::path changed(const std::string& name, const fs::path& folder, const Json& settings,
                 const std::function<std::string(std::string)>& name_of = {}) {
  const fs::path base = fixture("full/" + name) / "base";
  fs::create_directories(folder);
  Json config = read_json(base / "config.json");
  config.update(settings);
  write_json(folder / "config.json", config);
  NamedTensors tensors;
  for (const auto& [key, tensor] : read_tensors(base / "model.safetensors"))
    if (const std::string other = name_of ? name_of(key) : key; !other.empty()) tensors.emplace_back(other, tensor);
  write_tensors(folder / "model.safetensors", tensors);
  return folder;
}

double largest(const Tensor& tensor) { return tensor.abs().max().item<double>(); }

}  // namespace

class SpeechTest : public QObject {
  Q_OBJECT

  TemporaryFolder folder_;
  fs::path fresh(const std::string& name) { return folder_.path() / name; }

 private Q_SLOTS:
  void decodingWithACacheGivesTheSameStates() {
    const auto model = open_model(fixture("full/whisper-s2s/base"));
    const at::NoGradGuard no_grad;
    Batch batch = first_batch(*model, "whisper-s2s");
    const Tensor whole = model->logits(batch), ids = batch.decoder_input_ids;
    batch.encoder_states = model->encode(batch);
    QVERIFY(model->logits(batch).equal(whole));
    KeyValueCache cache;
    std::vector<Tensor> parts;
    for (std::int64_t at = 0; at < ids.size(1);) {
      const std::int64_t count = at == 1 ? 2 : 1;
      batch.decoder_input_ids = ids.narrow(1, at, count);
      at += count;
      parts.push_back(model->head(model->hidden(batch, &cache), batch));
      batch.encoder_states = Tensor();  // what the cache holds is enough
      batch.input_features = Tensor();
    }
    const Tensor stepped = at::cat(parts, 1);
    QCOMPARE(stepped.size(1), whole.size(1));
    QVERIFY2(largest(stepped - whole) < 1e-5, std::to_string(largest(stepped - whole)).c_str());
    QCOMPARE(cache.cross_keys[0].size(2), 30);
  }

  void whatTrainsGetsAGradient() {
    for (const char* name : {"wav2vec2-cls", "wav2vec2-ctc", "whisper-s2s"}) {
      const auto model = open_model(fixture("full/" + std::string(name)) / "base");
      const Batch batch = first_batch(*model, name);
      model->logits(batch).square().mean().backward();
      for (const auto& [key, value] : model->unique_parameters()) {
        const bool expected = key != "wav2vec2.masked_spec_embed";  // stands in for hidden frames, in training alone
        QVERIFY2(value.grad().defined() == expected, key.c_str());
      }
    }
  }

  void frameLengthsAreThoseOfTheConvolutions() {
    const auto model = open_model(fixture("full/wav2vec2-ctc/base"));
    Batch batch;
    batch.input_values = at::randn({3, 1600});
    QCOMPARE(model->frame_lengths(batch, 79)[2].item<std::int64_t>(), 79);
    batch.attention_mask = at::ones({3, 1600}, at::kBool);
    batch.attention_mask[1].narrow(0, 800, 800).zero_();
    batch.attention_mask[2].narrow(0, 5, 1595).zero_();
    // (((800 - 10) / 5 + 1) - 3) / 2 + 1 = 79, (79 - 3) / 2 + 1 = 39; five samples give no frame.
    const Tensor lengths = model->frame_lengths(batch, 79);
    QCOMPARE(lengths[0].item<std::int64_t>(), 79);
    QCOMPARE(lengths[1].item<std::int64_t>(), 39);
    QCOMPARE(lengths[2].item<std::int64_t>(), 0);
    const at::NoGradGuard no_grad;
    const Tensor logits = model->logits(batch);
    QVERIFY(logits.isfinite().all().item<bool>());
    QCOMPARE(logits.size(1), 79);
  }

  void theOlderSpellingOfNormalisedWeightsIsRead() {
    const fs::path folder = changed("wav2vec2-ctc", fresh("older"), Json::object(), [](std::string name) {
      for (const auto& [from, to] :
           {std::pair<std::string, std::string>{".parametrizations.weight.original0", ".weight_g"},
            {".parametrizations.weight.original1", ".weight_v"}})
        if (name.ends_with(from)) return name.substr(0, name.size() - from.size()) + to;
      return name;
    });
    LoadReport report;
    const auto older = open_as(folder, Head::ctc, &report), model = open_model(fixture("full/wav2vec2-ctc/base"));
    QVERIFY(report.unused.empty() && report.drawn.empty());
    const at::NoGradGuard no_grad;
    const Batch batch = first_batch(*model, "wav2vec2-ctc");
    QVERIFY(older->logits(batch).equal(model->logits(batch)));
  }

  void aVectorForHiddenFramesMayBeMissing() {
    const fs::path folder = changed("wav2vec2-ctc", fresh("no-vector"), Json::object(), [](std::string name) {
      return name.ends_with("masked_spec_embed") ? std::string() : name;
    });
    LoadReport report;
    const auto model = open_as(folder, Head::ctc, &report);
    QVERIFY(report.drawn.empty() && !report.new_head);
    const Tensor drawn = parameter(*model, "wav2vec2.masked_spec_embed");
    QVERIFY(drawn.min().item<double>() >= 0 && drawn.max().item<double>() < 1 && largest(drawn) > 0);
    QCOMPARE(parameter(*open_as(changed("wav2vec2-ctc", fresh("no-masks"), {{"mask_time_prob", 0.0}}), Head::ctc),
                       "wav2vec2.masked_spec_embed")
                 .defined(),
             false);
  }

  void hiddenSpansKeepToTheirRows() {
    Random random(3);
    const Tensor hidden = hidden_spans(200, 60, std::vector<std::int64_t>(200, 40), 0.3, 5, 2, random);
    QCOMPARE(hidden.narrow(1, 40, 20).any().item<bool>(), false);
    const Tensor counts = hidden.sum(1);
    QVERIFY(counts.min().item<std::int64_t>() >= 5 && counts.max().item<std::int64_t>() <= 15);
    // 0.3 * 40 / 5 = 2.4 stretches of 5 a row at most, fewer steps where they overlap
    QVERIFY(std::abs(counts.to(at::kDouble).mean().item<double>() - 11) < 3);
    Random again(3);
    QVERIFY(hidden_spans(200, 60, std::vector<std::int64_t>(200, 40), 0.3, 5, 2, again).equal(hidden));
    QCOMPARE(hidden_spans(2, 60, {}, 0, 5, 2, random).any().item<bool>(), false);
    QCOMPARE(hidden_spans(2, 4, {}, 0.5, 5, 2, random).any().item<bool>(), false);  // shorter than a stretch
    QVERIFY(hidden_spans(1, 10, {}, 1, 5, 2, random).any().item<bool>());
  }

  void trainingHidesSpansOnlyWhereTheConfigAsksForThem_data() {
    QTest::addColumn<QString>("name");
    QTest::newRow("wav2vec2") << "wav2vec2-ctc";
    QTest::newRow("whisper") << "whisper-s2s";
  }

  void trainingHidesSpansOnlyWhereTheConfigAsksForThem() {
    QFETCH(QString, name);
    const std::string from = name.toStdString();
    const Head head = from == "wav2vec2-ctc" ? Head::ctc : Head::seq2seq_lm;
    const at::NoGradGuard no_grad;
    const auto plain = open_model(fixture("full/" + from) / "base");
    const Batch batch = first_batch(*plain, from);
    const Tensor calm = plain->logits(batch);
    plain->train();
    QVERIFY(plain->logits(batch).equal(calm));  // apply_spec_augment is false, every dropout 0
    const Json settings = {{"apply_spec_augment", true},
                           {"mask_time_prob", 0.5},
                           {"mask_time_length", 4},
                           {"mask_feature_prob", 0.2},
                           {"mask_feature_length", 2}};
    const auto hiding = open_as(changed(from, fresh("hiding-" + from), settings), head);
    QVERIFY(hiding->logits(batch).equal(calm));
    hiding->train();
    at::manual_seed(4);
    const Tensor one = hiding->logits(batch), other = hiding->logits(batch);
    QVERIFY(!one.equal(calm) && !other.equal(one) && one.isfinite().all().item<bool>());
    at::manual_seed(4);
    QVERIFY(hiding->logits(batch).equal(one));
  }

  void leavingOutLayersNeedsTraining() {
    const auto model = open_as(changed("wav2vec2-ctc", fresh("drop"), {{"layerdrop", 0.9}}), Head::ctc);
    const at::NoGradGuard no_grad;
    const Batch batch = first_batch(*model, "wav2vec2-ctc");
    const Tensor calm = model->logits(batch);
    QVERIFY(calm.equal(open_model(fixture("full/wav2vec2-ctc/base"))->logits(batch)));
    model->train();
    at::manual_seed(1);
    bool differs = false;
    for (int i = 0; i < 5; ++i) differs = differs || !model->logits(batch).equal(calm);
    QVERIFY(differs);
    LoadOptions options;
    options.head = Head::ctc;
    options.dropout = 0;
    const auto whole = load_model(fresh("drop"), options);
    whole->train();
    QVERIFY(whole->logits(batch).equal(calm));
  }

  void aTranscriberBecomesAClassifier() {
    LoadReport report;
    const auto writer = open_model(fixture("full/whisper-s2s/base"));
    const auto model = open_as(fixture("full/whisper-s2s/base"), Head::audio_classification, &report);
    QVERIFY(report.new_head);
    QCOMPARE(report.drawn,
             (std::vector<std::string>{"projector.weight", "projector.bias", "classifier.weight", "classifier.bias"}));
    QVERIFY(parameter(*model, "encoder.conv1.weight").equal(parameter(*writer, "model.encoder.conv1.weight")));
    const at::NoGradGuard no_grad;
    const Batch batch = first_batch(*writer, "whisper-s2s");
    QVERIFY(model->hidden(batch).equal(writer->encode(batch)));
    QCOMPARE(model->logits(batch).size(1), 2);
    save_model(*model, fresh("classifier"));
    QVERIFY(open_model(fresh("classifier"))->logits(batch).equal(model->logits(batch)));
  }

  void weighingTheLayersStartsEven() {
    LoadReport report;
    const auto model = open_as(changed("wav2vec2-cls", fresh("weighed"), {{"use_weighted_layer_sum", true}}),
                               Head::audio_classification, &report);
    QVERIFY(report.drawn.empty());
    QCOMPARE(parameter(*model, "layer_weights").size(0), 3);
    QCOMPARE(largest(parameter(*model, "layer_weights")), 0.0);  // a softmax of equal numbers: a third each
  }

  void theVocabularyGrows() {
    for (const char* name : {"whisper-s2s", "wav2vec2-ctc"}) {
      const auto model = open_model(fixture("full/" + std::string(name)) / "base");
      const at::NoGradGuard no_grad;
      const Batch batch = first_batch(*model, name);
      const Tensor before = model->logits(batch);
      const std::int64_t size = model->vocabulary();
      model->set_vocabulary(size + 4);
      const Tensor after = model->logits(batch);
      QCOMPARE(after.size(2), size + 4);
      QVERIFY(largest(after.narrow(2, 0, size) - before) < 1e-5);
      save_model(*model, fresh(std::string("grown-") + name));
      QVERIFY(open_model(fresh(std::string("grown-") + name))->logits(batch).equal(after));
    }
  }

  void theLossNeverNeedsAllLogits() {
    const auto model = open_model(fixture("full/whisper-s2s/base"));
    const at::NoGradGuard no_grad;
    const Batch batch = first_batch(*model, "whisper-s2s");
    const Tensor states = model->hidden(batch);
    QVERIFY(largest(states.matmul(model->output_weight().t()) - model->head(states, batch)) < 1e-5);
    QVERIFY(model->output_weight().is_same(model->input_embedding()));
    QVERIFY(model->is_encoder_decoder());
    QCOMPARE(model->max_positions(), 24);
  }

  void drawsANewModelAsTransformersDoes() {
    const auto model = open_as(fixture("full/wav2vec2-ctc/base"), Head::ctc, nullptr, /*from_config=*/true);
    // He et al. 2015 over 16 inputs and a kernel of 3; the projection is uniform in 1 / sqrt(16).
    const Tensor convolution = parameter(*model, "wav2vec2.feature_extractor.conv_layers.1.conv.weight");
    QVERIFY(std::abs(convolution.std().item<double>() - std::sqrt(2.0 / 48)) < 0.03);
    const Tensor projection = parameter(*model, "wav2vec2.feature_projection.projection.weight");
    QVERIFY(largest(projection) <= 0.25 && projection.std().item<double>() > 0.1);
    QCOMPARE(parameter(*model, "wav2vec2.feature_extractor.conv_layers.0.layer_norm.weight").min().item<double>(), 1.0);
    const Tensor direction =
        parameter(*model, "wav2vec2.encoder.pos_conv_embed.conv.parametrizations.weight.original1");
    const Tensor length = parameter(*model, "wav2vec2.encoder.pos_conv_embed.conv.parametrizations.weight.original0");
    QVERIFY(std::abs(direction.std().item<double>() - 2 / std::sqrt(16.0 * 32)) < 0.01);
    const Tensor norms = direction.square().sum({0, 1}).sqrt();
    QVERIFY(largest(length.flatten() / norms - 1) < 0.25);

    const auto whisper = open_as(fixture("full/whisper-s2s/base"), Head::seq2seq_lm, nullptr, /*from_config=*/true);
    QVERIFY(std::abs(parameter(*whisper, "model.encoder.conv2.weight").std().item<double>() - 0.02) < 0.002);
    const Tensor positions = whisper->named_buffers()["model.encoder.embed_positions.weight"];
    QCOMPARE(positions[0][0].item<double>(), 0.0);
    QCOMPARE(positions[0][16].item<double>(), 1.0);
    QVERIFY(std::abs(positions[3][1].item<double>() - std::sin(3 * std::exp(-std::log(10000.0) / 15))) < 1e-6);
    QVERIFY(!positions.requires_grad());
  }

  void whatDoesNotFitIsNamed() {
    const auto speller = open_model(fixture("full/wav2vec2-ctc/base"));
    Batch batch;
    batch.input_values = at::randn({1, 20});
    LUTHIER_FAILS(speller->logits(batch), "20 samples is too short");
    batch.input_values = Tensor();
    batch.input_ids = at::randint(3, {1, 4});
    LUTHIER_FAILS(speller->logits(batch), "reads waveforms");

    const auto writer = open_model(fixture("full/whisper-s2s/base"));
    Batch spectrogram = first_batch(*writer, "whisper-s2s");
    spectrogram.input_features = at::randn({4, 16, 59});
    LUTHIER_FAILS(writer->logits(spectrogram), "16 bands and 60 frames, not 16 and 59");
    spectrogram.input_features = at::randn({4, 16, 60});
    spectrogram.decoder_input_ids = at::randint(3, {4, 25});
    LUTHIER_FAILS(writer->logits(spectrogram), "at most 24");
    spectrogram.decoder_input_ids = Tensor();
    LUTHIER_FAILS(writer->logits(spectrogram), "decoder_input_ids");
    LUTHIER_FAILS(open_as(fixture("full/whisper-s2s/base"), Head::ctc), "has no ctc head");
    LUTHIER_FAILS(open_as(fixture("full/wav2vec2-ctc/base"), Head::masked_lm), "has no masked_lm head");
  }

  void badConfigsAreNamed_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("settings");
    QTest::addColumn<QString>("part");
    const auto row = [](const char* tag, const char* name, const char* settings, const char* part) {
      QTest::newRow(tag) << name << settings << part;
    };
    row("adapter", "wav2vec2-ctc", R"({"add_adapter": true})", "add_adapter");
    row("attention adapter", "wav2vec2-ctc", R"({"adapter_attn_dim": 16})", "adapter_attn_dim");
    row("lists of unlike length", "wav2vec2-ctc", R"({"conv_stride": [5, 2]})", "equally long");
    row("a stride of zero", "wav2vec2-ctc", R"({"conv_stride": [5, 0, 2]})", "conv_stride");
    row("not a list", "wav2vec2-ctc", R"({"conv_kernel": "wide"})", "conv_kernel");
    row("another norm", "wav2vec2-ctc", R"({"feat_extract_norm": "batch"})", "feat_extract_norm");
    row("groups that do not divide", "wav2vec2-ctc", R"({"num_conv_pos_embedding_groups": 5})", "groups");
    row("heads that do not divide", "wav2vec2-ctc", R"({"num_attention_heads": 5})", "attention heads");
    row("a share above one", "wav2vec2-ctc", R"({"apply_spec_augment": true, "mask_time_prob": 7})", "mask_time_prob");
    row("an absurd width", "wav2vec2-ctc", R"({"hidden_size": 99999999})", "hidden_size");
    row("whisper's heads", "whisper-s2s", R"({"decoder_attention_heads": 5})", "decoder_attention_heads");
    row("whisper's odd width", "whisper-s2s", R"({"d_model": 33})", "d_model");
    row("other sizes than the weights'", "whisper-s2s", R"({"num_mel_bins": 8})", "conv1.weight");
  }

  void badConfigsAreNamed() {
    QFETCH(QString, name);
    QFETCH(QString, settings);
    QFETCH(QString, part);
    const std::string from = name.toStdString();
    const fs::path folder = changed(from, fresh("bad"), parse_json(settings.toStdString(), "test"));
    LUTHIER_FAILS(open_as(folder, from == "whisper-s2s" ? Head::seq2seq_lm : Head::ctc), part.toStdString());
  }
};

QTEST_GUILESS_MAIN(SpeechTest)
#include "speech_test.moc"

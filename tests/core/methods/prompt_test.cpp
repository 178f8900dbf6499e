// Prompt and prefix tuning. Expected values: adapters, logits, losses and folders of PEFT (tests/fixtures/peft); logits
// of PEFT 0.20.1 with drawn adapters on the models of tests/fixtures/full (tests/fixtures/prompts); what a model
// computes for the same tokens written out.
#include "fixture_run.h"

#include <ATen/ops/cat.h>

#include "base/error.h"
#include "methods/prompt_tuning.h"
#include "models/generation.h"
#include "models/prompt.h"
#include "support/tiny_models.h"

using namespace luthier;
using namespace luthier::testing;

namespace {

const std::vector<std::string> kCases = {"prompt-bert-cls", "prompt-gpt2-lm", "prompt-llama-lm",
                                         "prompt-t5-s2s",   "prefix-gpt2-lm", "prefix-llama-lm"};

std::string case_name() { return QString(QTest::currentDataTag()).toStdString(); }

void rows(bool all) {
  QTest::addColumn<int>("unused");
  for (const std::string& name : kCases) QTest::newRow(name.c_str()) << 0;
  // What p-tuning's network made is on the disk, the network is not: there only the forward pass can be compared.
  if (all) QTest::newRow("ptuning-llama-lm") << 0;
}

/// As PEFT returns them: learned tokens of a language model's prompt come first.
FixtureBatch batch_of(const std::string& name, const std::string& which, const Model& model) {
  FixtureBatch batch = fixture_batch(name, which);
  batch.inputs.virtual_tokens = model.head_kind() == Head::causal_lm;
  return batch;
}

/// The same, with a mask as long as the logits.
Batch widened(const FixtureBatch& batch) {
  Batch inputs = batch.inputs;
  const auto& expected = batch.expected_logits;
  if (expected.dim() == 3 && !inputs.decoder_input_ids.defined())
    inputs.attention_mask = with_virtual(inputs.attention_mask, expected.size(1) - inputs.input_ids.size(1));
  return inputs;
}

std::vector<std::int64_t> numbers(std::int64_t first, std::int64_t count) {
  std::vector<std::int64_t> ids;
  for (std::int64_t i = 0; i < count; ++i) ids.push_back((first + i * 7) % 90 + 3);
  return ids;
}

torch::Tensor row_of(const std::vector<std::int64_t>& ids) { return torch::tensor(ids, torch::kLong).unsqueeze(0); }

double largest_difference(const torch::Tensor& a, const torch::Tensor& b) { return (a - b).abs().max().item<double>(); }

const PromptTuningOptions kTextPrompt = {
    .virtual_tokens = 4, .init = "text", .init_text = "of the words", .modules_to_save = {}};
const PrefixTuningOptions kTextPrefix = {
    .virtual_tokens = 4, .init = "text", .init_text = "of the words", .modules_to_save = {}};

}  // namespace

class PromptTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void givesTheLogitsThatPeftGives_data() { rows(true); }
  void givesTheLogitsThatPeftGives() {
    const std::string name = "peft/" + case_name();
    const auto model = fixture_model(name);
    load_adapter(*model, fixture(name) / "adapter");
    const torch::NoGradGuard no_grad;
    for (const char* which : {"batch0", "batch1"}) {
      const FixtureBatch batch = batch_of(name, which, *model);
      const torch::Tensor logits = model->logits(batch.inputs);
      QVERIFY(logits.sizes() == batch.expected_logits.sizes());
      QVERIFY(relative_difference(logits, batch.expected_logits, widened(batch)) < 1e-4);
      Batch without = batch.inputs;
      without.virtual_tokens = false;
      if (batch.inputs.virtual_tokens)
        QVERIFY(largest_difference(model->logits(without), logits.narrow(1, logits.size(1) - 12, 12)) < 1e-5);
    }
  }

  void givesPeftsLogitsForEncodersToo_data() {
    QTest::addColumn<int>("unused");
    for (const char* name : {"prefix-t5-s2s", "prefix-bert-cls", "prefix-roberta-cls", "prompt-roberta-cls",
                             "prefix-bert-token", "prompt-bert-token"})
      QTest::newRow(name) << 0;
  }
  void givesPeftsLogitsForEncodersToo() {
    const std::string name = case_name(), base = "full/" + name.substr(7);
    const fs::path folder = fixture("prompts/" + name);
    const auto model = fixture_model(base);
    load_adapter(*model, folder);
    const torch::NoGradGuard no_grad;
    FixtureBatch batch = fixture_batch(base, "batch0");
    batch.inputs.virtual_tokens = name == "prompt-bert-token";
    batch.expected_logits = find_tensor(read_tensors(folder / "expect.safetensors"), "expect.logits");
    const torch::Tensor logits = model->logits(batch.inputs);
    QVERIFY(logits.sizes() == batch.expected_logits.sizes());
    QVERIFY(relative_difference(logits, batch.expected_logits, widened(batch)) < 1e-4);
    const TemporaryFolder saved;
    save_adapter(*model, saved.path(), "");
    Json ours = read_json(saved.path() / "adapter_config.json"), theirs = read_json(folder / "adapter_config.json");
    for (Json* config : {&ours, &theirs}) {
      (*config)["peft_version"] = "";
      if (auto& whole = (*config)["modules_to_save"]; whole.is_array()) whole = whole.get<std::set<std::string>>();
    }
    QCOMPARE(QString::fromStdString(ours.dump()), QString::fromStdString(theirs.dump()));
  }

  void trainsAndSavesWhatPeftTrainsAndSaves_data() { rows(false); }
  void trainsAndSavesWhatPeftTrainsAndSaves() {
    const std::string name = "peft/" + case_name();
    const Json expected = read_json(fixture(name) / "expect.json");
    const auto model = fixture_model(name);
    const Attached attached = load_adapter(*model, fixture(name) / "adapter");
    QCOMPARE(attached.trainable_parameters, expected["trainable_parameters"].get<std::int64_t>());
    std::vector<torch::Tensor> parameters;
    for (const auto& [key, parameter] : attached.trainable) parameters.push_back(parameter);
    nn::AdamW optimizer(parameters, std::vector<bool>(parameters.size(), false), {.learning_rate = 0.01});
    for (int step = 0; step < 10; ++step) {
      FixtureBatch batch = batch_of(name, step % 2 == 0 ? "batch0" : "batch1", *model);
      // PEFT puts labels that carry nothing before a prompt's row.
      if (batch.inputs.virtual_tokens)
        batch.labels =
            torch::cat({torch::full({batch.labels.size(0), model->prompt()->kind() == Prompt::Kind::embeddings ? 5 : 0},
                                    -100, torch::kLong),
                        batch.labels},
                       1);
      const torch::Tensor loss = mean_loss(*model, batch);
      const double wanted = expected["losses"][static_cast<std::size_t>(step)].get<double>();
      QVERIFY2(std::abs(loss.item<double>() - wanted) < 1e-4 * wanted, std::to_string(step).c_str());
      loss.backward();
      nn::clip_gradients(parameters, nn::gradient_norm(parameters), 1.0);
      optimizer.step(0.01);
      optimizer.zero_grad();
    }
    const TemporaryFolder folder;
    save_adapter(*model, folder.path(), "");
    const NamedTensors ours = read_tensors(folder.path() / "adapter_model.safetensors"),
                       theirs = read_tensors(fixture(name) / "adapter-final/adapter_model.safetensors");
    QCOMPARE(ours.size(), theirs.size());
    for (std::size_t i = 0; i < ours.size(); ++i) {
      QCOMPARE(QString::fromStdString(ours[i].first), QString::fromStdString(theirs[i].first));
      QVERIFY(ours[i].second.sizes() == theirs[i].second.sizes());
      QVERIFY2(largest_difference(ours[i].second, theirs[i].second) < 1e-4, ours[i].first.c_str());
    }
    Json our_config = read_json(folder.path() / "adapter_config.json"),
         their_config = read_json(fixture(name) / "adapter-final/adapter_config.json");
    for (Json* config : {&our_config, &their_config}) {
      (*config)["peft_version"] = "";
      if (auto& saved = (*config)["modules_to_save"]; saved.is_array()) saved = saved.get<std::set<std::string>>();
    }
    QCOMPARE(QString::fromStdString(our_config.dump()), QString::fromStdString(their_config.dump()));
  }

  void aPromptFromATextReadsLikeTheText_data() {
    QTest::addColumn<int>("unused");
    for (const char* name : {"gpt2-lm", "llama-lm", "qwen2-lm"}) QTest::newRow(name) << 0;
  }
  void aPromptFromATextReadsLikeTheText() {
    const std::string name = "full/" + case_name();
    const torch::NoGradGuard no_grad;
    const auto words = numbers(4, 3);
    const torch::Tensor before = row_of({words[0], words[1], words[2], words[0]}), text = row_of(numbers(11, 9));
    const torch::Tensor wanted =
        fixture_model(name)->logits({.input_ids = torch::cat({before, text}, 1)}).narrow(1, 4, 9);
    for (const MethodOptions& method : {MethodOptions(kTextPrompt), MethodOptions(kTextPrefix)}) {
      const auto model = fixture_model(name);
      attach_method(*model, method, false, 1, {.text = words, .special = {}});
      QVERIFY(largest_difference(model->logits({.input_ids = text}), wanted) < 1e-5);
      set_adapters_active(*model, false);
      QVERIFY(largest_difference(model->logits({.input_ids = text}), wanted) > 1e-3);
    }
  }

  void anEncodersPrefixIsWhatItsTokensWouldBe() {
    const auto model = fixture_model("full/bert-cls");
    const torch::NoGradGuard no_grad;
    KeyValueCache cache;
    model->hidden({.input_ids = row_of({9, 12, 9})}, &cache);
    attach_method(*model, PrefixTuningOptions{.virtual_tokens = 3, .init = "text", .modules_to_save = {}}, true, 1,
                  {.text = {9, 12}, .special = {}});
    const torch::Tensor values = model->prompt()->values().view({3, 4, 4, 8});  // [P, 2 layers, H, D]
    for (std::size_t layer = 0; layer < 2; ++layer) {
      const auto at = static_cast<std::int64_t>(2 * layer);
      QVERIFY(torch::equal(values.select(1, at).transpose(0, 1), cache.keys[layer][0]));
      QVERIFY(torch::equal(values.select(1, at + 1).transpose(0, 1), cache.values[layer][0]));
    }
    QVERIFY(model->logits({.input_ids = row_of({5, 6, 7})}).isfinite().all().item<bool>());
  }

  void writesWithTheCacheAsWithout_data() {
    QTest::addColumn<int>("unused");
    for (const char* name : {"gpt2-lm", "llama-lm", "qwen2-lm"}) QTest::newRow(name) << 0;
  }
  void writesWithTheCacheAsWithout() {
    const std::string name = "full/" + case_name();
    for (const MethodOptions& method :
         {MethodOptions(PromptTuningOptions{.virtual_tokens = 6, .modules_to_save = {}}),
          MethodOptions(PrefixTuningOptions{.virtual_tokens = 6, .modules_to_save = {}})}) {
      const auto model = fixture_model(name);
      attach_method(*model, method, false, 3);
      const std::vector<std::vector<std::int64_t>> prompts = {numbers(1, 2), numbers(5, 7), numbers(2, 4)};
      const auto cached = generate(*model, prompts, {.max_new_tokens = 12});
      QVERIFY(cached == generate(*model, prompts, {.max_new_tokens = 12, .use_cache = false}));
      QVERIFY(cached != generate(*fixture_model(name), prompts, {.max_new_tokens = 12}));
      for (std::size_t row = 0; row < prompts.size(); ++row)  // padding between prompt and text changes nothing
        QVERIFY(generate(*model, {prompts[row]}, {.max_new_tokens = 12})[0] == cached[row]);
      const GenerateOptions beams = {.max_new_tokens = 8, .beams = 3};
      GenerateOptions slow = beams;
      slow.use_cache = false;
      QVERIFY(generate(*model, prompts, beams) == generate(*model, prompts, slow));
    }
  }

  void encoderDecodersWriteWithTheCacheAsWithout() {
    for (const MethodOptions& method :
         {MethodOptions(PromptTuningOptions{.virtual_tokens = 6, .modules_to_save = {}}),
          MethodOptions(PrefixTuningOptions{.virtual_tokens = 6, .modules_to_save = {}})}) {
      const auto model = fixture_model("full/t5-s2s");
      attach_method(*model, method, false, 3);
      Batch source = {.input_ids = torch::cat({row_of(numbers(1, 7)), row_of(numbers(30, 7))})};
      source.attention_mask = torch::ones({2, 7}, torch::kBool);
      source.attention_mask[1][6] = false;
      const GenerateInputs inputs = {.prompts = {}, .source = source};
      GenerateOptions slow = {.max_new_tokens = 12};
      slow.use_cache = false;
      const auto cached = generate_from(*model, inputs, {.max_new_tokens = 12});
      QVERIFY(cached == generate_from(*model, inputs, slow));
      QVERIFY(cached != generate_from(*fixture_model("full/t5-s2s"), inputs, {.max_new_tokens = 12}));
    }
  }

  void startsFromOrdinaryTokens() {
    const auto model = fixture_model("full/llama-lm");
    const torch::Tensor table = model->input_embedding().detach();
    std::vector<std::int64_t> special;
    for (std::int64_t id = 0; id < 90; ++id) special.push_back(id);
    attach_method(*model, PromptTuningOptions{.virtual_tokens = 40, .modules_to_save = {}}, false, 5,
                  {.text = {}, .special = special, .tokens = 94});
    const torch::Tensor values = model->prompt()->values();
    const torch::Tensor distance = (values.unsqueeze(1) - table.unsqueeze(0)).abs().sum(2);  // [P, V]
    const auto [nearest, which] = distance.min(1);
    QCOMPARE(nearest.max().item<double>(), 0.0);
    QVERIFY(which.min().item<std::int64_t>() >= 90 && which.max().item<std::int64_t>() < 94);
    const auto other = fixture_model("full/llama-lm");
    LUTHIER_FAILS(
        attach_method(*other, PromptTuningOptions{.init = "text", .init_text = "x", .modules_to_save = {}}, false, 5),
        "method.init_text");
  }

  void theSeedDecidesTheFirstValues() {
    const auto first = [](const MethodOptions& method, std::uint64_t seed) {
      const auto model = fixture_model("full/llama-lm");
      attach_method(*model, method, false, seed);
      return model->prompt()->values().detach().clone();
    };
    for (const char* init : {"vocabulary", "random"}) {
      const MethodOptions prompt = PromptTuningOptions{.init = init, .modules_to_save = {}},
                          prefix = PrefixTuningOptions{.init = init, .modules_to_save = {}};
      for (const MethodOptions& method : {prompt, prefix}) {
        QVERIFY(torch::equal(first(method, 1), first(method, 1)));
        QVERIFY(!torch::equal(first(method, 1), first(method, 2)));
      }
    }
  }

  void aNetworkMakesThePrefixAndIsNotSaved() {
    const std::string name = "full/llama-lm";
    const auto model = fixture_model(name);
    const FixtureBatch batch = fixture_batch(name, "batch0");
    const PrefixTuningOptions plain = {.virtual_tokens = 4, .modules_to_save = {}};
    PrefixTuningOptions projected = plain;
    projected.projection = true;
    projected.projection_size = 24;
    const auto without = fixture_model(name);
    attach_method(*without, plain, false, 9);
    const Attached attached = attach_method(*model, projected, false, 9);
    // Both start as the same real keys and values: the network learns the difference.
    QVERIFY(torch::equal(model->logits(batch.inputs).detach(), without->logits(batch.inputs).detach()));
    // PEFT's encoder: P x 16 embeddings, 16 -> 24, tanh, 24 -> 2 layers x 2 x 16.
    QCOMPARE(attached.trainable_parameters, 4 * 16 + 24 * 17 + 64 * 25);
    const std::vector<double> losses = train(*model, attached, name, 6, 0.02);
    QVERIFY(losses[4] < losses[0]);
    const TemporaryFolder folder;
    save_adapter(*model, folder.path(), "base");
    const Json config = read_json(folder.path() / "adapter_config.json");
    QVERIFY(config["prefix_projection"].get<bool>());
    QCOMPARE(config["encoder_hidden_size"].get<int>(), 24);
    const auto again = fixture_model(name);
    load_adapter(*again, folder.path());
    QVERIFY(largest_difference(again->logits(batch.inputs).detach(), model->logits(batch.inputs).detach()) < 1e-6);
  }

  void refusesModelsThatHaveNoPlaceForIt() {
    const auto refused = [](const std::string& type, const std::string& head, const MethodOptions& method) {
      LUTHIER_FAILS(attach_method(*tiny_model(type, head), method, false, 1), "choose lora");
    };
    for (const MethodOptions& method : {MethodOptions(PromptTuningOptions{}), MethodOptions(PrefixTuningOptions{})}) {
      refused("vit", "image_classification", method);
      refused("resnet", "image_classification", method);
      refused("wav2vec2", "ctc", method);
      refused("whisper", "seq2seq_lm", method);
      refused("bert", "masked_lm", method);
    }
    refused("distilbert", "sequence_classification", PrefixTuningOptions{});
  }

  void refusesHostileFolders() {
    const auto refused = [](const std::string& name, const std::string& key, const Json& value,
                            const std::string& part) {
      const TemporaryFolder folder;
      for (const char* file : {"adapter_config.json", "adapter_model.safetensors"})
        fs::copy_file(fixture("peft/" + name) / "adapter" / file, folder.path() / file);
      Json config = read_json(folder.path() / "adapter_config.json");
      config[key] = value;
      write_json(folder.path() / "adapter_config.json", config);
      LUTHIER_FAILS(load_adapter(*fixture_model("peft/" + name), folder.path()), part);
    };
    refused("prompt-llama-lm", "num_virtual_tokens", 4, "does not fit 4");
    refused("prompt-llama-lm", "num_virtual_tokens", -5, "num_virtual_tokens");
    refused("prompt-llama-lm", "num_virtual_tokens", 1e300, "num_virtual_tokens");
    refused("prompt-llama-lm", "num_virtual_tokens", nullptr, "num_virtual_tokens");
    refused("prompt-llama-lm", "peft_type", "PREFIX_TUNING", "does not fit");
    refused("prefix-llama-lm", "peft_type", "PROMPT_TUNING", "does not fit");
    refused("prompt-llama-lm", "peft_type", "CPT", "CPT");
    LUTHIER_FAILS(load_adapter(*fixture_model("full/bert-mlm"), fixture("peft/prompt-bert-cls") / "adapter"),
                  "no such prompt");
    LUTHIER_FAILS(load_adapter(*fixture_model("full/llama-lm"), fixture("peft/prompt-bert-cls") / "adapter"),
                  "does not have");
    LUTHIER_FAILS(load_adapter(*fixture_model("full/llama-lm"), fixture("peft/prefix-gpt2-lm") / "adapter"),
                  "does not fit");
  }
};

QTEST_GUILESS_MAIN(PromptTest)
#include "prompt_test.moc"

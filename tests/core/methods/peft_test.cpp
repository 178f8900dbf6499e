// Expected values: adapters, logits and losses that PEFT and transformers computed (tests/fixtures/peft).
#include "fixture_run.h"

#include "base/error.h"
#include "methods/lora.h"

using namespace luthier;
using namespace luthier::testing;

namespace {

const std::vector<std::string> kCases = {"lora-bert-cls", "lora-bert-mlm",     "lora-bert-token",   "lora-llama-lm",
                                         "lora-qwen2-lm", "lora-roberta-cls",  "rslora-llama-lm",   "lora-gpt2-lm",
                                         "lora-t5-s2s",   "lora-wav2vec2-cls", "lora-wav2vec2-ctc", "lora-whisper-s2s"};

std::string case_name() { return QString(QTest::currentDataTag()).toStdString(); }

void rows() {
  QTest::addColumn<int>("unused");
  for (const std::string& name : kCases) QTest::newRow(name.c_str()) << 0;
}

/// A copy of a fixture's adapter that a test may spoil.
class Spoiled {
 public:
  explicit Spoiled(const std::string& name) {
    for (const char* file : {"adapter_config.json", "adapter_model.safetensors"})
      fs::copy_file(fixture("peft/" + name) / "adapter" / file, folder_.path() / file);
  }
  const fs::path& path() const { return folder_.path(); }
  void set(const std::string& key, const Json& value) {
    Json config = read_json(path() / "adapter_config.json");
    config[key] = value;
    write_json(path() / "adapter_config.json", config);
  }
  void change(const std::function<void(NamedTensors&)>& edit) {
    NamedTensors tensors;
    for (const auto& [name, tensor] : read_tensors(path() / "adapter_model.safetensors"))
      tensors.emplace_back(name, tensor.clone());
    edit(tensors);
    write_tensors(path() / "adapter_model.safetensors", tensors);
  }

 private:
  TemporaryFolder folder_;
};

}  // namespace

class PeftTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void givesTheLogitsThatPeftGives_data() { rows(); }
  void givesTheLogitsThatPeftGives() {
    const std::string name = "peft/" + case_name();
    const auto model = fixture_model(name);
    load_adapter(*model, fixture(name) / "adapter");
    for (const char* which : {"batch0", "batch1"}) {
      const FixtureBatch batch = fixture_batch(name, which);
      QVERIFY(relative_difference(model->logits(batch.inputs).detach(), batch.expected_logits, batch.inputs) < 1e-4);
    }
  }

  void trainsAndSavesWhatPeftTrainsAndSaves_data() { rows(); }
  void trainsAndSavesWhatPeftTrainsAndSaves() {
    const std::string name = "peft/" + case_name();
    const Json expected = read_json(fixture(name) / "expect.json");
    const auto model = fixture_model(name);
    const Attached attached = load_adapter(*model, fixture(name) / "adapter");
    QCOMPARE(attached.trainable_parameters, expected["trainable_parameters"].get<std::int64_t>());
    const std::vector<double> losses = train(*model, attached, name, 10, expected["optimizer"]["lr"].get<double>());
    for (std::size_t i = 0; i < losses.size(); ++i) {
      const double wanted = expected["losses"][i].get<double>();
      QVERIFY2(std::abs(losses[i] - wanted) < 1e-4 * wanted, std::to_string(i).c_str());
    }
    const TemporaryFolder folder;
    save_adapter(*model, folder.path(), "");
    const NamedTensors ours = read_tensors(folder.path() / "adapter_model.safetensors"),
                       theirs = read_tensors(fixture(name) / "adapter-final/adapter_model.safetensors");
    QCOMPARE(ours.size(), theirs.size());
    for (std::size_t i = 0; i < ours.size(); ++i) {
      QCOMPARE(QString::fromStdString(ours[i].first), QString::fromStdString(theirs[i].first));
      QVERIFY(ours[i].second.sizes() == theirs[i].second.sizes());
      // One gradient of the CTC case is 1e-7 where others are 6e-3: AdamW's step there is rounding. PEFT itself, run
      // again on another machine, ends 8e-3 from the fixture in that one number.
      const torch::Tensor off = (ours[i].second - theirs[i].second).abs();
      const torch::Tensor error = name == "peft/lora-wav2vec2-ctc" ? off.mean() : off.max();
      QVERIFY2(error.item<double>() < 1e-4, ours[i].first.c_str());
    }
    Json our_config = read_json(folder.path() / "adapter_config.json"),
         their_config = read_json(fixture(name) / "adapter-final/adapter_config.json");
    for (Json* config : {&our_config, &their_config}) {
      (*config)["target_modules"] = (*config)["target_modules"].get<std::set<std::string>>();
      (*config)["peft_version"] = "";
      if (auto& saved = (*config)["modules_to_save"]; saved.is_array()) saved = saved.get<std::set<std::string>>();
    }
    QCOMPARE(QString::fromStdString(our_config.dump()), QString::fromStdString(their_config.dump()));
  }

  void mergingChangesNoOutput_data() { rows(); }
  void mergingChangesNoOutput() {
    const std::string name = "peft/" + case_name();
    const auto model = fixture_model(name);
    load_adapter(*model, fixture(name) / "adapter-final");
    const FixtureBatch batch = fixture_batch(name, "batch0");
    const torch::Tensor before = model->logits(batch.inputs).detach();
    QVERIFY(merge_adapters(*model));
    QVERIFY(relative_difference(model->logits(batch.inputs).detach(), before, batch.inputs) < 1e-5);
    QVERIFY(!merge_adapters(*model));
    LUTHIER_FAILS(save_adapter(*model, "/nowhere", ""), "no adapter");
  }

  void inactiveAdaptersLeaveTheBaseModel() {
    const std::string name = "peft/lora-llama-lm";
    const auto model = fixture_model(name);
    const FixtureBatch batch = fixture_batch(name, "batch0");
    const torch::Tensor base = model->logits(batch.inputs).detach();
    load_adapter(*model, fixture(name) / "adapter-final");
    const torch::Tensor adapted = model->logits(batch.inputs).detach();
    QVERIFY(relative_difference(adapted, base, batch.inputs) > 1e-3);
    set_adapters_active(*model, false);
    QVERIFY(torch::equal(model->logits(batch.inputs).detach(), base));
    set_adapters_active(*model, true);
    QVERIFY(torch::equal(model->logits(batch.inputs).detach(), adapted));
  }

  void savesAndReloadsPatternsAndPartialTargets() {
    const std::string name = "peft/lora-llama-lm";
    LoraOptions options;
    options.rank = 4;
    options.alpha = 6;
    options.targets = {R"(model\.layers\.1\..*(q_proj|v_proj)|model\.layers\.0\.mlp\.up_proj)"};
    options.rank_pattern = {{"up_proj", 2}};
    options.alpha_pattern = {{"layers.1.self_attn.v_proj", 12}};
    options.rank_stabilised = true;
    options.modules_to_save = {"lm_head"};
    const auto model = fixture_model(name);
    train(*model, attach_method(*model, options, false, 5), name, 3, 0.01);
    const TemporaryFolder folder;
    save_adapter(*model, folder.path(), "base");
    const Json config = read_json(folder.path() / "adapter_config.json");
    QCOMPARE(config["r"].get<int>(), 4);
    QCOMPARE(config["lora_alpha"].get<int>(), 6);
    QVERIFY(config["use_rslora"].get<bool>());
    QCOMPARE(QString::fromStdString(config["rank_pattern"].dump()), QString(R"({"model.layers.0.mlp.up_proj":2})"));
    QCOMPARE(QString::fromStdString(config["modules_to_save"].dump()), QString(R"(["lm_head"])"));
    const auto again = fixture_model(name);
    load_adapter(*again, folder.path());
    const FixtureBatch batch = fixture_batch(name, "batch0");
    QVERIFY(torch::equal(again->logits(batch.inputs).detach(), model->logits(batch.inputs).detach()));
  }

  void growsTheVocabularyToTheAdapters() {
    const std::string name = "peft/lora-llama-lm";
    const auto model = fixture_model(name);
    model->set_vocabulary(100);
    LoraOptions options;
    options.modules_to_save = {"embed_tokens", "lm_head"};
    train(*model, attach_method(*model, options, false, 0), name, 2, 0.01);
    const TemporaryFolder folder;
    save_adapter(*model, folder.path(), "base");
    const auto again = fixture_model(name);
    load_adapter(*again, folder.path());
    QCOMPARE(again->vocabulary(), 100);
    const FixtureBatch batch = fixture_batch(name, "batch0");
    QVERIFY(torch::equal(again->logits(batch.inputs).detach(), model->logits(batch.inputs).detach()));
  }

  void takesKeysThatItDoesNotKnow() {
    Spoiled adapter("lora-llama-lm");
    adapter.set("some_future_setting", {{"a", 1}});
    adapter.set("loftq_config", {{"loftq_bits", 4}});
    adapter.set("task_type", nullptr);
    load_adapter(*fixture_model("peft/lora-llama-lm"), adapter.path());
  }

  void readsNamesThatCarryTheAdaptersName() {
    Spoiled adapter("lora-bert-cls");
    adapter.change([](NamedTensors& tensors) {
      for (auto& [name, tensor] : tensors) {
        if (const auto at = name.find(".lora_A."); at != std::string::npos) name.replace(at, 8, ".lora_A.default.");
        if (const auto at = name.find(".classifier."); at != std::string::npos)
          name.replace(at, 12, ".classifier.modules_to_save.default.");
      }
    });
    const auto model = fixture_model("peft/lora-bert-cls");
    load_adapter(*model, adapter.path());
    const FixtureBatch batch = fixture_batch("peft/lora-bert-cls", "batch0");
    QVERIFY(relative_difference(model->logits(batch.inputs).detach(), batch.expected_logits, batch.inputs) < 1e-4);
  }

  void refusesOtherAdaptersByName() {
    const auto refused = [](const std::string& key, const Json& value, const std::string& part) {
      Spoiled adapter("lora-llama-lm");
      adapter.set(key, value);
      LUTHIER_FAILS(load_adapter(*fixture_model("peft/lora-llama-lm"), adapter.path()), part);
    };
    refused("peft_type", "ADALORA", "ADALORA");
    refused("peft_type", "PREFIX_TUNING", "num_virtual_tokens");
    refused("peft_type", nullptr, "type");
    refused("use_dora", true, "lora_magnitude_vector");
    refused("use_qalora", true, "use_qalora");
    refused("bias", "all", "bias");
    refused("lora_bias", true, "lora_bias");
    refused("init_lora_weights", "pissa", "pissa");
    refused("layer_replication", Json::array({Json::array({0, 2})}), "layer_replication");
    refused("trainable_token_indices", Json::array({1, 2}), "trainable_token_indices");
  }

  void refusesHostileConfigs() {
    const auto refused = [](const std::string& key, const Json& value, const std::string& part) {
      Spoiled adapter("lora-llama-lm");
      adapter.set(key, value);
      LUTHIER_FAILS(load_adapter(*fixture_model("peft/lora-llama-lm"), adapter.path()), part);
    };
    refused("r", -1, "\"r\"");
    refused("r", 1e300, "\"r\"");
    refused("r", 2.5, "\"r\"");
    refused("r", "four", "\"r\"");
    refused("r", 8, "rank 8");
    refused("lora_alpha", "x", "lora_alpha");
    refused("lora_dropout", 1.5, "lora_dropout");
    refused("use_rslora", "yes", "use_rslora");
    refused("target_modules", 5, "target_modules");
    refused("target_modules", {"q_proj"}, "target_modules do not name");
    refused("modules_to_save", {"no_such_module"}, "no_such_module");
    refused("modules_to_save", "lm_head", "modules_to_save");
    refused("rank_pattern", Json::array(), "rank_pattern");
    refused("rank_pattern", {{"q_proj", 0}}, "rank_pattern.q_proj");
    refused("rank_pattern", {{"(q_proj", 4}}, "regular expression");
    refused("alpha_pattern", {{std::string(100000, '('), 4}}, "too large");
    refused("alpha_pattern", {{"((((a{999}){999}){999}){999})", 4}}, "too large");
  }

  void aCatastrophicExpressionTakesNoTime() {
    Spoiled adapter("lora-llama-lm");
    adapter.set("alpha_pattern", {{"((.*)*)*(([a-z._0-9]+)+)+!", 4}});
    QElapsedTimer timer;
    timer.start();
    load_adapter(*fixture_model("peft/lora-llama-lm"), adapter.path());
    QVERIFY(timer.elapsed() < 20000);
  }

  void refusesTensorsThatDoNotFit() {
    const auto refused = [](const std::function<void(NamedTensors&)>& edit, const std::string& part) {
      Spoiled adapter("lora-bert-cls");
      adapter.change(edit);
      LUTHIER_FAILS(load_adapter(*fixture_model("peft/lora-bert-cls"), adapter.path()), part);
    };
    const auto at = [](NamedTensors& tensors, const std::string& part) -> std::pair<std::string, torch::Tensor>& {
      for (auto& entry : tensors)
        if (entry.first.find(part) != std::string::npos) return entry;
      throw std::runtime_error("no tensor " + part);
    };
    refused([&](auto& t) { at(t, "lora_A").second = torch::zeros({4, 31}); }, "do not fit");
    refused([&](auto& t) { at(t, "lora_B").second = torch::zeros({4}); }, "do not fit");
    refused([&](auto& t) { at(t, "classifier.weight").second = torch::zeros({7, 32}); }, "classifier.weight");
    refused(
        [&](auto& t) {
          for (const char* part : {"lora_A", "lora_B"})
            at(t, part).first = std::string("base_model.model.bert.nowhere.query.") + part + ".weight";
        },
        "nowhere");
    refused([&](auto& t) { at(t, "lora_A").first = "query"; }, "no name of a PEFT adapter");
    refused([&](auto& t) { t.emplace_back("base_model.model.x.lora_magnitude_vector", torch::zeros({4})); },
            "does not have");
    refused([&](auto& t) { t.erase(t.begin() + 2); }, "lacks lora_");
    refused([&](auto& t) { t.emplace_back("base_model.model.bert.extra.weight", torch::zeros({2})); }, "extra");
    refused([&](auto& t) { t.clear(); }, "empty");
  }

  void refusesAdaptersOfOtherModels() {
    LUTHIER_FAILS(load_adapter(*fixture_model("peft/lora-llama-lm"), fixture("peft/lora-bert-cls") / "adapter"),
                  "does not have");
    const TemporaryFolder folder;
    LUTHIER_FAILS(load_adapter(*fixture_model("peft/lora-llama-lm"), folder.path()), "no PEFT adapter");
    write_text(folder.path() / "adapter_config.json", "{\"peft_type\": \"LORA\"");
    write_text(folder.path() / "adapter_model.bin", "x");
    LUTHIER_FAILS(load_adapter(*fixture_model("peft/lora-llama-lm"), folder.path()), "adapter_config.json");
    write_text(folder.path() / "adapter_config.json", "{\"peft_type\": \"LORA\"}");
    LUTHIER_FAILS(load_adapter(*fixture_model("peft/lora-llama-lm"), folder.path()), "pickle");
    write_text(folder.path() / "adapter_config.json", "{\"peft_type\": \"LORA\"");
    fs::copy_file(fixture("peft/lora-llama-lm") / "adapter/adapter_model.safetensors",
                  folder.path() / "adapter_model.safetensors");
    LUTHIER_FAILS(load_adapter(*fixture_model("peft/lora-llama-lm"), folder.path()), "adapter_config.json");
    write_text(folder.path() / "adapter_config.json", "[]");
    LUTHIER_FAILS(load_adapter(*fixture_model("peft/lora-llama-lm"), folder.path()), "object");
    fs::resize_file(folder.path() / "adapter_model.safetensors", 300);
    write_text(folder.path() / "adapter_config.json", "{\"peft_type\": \"LORA\"}");
    LUTHIER_FAILS(load_adapter(*fixture_model("peft/lora-llama-lm"), folder.path()), "adapter_model.safetensors");
  }
};

QTEST_GUILESS_MAIN(PeftTest)
#include "peft_test.moc"

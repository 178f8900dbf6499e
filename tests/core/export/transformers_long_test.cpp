// Real transformers opens what was exported, tokenizer and all, and computes what the live model computed: the encoders
// and Llama here; that it opens what is saved of every other family is shown beside their random models
// (core/models/random_*_long_test).
// Adapters are opened by PEFT where it is installed, else merged by hand as PEFT defines it
// (tests/reference/open_export.py).
#include <ATen/ops/randn.h>

#include <set>
#include <sstream>

#include "core/export/exported_case.h"
#include "models/families.h"
#include "recipe/catalog.h"

using namespace luthier;
using namespace luthier::testing;

namespace {

/// What open_export.py says about each folder, in order.
std::vector<Json> opened(const std::vector<fs::path>& folders) {
  std::vector<std::string> words = {"python3", (source_folder() / "tests/reference/open_export.py").string()};
  for (const fs::path& folder : folders) words.push_back(folder.string());
  const Output output = run_program(words, {}, 600);
  std::vector<Json> told;
  std::istringstream lines(output.out);
  for (std::string line; std::getline(lines, line);)
    if (!line.empty() && line[0] == '{') told.push_back(Json::parse(line));
  if (output.exit_code != 0) qWarning("%s", output.err.c_str());
  return told;
}

/// A small model of any family and head with weights drawn anew, beside a tokenizer.
void write_small_model(const fs::path& folder, const std::string& model_type, Head head) {
  const bool distil = model_type == "distilbert",
             decoder = model_type == "llama" || model_type == "qwen2" || model_type == "mistral";
  Json config = {{"model_type", model_type},
                 {"vocab_size", 40},
                 {"max_position_embeddings", 48},
                 {"pad_token_id", decoder ? Json() : Json(1)}};
  if (distil)
    config.update({{"dim", 24}, {"hidden_dim", 40}, {"n_layers", 2}, {"n_heads", 2}, {"activation", "gelu"}});
  else
    config.update({{"hidden_size", 24},
                   {"intermediate_size", 40},
                   {"num_hidden_layers", 2},
                   {"num_attention_heads", 2},
                   {"hidden_act", decoder ? "silu" : "gelu"}});
  if (decoder)
    config.update({{"num_key_value_heads", 1}, {"rms_norm_eps", 1e-6}, {"tie_word_embeddings", model_type == "qwen2"}});
  if (model_type == "bert") config["pad_token_id"] = 0;
  write_text(folder / "config.json", config.dump());
  LoadOptions load;
  load.head = head;
  load.from_config = true;
  load.seed = 11;
  if (head == Head::sequence_classification || head == Head::token_classification)
    load.labels = {"red", "green", "blue"};
  const auto model = load_model(folder, load);
  for (const auto& parameter : model->named_parameters()) {  // no zero bias, no norm of ones: every tensor shows
    Tensor values = parameter.value().detach();
    values.add_(at::randn(values.sizes()), 0.05);
  }
  save_model(*model, folder);
  write_tokenizer(folder, config);
}

}  // namespace

class TransformersLongTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    if (!has_python("torch, transformers, safetensors")) QSKIP("needs Python with transformers");
  }

  void opensTheEncodersAndLlamaWithEveryHead() {
    const TemporaryFolder folder;
    std::vector<fs::path> folders;
    for (const FamilyEntry& family : families()) {
      if (!std::set<std::string>{"bert", "roberta", "distilbert", "llama"}.contains(family.kind)) continue;
      for (const std::string& head : family.heads) {
        const std::string name = family.kind + "-" + head;
        const fs::path base = folder.path() / "base" / name, out = folder.path() / name;
        write_small_model(base, family.model_types[0], head_from(head));
        LoadOptions load;
        load.head = head_from(head);
        const auto model = load_model(base, load);
        const Tokenizer tokenizer = Tokenizer::open(base);
        std::vector<ProofRow> rows = {{"the train leaves at seven .", ""},
                                      {"she said no", ""},
                                      {"water boils in the mountains again and again", ""}};
        if (family.kind == "bert" || family.kind == "roberta") rows.push_back({"she said", "no train leaves again"});
        const Exported exported = export_model(*model, {&tokenizer, base, name, "", "", rows, 24}, {}, out);
        QVERIFY2(exported.proven, (name + ": " + exported.proof_json).c_str());
        folders.push_back(out);
      }
    }
    const auto told = opened(folders);
    QCOMPARE(told.size(), folders.size());
    for (std::size_t i = 0; i < told.size(); ++i) {
      const std::string what = folders[i].filename().string() + ": " + told[i].dump();
      QVERIFY2(told[i].at("tokens_equal").get<bool>(), what.c_str());
      QVERIFY2(told[i].at("difference").get<double>() < 1e-4, what.c_str());
      QVERIFY2(told[i].at("missing").empty() && told[i].at("unexpected").empty(), what.c_str());
      if (!told[i].at("labels").empty())
        QCOMPARE(told[i].at("labels").dump(), std::string(R"(["red","green","blue"])"));
    }
  }

  void opensMergedModelsAndAdapters() {
    std::vector<std::unique_ptr<LiveModel>> models;
    std::vector<fs::path> folders;
    for (const char* name : {"lora-bert-cls", "lora-bert-mlm", "lora-bert-token", "lora-roberta-cls", "lora-llama-lm",
                             "lora-qwen2-lm", "rslora-llama-lm"}) {
      models.push_back(std::make_unique<LiveModel>("peft/" + std::string(name)));
      for (const char* format : {"huggingface", "peft"}) {
        const Exported exported = models.back()->exported(format, format);
        QVERIFY2(exported.proven, exported.proof_json.c_str());
        folders.push_back(exported.path);
      }
    }
    const auto told = opened(folders);
    QCOMPARE(told.size(), folders.size());
    for (std::size_t i = 0; i < told.size(); ++i) {
      QVERIFY2(told[i].at("tokens_equal").get<bool>(), told[i].dump().c_str());
      QVERIFY2(told[i].at("difference").get<double>() < 1e-4, told[i].dump().c_str());
    }
  }

  void opensFoldersCutIntoFilesAndUnmerged() {
    std::vector<std::unique_ptr<LiveModel>> models;
    std::vector<fs::path> folders;
    for (const char* name : {"lora-bert-cls", "lora-llama-lm", "rslora-llama-lm"}) {
      models.push_back(std::make_unique<LiveModel>("peft/" + std::string(name)));
      const LiveModel& live = *models.back();
      ExportOptions options;
      options.shard_megabytes = 0.03;
      for (const bool merge : {true, false}) {
        options.merge = merge;
        const Exported exported =
            export_model(*live.model, live.inputs(), options, live.folder.path() / (merge ? "merged" : "beside"));
        QVERIFY2(exported.proven, exported.proof_json.c_str());
        QVERIFY(fs::exists(exported.path / "model.safetensors.index.json"));
        folders.push_back(exported.path);
      }
    }
    const auto told = opened(folders);
    QCOMPARE(told.size(), folders.size());
    for (const Json& one : told) {
      QVERIFY2(one.at("tokens_equal").get<bool>(), one.dump().c_str());
      QVERIFY2(one.at("difference").get<double>() < 1e-4, one.dump().c_str());
      QVERIFY2(one.at("missing").empty() && one.at("unexpected").empty(), one.dump().c_str());
    }
  }

  void generationAndTemplateAreThere() {
    const LiveModel live("full/llama-lm");
    live.tokenizer->set_chat_template("{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}<mask>{% endfor %}");
    const auto told = opened({live.exported("huggingface", "out").path});
    QCOMPARE(told.size(), std::size_t{1});
    QCOMPARE(told[0].at("chat").get<std::string>(), std::string("user: she said<mask>assistant: no<mask>"));
    const auto ends = told[0].at("ends").get<std::vector<std::int64_t>>();
    QVERIFY(std::find(ends.begin(), ends.end(), live.tokenizer->id_of("<mask>").value()) != ends.end());
  }

  void opensWhatWasMerged() {
    const LiveModel live("peft/lora-llama-lm");
    const std::string first = (fixture("peft/lora-llama-lm") / "adapter").string(),
                      second = (fixture("peft/lora-llama-lm") / "adapter-final").string();
    std::vector<fs::path> folders;
    for (const char* format : {"huggingface", "peft"}) {
      folders.push_back(live.folder.path() / format);
      const Output output =
          run_cli({"merge", live.base.string(), "--adapter", first + "=0.7", "--adapter", second + "=0.6", "--how",
                   "ties", "--to", format, "--out", folders.back().string(), "--json"});
      QVERIFY2(output.exit_code == 0, (output.out + output.err).c_str());
    }
    const auto told = opened(folders);
    QCOMPARE(told.size(), folders.size());
    for (const Json& one : told) QVERIFY2(one.at("difference").get<double>() < 1e-4, one.dump().c_str());
  }

  void opensTwoByteNumbers() {
    const LiveModel live("full/bert-cls");
    const auto told =
        opened({live.exported("huggingface", "half", "fp16").path, live.exported("huggingface", "brain", "bf16").path});
    QCOMPARE(told.size(), std::size_t{2});
    for (const Json& one : told) QVERIFY2(one.at("difference").get<double>() < 0.1, one.dump().c_str());
  }

  void anExportedAdapterHasTheNamesAndFieldsOfPeft() {
    for (const char* name : {"lora-bert-cls", "lora-roberta-cls", "lora-qwen2-lm", "rslora-llama-lm"}) {
      const LiveModel live("peft/" + std::string(name));
      const fs::path ours = live.exported("peft", "out").path,
                     theirs = fixture("peft/" + std::string(name)) / "adapter-final";
      const auto a = read_tensors(ours / "adapter_model.safetensors"),
                 b = read_tensors(theirs / "adapter_model.safetensors");
      QCOMPARE(a.size(), b.size());
      for (std::size_t i = 0; i < a.size(); ++i) {
        QCOMPARE(a[i].first, b[i].first);
        QVERIFY(a[i].second.equal(b[i].second));
      }
      const Json mine = read_json(ours / "adapter_config.json"), peft = read_json(theirs / "adapter_config.json");
      for (const char* key : {"peft_type", "task_type", "r", "lora_alpha", "use_rslora", "bias", "fan_in_fan_out",
                              "rank_pattern", "alpha_pattern"})
        QCOMPARE(mine.at(key).dump(), peft.at(key).dump());
      QCOMPARE(mine.at("base_model_name_or_path").get<std::string>(), live.base.string());
    }
  }
};

QTEST_GUILESS_MAIN(TransformersLongTest)
#include "transformers_long_test.moc"

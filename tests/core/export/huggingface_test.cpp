// Hugging Face folders: cut into files, unmerged, and what lies beside the weights. Real transformers opens them in
// transformers_long_test.
#include <ATen/core/grad_mode.h>
#include <ATen/ops/randn.h>

#include "base/error.h"
#include "core/export/exported_case.h"
#include "export/artefact.h"
#include "export/companions.h"

using namespace luthier;
using namespace luthier::testing;

namespace {

Exported export_with(const LiveModel& live, const ExportOptions& options, const std::string& to) {
  return export_model(*live.model, live.inputs(), options, live.folder.path() / to);
}

/// A model whose base is kept in few bits, with an adapter that says something.
struct FewBits : LiveModel {
  explicit FewBits(const std::string& name = "full/llama-lm", const char* type = "nf4") : LiveModel(name) {
    LoadOptions load;
    load.head = head_of_config(read_json(base / "config.json"));
    load.quantisation = Quantisation{{nn::quantised_type(type), 64, true}, {}};
    model = load_model(base, load);
    QloraOptions method;
    method.type = type;
    method.rank = 4;
    attach_method(*model, method, /*new_head=*/false, 3);
    const at::NoGradGuard no_grad;
    for (const auto& parameter : model->named_parameters())
      if (parameter.key().ends_with("lora_B.weight"))
        Tensor(parameter.value()).copy_(at::randn(parameter.value().sizes()) * 0.05);
    model->eval();
  }
};

}  // namespace

class HuggingfaceTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void weightsAreCutIntoFilesOfTheChosenSize() {
    const LiveModel live("full/llama-lm");
    ExportOptions options;
    options.shard_megabytes = 0.03;
    const Exported exported = export_with(live, options, "out");
    QVERIFY2(exported.proven, exported.proof_json.c_str());
    QVERIFY(!fs::exists(exported.path / "model.safetensors"));
    const Json index = read_json(exported.path / "model.safetensors.index.json");
    std::map<std::string, std::uint64_t> sizes;
    std::uint64_t bytes = 0;
    for (const auto& [name, file] : index.at("weight_map").items()) {
      std::uint64_t size = 0;
      for (const auto& [stored, tensor] : read_tensors(exported.path / file.get<std::string>()))
        if (stored == name) size = tensor.nbytes();
      QVERIFY2(size > 0, name.c_str());
      sizes[file] += size;
      bytes += size;
    }
    QCOMPARE(index.at("metadata").at("total_size").get<std::uint64_t>(), bytes);
    QVERIFY(sizes.size() >= 3);
    char last[64];
    std::snprintf(last, sizeof last, "model-%05zu-of-%05zu.safetensors", sizes.size(), sizes.size());
    QVERIFY(sizes.contains(last));
    for (const auto& [file, size] : sizes) QVERIFY2(size <= 30000, file.c_str());  // no tensor alone is larger here
    options.shard_megabytes = 0;
    QVERIFY(fs::exists(export_with(live, options, "one").path / "model.safetensors"));
  }

  void aDamagedPartIsNamed() {
    const LiveModel live("full/llama-lm");
    ExportOptions options;
    options.shard_megabytes = 0.03;
    const fs::path folder = export_with(live, options, "out").path;
    const std::string file =
        read_json(folder / "model.safetensors.index.json").at("weight_map").at("model.norm.weight");
    overwrite_tensor(folder / file, "model.norm.weight", 0, "\x11");
    std::string proof;
    QVERIFY(!verify_export(folder, &proof));
    QCOMPARE(Json::parse(proof).at("changed_tensors").dump(), std::string(R"(["model.norm.weight"])"));
    fs::remove(folder / file);
    QVERIFY(!verify_export(folder, &proof));
    QVERIFY2(proof.find(file) != std::string::npos, proof.c_str());
  }

  void unmergedTheBaseModelStaysAsItWas_data() {
    QTest::addColumn<QString>("name");
    for (const char* name :
         {"lora-bert-cls", "lora-llama-lm", "dora-llama-lm", "ia3-llama-lm", "prompt-llama-lm", "prefix-gpt2-lm"})
      QTest::newRow(name) << name;
  }

  void unmergedTheBaseModelStaysAsItWas() {
    QFETCH(QString, name);
    const LiveModel live("peft/" + name.toStdString());
    ExportOptions options;
    options.merge = false;
    const Exported exported = export_with(live, options, "out");
    QVERIFY2(exported.proven, exported.proof_json.c_str());
    std::map<std::string, Tensor> base;
    for (const auto& [stored, tensor] : read_tensors(live.base / "model.safetensors")) base[stored] = tensor.clone();
    int same = 0;
    for (const auto& [stored, tensor] : read_tensors(exported.path / "model.safetensors"))
      if (base.contains(stored)) {
        QVERIFY2(tensor.equal(base.at(stored)), stored.c_str());
        ++same;
      }
    QVERIFY(same > 10);
    // Moved as a whole it is still what it was.
    fs::rename(exported.path, live.folder.path() / "moved");
    QVERIFY(verify_export(live.folder.path() / "moved"));
    QVERIFY(open_artefact(live.folder.path() / "moved" / "adapter").model != nullptr);
    QVERIFY(read_file(live.folder.path() / "moved/README.md").find("\"adapter\"") != std::string::npos);
    overwrite_tensor(live.folder.path() / "moved/adapter/adapter_model.safetensors",
                     tensor_name(live.folder.path() / "moved/adapter/adapter_model.safetensors", 0), 0, "\x55\x55");
    std::string proof;
    QVERIFY(!verify_export(live.folder.path() / "moved", &proof));
    QVERIFY2(proof.find("adapter/") != std::string::npos, proof.c_str());
  }

  void generationKeepsWhatTheBaseModelSays() {
    const LiveModel live("full/llama-lm");
    write_text(live.base / "generation_config.json", R"({"eos_token_id": 2, "temperature": 0.7, "do_sample": true})");
    Json config = read_json(live.exported("huggingface", "own").path / "generation_config.json");
    QCOMPARE(config.at("temperature").get<double>(), 0.7);
    QCOMPARE(config.at("eos_token_id").get<int>(), 2);
    // With a template, the token that ends an assistant's turn ends the text.
    live.tokenizer->set_chat_template("{% for m in messages %}{{ m['content'] }}<mask>{% endfor %}");
    const fs::path with_chat = live.exported("huggingface", "chat").path;
    config = read_json(with_chat / "generation_config.json");
    QCOMPARE(config.at("eos_token_id").dump(), std::string("[2,4]"));
    QVERIFY(Tokenizer::open(with_chat).chat_template() == live.tokenizer->chat_template());
    fs::remove(live.base / "generation_config.json");
    config = read_json(live.exported("huggingface", "derived").path / "generation_config.json");
    QCOMPARE(config.at("_from_model_config").get<bool>(), true);
    const LiveModel classifier("full/bert-cls");
    QVERIFY(!fs::exists(classifier.exported("huggingface", "out").path / "generation_config.json"));
  }

  void licencesComeFromTheBaseModel() {
    const LiveModel live("full/bert-cls");
    QCOMPARE(licence_of(live.base), std::string());
    std::string card = read_file(live.exported("huggingface", "none").path / "README.md");
    QVERIFY(card.find("\nlicense:") == std::string::npos);
    QVERIFY(card.find("names no licence") != std::string::npos);
    write_text(live.base / "README.md",
               "---\nlanguage: en\nlicense: other\nlicense_name: \"my-terms\"\n---\nlicense: no\n");
    write_text(live.base / "LICENSE.txt", "You may.");
    write_text(live.base / "NOTICE", "By us.");
    const fs::path folder = live.exported("huggingface", "some").path;
    card = read_file(folder / "README.md");
    QVERIFY2(card.find("\nlicense: \"my-terms\"\n") != std::string::npos, card.c_str());
    QVERIFY(card.find("The base model is under my-terms") != std::string::npos);
    QCOMPARE(read_file(folder / "LICENSE.txt"), std::string("You may."));
    QVERIFY(fs::exists(folder / "NOTICE"));
    ExportOptions options;
    options.license = "mit";
    card = read_file(export_with(live, options, "given").path / "README.md");
    QVERIFY(card.find("\nlicense: \"mit\"\n") != std::string::npos);
  }

  void theCardHoldsRecipeAndData() {
    const LiveModel live("full/bert-cls");
    ExportInputs inputs = live.inputs();
    inputs.recipe_json = R"({"seed": 7, "model": {"path": "/home/me/bert"}, "method": {"kind": "full"},
                             "data": {"train": "mine/weather.csv", "roles": {"text": "a/b"}}})";
    inputs.data_json = R"({"rows": {"train": 90, "test": 10}, "labels": {"rain|": 50, "sun": 40},
                           "length": {"unit": "tokens", "median": 12, "longest": 24, "cut": 3}})";
    const std::string card =
        read_file(export_model(*live.model, inputs, {}, live.folder.path() / "out").path / "README.md");
    for (const char* part : {"- rows: test 10, train 90", "rain\\| 50, sun 40", "median 12, longest 24, rows cut 3",
                             "\"train\": \"weather.csv\"", "\"path\": \"bert\"", "\"text\": \"a/b\"", "\"seed\": 7"})
      QVERIFY2(card.find(part) != std::string::npos, (std::string(part) + "\n" + card).c_str());
    QVERIFY(card.find("/home") == std::string::npos && card.find("mine/") == std::string::npos);
  }

  void anAdapterBesideFewBitsGoesIntoTheCloserBase_data() {
    QTest::addColumn<QString>("type");
    for (const char* type : {"nf4", "fp4", "int8"}) QTest::newRow(type) << type;
  }

  void anAdapterBesideFewBitsGoesIntoTheCloserBase() {
    QFETCH(QString, type);
    const FewBits live("full/llama-lm", qPrintable(type));
    const Exported exported = live.exported("huggingface", "out");
    QVERIFY2(exported.proven, exported.proof_json.c_str());
    const Json merging = Json::parse(exported.proof_json).at("merging");
    qInfo("%s", merging.dump().c_str());
    QCOMPARE(merging.at("chosen").get<std::string>(), std::string("dequantised"));
    const auto distance = [&](const char* which) { return merging.at(which).at("relative_difference").get<double>(); };
    QVERIFY(distance("dequantised") < 1e-5);                       // it is what was trained, in other words
    QVERIFY(distance("original") > distance("dequantised") * 10);  // what the few bits lost is there again
    const std::string card = read_file(exported.path / "README.md");
    QVERIFY2(card.find("what the quantised weights stand for: it is closer") != std::string::npos, card.c_str());
  }

  void theOriginalBaseIsTakenWhenAskedFor() {
    const FewBits live;
    ExportOptions options;
    options.quantised_base = "original";
    const Exported exported = export_with(live, options, "out");
    QVERIFY2(exported.proven, exported.proof_json.c_str());  // equal to the merged model, whose distance is told apart
    const Json merging = Json::parse(exported.proof_json).at("merging");
    QCOMPARE(merging.at("chosen").get<std::string>(), std::string("original"));
    QVERIFY(merging.at("original").at("relative_difference").get<double>() > 0);
    // The weights are the base model's and the update, not the dequantised ones.
    std::map<std::string, Tensor> base;
    for (const auto& [name, tensor] : read_tensors(live.base / "model.safetensors")) base[name] = tensor.clone();
    const std::string name = "model.layers.0.self_attn.q_proj";
    for (const auto& [stored, tensor] : read_tensors(exported.path / "model.safetensors"))
      if (stored == name + ".weight") {
        const auto parameters = live.model->named_parameters();
        const Tensor update = parameters[name + ".lora_B.weight"].mm(parameters[name + ".lora_A.weight"]).detach();
        QVERIFY((tensor - base.at(stored) - update * (16.0 / 4)).abs().max().item<double>() < 1e-5);
      }
    fs::remove(live.base / "model.safetensors");
    LUTHIER_FAILS(export_with(live, options, "gone"), "no weights on the disk");
    options.quantised_base = "closer";
    QVERIFY(export_with(live, options, "still").proven);
  }

  void unmergedFewBitsAreMadeAgain() {
    const FewBits live;
    ExportOptions options;
    options.merge = false;
    const Exported exported = export_with(live, options, "out");
    QVERIFY2(exported.proven, exported.proof_json.c_str());
    QVERIFY(Json::parse(exported.proof_json).at("merging").is_null());
  }
};

QTEST_GUILESS_MAIN(HuggingfaceTest)
#include "huggingface_test.moc"

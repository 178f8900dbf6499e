// Artefacts that were damaged after their export: the proof must fail and say what is wrong, and never crash.
#include "export/proof.h"

#include <ATen/ops/argmax.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/tensor.h>

#include "base/error.h"
#include "core/export/exported_case.h"
#include "export/other_process.h"
#include "models/sequences.h"

using namespace luthier;
using namespace luthier::testing;

namespace {

/// Verifies in this process; the proof as JSON.
Json verified(const fs::path& folder) {
  std::string proof;
  const bool passed = verify_export(folder, &proof);
  Json json = Json::parse(proof);
  if (json.at("passed") != passed || json != read_json(folder / "proof.json")) json["passed"] = "inconsistent";
  return json;
}

bool lists(const Json& proof, const char* key, const std::string& name) {
  const auto names = proof.at(key).get<std::vector<std::string>>();
  return names == std::vector<std::string>{name} &&
         proof.at("problem").get<std::string>().find(name) != std::string::npos;
}

}  // namespace

class ProofTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void anUntouchedArtefactIsProvenAgain() {
    const LiveModel live("full/bert-cls");
    const Exported exported = live.exported("huggingface", "out");
    const Json proof = verified(exported.path);
    QCOMPARE(proof.at("passed").get<bool>(), true);
    QCOMPARE(proof.at("problem").get<std::string>(), std::string());
    QCOMPARE(proof.at("positions").get<int>(), 9);
  }

  void aChangedTemplateIsNamed_data() {
    QTest::addColumn<QString>("format");
    QTest::addColumn<QString>("precision");
    QTest::newRow("whole") << "huggingface" << "fp32";
    QTest::newRow("adapter") << "peft" << "fp32";
    QTest::newRow("few bits") << "luthier" << "int8";
    QTest::newRow("torchscript") << "torchscript" << "fp32";
  }

  void aChangedTemplateIsNamed() {
    QFETCH(const QString, format);
    QFETCH(const QString, precision);
    const LiveModel live("peft/lora-llama-lm");
    live.tokenizer->set_chat_template("{% for m in messages %}\n{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}");
    const Exported exported = live.exported(format.toStdString(), "out", precision.toStdString());
    QVERIFY2(exported.proven, exported.proof_json.c_str());
    const fs::path file = exported.path / "chat_template.jinja";
    const std::string good = read_file(file);
    std::string bad = good;
    bad.replace(bad.find(": "), 2, " - ");
    write_text(file, bad);
    Json proof = verified(exported.path);
    QCOMPARE(proof.at("passed").get<bool>(), false);
    const std::string problem = proof.at("problem");
    QVERIFY2(problem.find("chat template is not what was exported, from its line 2 on") != std::string::npos,
             problem.c_str());
    fs::remove(file);
    proof = verified(exported.path);
    QCOMPARE(proof.at("passed").get<bool>(), false);
    QVERIFY(proof.at("problem").get<std::string>().find("chat template is missing") != std::string::npos);
    write_text(file, good);
    QCOMPARE(verified(exported.path).at("passed").get<bool>(), true);
  }

  void rowsAreJudgedAndAnswersWrittenFromTheDisk_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("format");
    for (const char* format : {"huggingface", "peft", "torchscript", "onnx"})
      QTest::addRow("llama, %s", format) << "peft/lora-llama-lm" << format;
    for (const char* format : {"huggingface", "torchscript", "onnx"})
      QTest::addRow("t5, %s", format) << "full/t5-s2s" << format;
  }

  /// Rows as they are trained on; their loss against LibTorch's own cross entropy.
  void rowsAreJudgedAndAnswersWrittenFromTheDisk() {
    QFETCH(const QString, name);
    QFETCH(const QString, format);
    LiveModel live(name.toStdString());
    const bool decodes = live.model->is_encoder_decoder();
    const at::NoGradGuard no_grad;
    double sum = 0;
    std::int64_t judged = 0, right = 0;
    for (std::size_t i = 0; i < live.rows.size(); ++i) {
      ProofRow& row = live.rows[i];
      row.text_pair.clear();
      row.tokens = live.tokenizer->encode(row.text + " leaves", true, -1).ids;
      row.truth.assign(row.tokens.begin(), row.tokens.end());
      // The answer begins with the fourth token; a decoder is given one token besides its first.
      const std::int64_t silent = decodes ? 1 : 3;
      std::fill_n(row.truth.begin(), silent, -100);
      Batch batch;
      const Tensor tokens = at::tensor(row.tokens, at::kLong);
      if (decodes) {
        row.target = row.text;
        batch.input_ids = at::tensor(live.tokenizer->encode(row.text, true, -1).ids, at::kLong).unsqueeze(0);
        batch.decoder_input_ids = shifted_right(tokens.unsqueeze(0), live.model->config());
      } else {
        batch.input_ids = tokens.unsqueeze(0);
      }
      const Tensor all = live.model->logits(batch).select(0, 0), truth = tokens.slice(0, silent),
                   logits = decodes ? all.slice(0, silent) : all.narrow(0, silent - 1, truth.size(0));
      sum += at::cross_entropy_loss(logits, truth, {}, at::Reduction::Sum).item<double>();
      right += logits.argmax(1).eq(truth).sum().item<std::int64_t>();
      judged += truth.size(0);
    }
    const Exported exported = live.exported(format.toStdString(), "out");
    QVERIFY2(exported.proven, exported.proof_json.c_str());
    const Json proof = Json::parse(exported.proof_json), &metrics = proof.at("metrics"), &answers = proof.at("answers");
    QCOMPARE(metrics.size(), 2u);
    QCOMPARE(metrics[0].at("name").get<std::string>(), "loss");
    QVERIFY(std::abs(metrics[0].at("live").get<double>() - sum / static_cast<double>(judged)) < 1e-5);
    QVERIFY(std::abs(metrics[0].at("delta").get<double>()) < 1e-4);
    QCOMPARE(metrics[1].at("name").get<std::string>(), "token_accuracy");
    QCOMPARE(metrics[1].at("live").get<double>(), static_cast<double>(right) / static_cast<double>(judged));
    QCOMPARE(answers.at("count").get<int>(), 9);
    QCOMPARE(answers.at("same").get<int>(), 9);
    QVERIFY(answers.at("first_token_ms").get<double>() > 0);
    QVERIFY(proof.at("peak_memory_bytes").get<double>() > 1e7);

    // Six of nine other answers: keys and values that are mixed up would look like this.
    const fs::path file = exported.path / "proof" / "rows.json";
    Json rows = read_json(file);
    QCOMPARE(rows[0].at("answer").at("prompt").size(), decodes ? 2u : 3u);
    for (std::size_t i = 0; i < 6; ++i) {
      Json& first = rows[i].at("answer").at("ids")[0];
      first = first.get<int>() == 7 ? 8 : 7;
    }
    write_json(file, rows);
    const Output output = run_cli({"export", "--verify", exported.path.string(), "--json"});
    QCOMPARE(output.exit_code, 1);
    const Json told = Json::parse(output.out).at("proof");
    QCOMPARE(told.at("answers").at("same").get<int>(), 3);
    QVERIFY(told.at("problem").get<std::string>().find("only 3 of 9 answers are the same") != std::string::npos);
  }

  void aChangedTensorIsNamed_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("format");
    QTest::newRow("whole") << "full/bert-cls" << "huggingface";
    QTest::newRow("merged") << "peft/lora-llama-lm" << "huggingface";
    QTest::newRow("adapter") << "peft/lora-llama-lm" << "peft";
    QTest::newRow("adapter with a head") << "peft/lora-bert-cls" << "peft";
  }

  void aChangedTensorIsNamed() {
    QFETCH(QString, name);
    QFETCH(QString, format);
    const LiveModel live(name.toStdString());
    const fs::path folder = live.exported(format.toStdString(), "out").path, file = weights_file(folder);
    const std::string good = read_file(file);
    const std::size_t count = read_tensors(file).size();
    for (std::size_t n = 0; n < count; n += 1 + count / 6) {
      const std::string tensor = tensor_name(file, n);
      std::string value = good;  // one bit of the tensor's first number: even a change that no logit shows is found
      overwrite_tensor(file, tensor, 0, "\x55");
      const Json proof = verified(folder);
      QCOMPARE(proof.at("passed").get<bool>(), false);
      QVERIFY2(lists(proof, "changed_tensors", tensor), proof.dump().c_str());
      std::ofstream(file, std::ios::binary | std::ios::trunc) << good;
    }
    QCOMPARE(verified(folder).at("passed").get<bool>(), true);
  }

  void theCommandLineSaysItToo() {
    const LiveModel live("full/bert-cls");
    const fs::path folder = live.exported("huggingface", "out").path;
    QCOMPARE(run_cli({"export", "--verify", folder.string(), "--json"}).exit_code, 0);
    overwrite_tensor(folder / "model.safetensors", "classifier.weight", 0, std::string(64, '\x41'));
    const Output output = run_cli({"export", "--verify", folder.string(), "--json"});
    QCOMPARE(output.exit_code, 1);
    const Json told = Json::parse(output.out);
    QCOMPARE(told.at("proven").get<bool>(), false);
    QVERIFY(lists(told.at("proof"), "changed_tensors", "classifier.weight"));
    QVERIFY(told.at("proof").at("relative_difference").get<double>() > 1e-4);
    QCOMPARE(run_cli({"export", "--verify", (folder / "nowhere").string()}).exit_code, 2);
  }

  void numbersThatAreNotFiniteAreNamed() {
    for (const char* format : {"huggingface", "peft"}) {
      const LiveModel live("peft/lora-bert-cls");
      const fs::path folder = live.exported(format, "out").path, file = weights_file(folder);
      const std::string tensor = tensor_name(file, read_tensors(file).size() - 1);
      overwrite_tensor(file, tensor, 0, std::string("\x00\x00\xc0\x7f", 4));  // a quiet NaN
      const Json proof = verified(folder);
      QCOMPARE(proof.at("passed").get<bool>(), false);
      QVERIFY2(lists(proof, "changed_tensors", tensor), proof.dump().c_str());
      QVERIFY(proof.at("max_abs_difference").is_null() || proof.at("max_abs_difference").get<double>() >= 0);
    }
  }

  void theLayerWhereTheNumbersPartIsNamed() {
    const LiveModel live("full/bert-cls");
    const fs::path folder = live.exported("huggingface", "out").path, file = weights_file(folder);
    const std::string good = read_file(file);
    for (const char* layer : {"bert.embeddings.word_embeddings", "bert.encoder.layer.1.attention.output.dense",
                              "bert.encoder.layer.0.intermediate.dense", "classifier"}) {
      const std::string name = std::string(layer) + ".weight";
      for (const auto& [stored, tensor] : read_tensors(file))
        if (stored == name) overwrite_tensor(file, name, 0, std::string(tensor.nbytes(), '\x3f'));  // 0.747 each
      const Json proof = verified(folder);
      QCOMPARE(proof.at("passed").get<bool>(), false);
      QCOMPARE(proof.at("first_layer").get<std::string>(), std::string(layer));
      QVERIFY(proof.at("problem").get<std::string>().find(std::string("something else is ") + layer) !=
              std::string::npos);
      QVERIFY(proof.at("next_precision").is_null());  // more bits do not mend what was damaged
      std::ofstream(file, std::ios::binary | std::ios::trunc) << good;
    }
    QVERIFY(verified(folder).at("first_layer").is_null());
  }

  void swappedLayersAndTurnedMatricesAreNamed() {
    const LiveModel live("full/bert-cls");
    const fs::path folder = live.exported("huggingface", "out").path, file = weights_file(folder);
    const std::string first = "bert.encoder.layer.0.attention.self.query",
                      second = "bert.encoder.layer.1.attention.self.query";
    const auto rewritten =
        [&](const std::function<Tensor(const std::string&, std::map<std::string, Tensor>&)>& change) {
          std::map<std::string, Tensor> tensors;
          NamedTensors made;
          for (const auto& [name, tensor] : read_tensors(file)) tensors[name] = tensor.clone();
          for (const auto& [name, tensor] : read_tensors(file))
            made.emplace_back(name, change(name, tensors).contiguous());
          write_tensors(file, made);
          return verified(folder);
        };
    const std::string good = read_file(file);
    Json proof = rewritten([&](const std::string& name, auto& tensors) {
      if (name == first + ".weight") return tensors[second + ".weight"];
      return name == second + ".weight" ? tensors[first + ".weight"] : tensors[name];
    });
    QCOMPARE(proof.at("first_layer").get<std::string>(), first);
    QCOMPARE(proof.at("changed_tensors").size(), std::size_t{2});
    std::ofstream(file, std::ios::binary | std::ios::trunc) << good;
    proof = rewritten([&](const std::string& name, auto& tensors) {
      return name == second + ".weight" ? tensors[name].t() : tensors[name];
    });
    QCOMPARE(proof.at("first_layer").get<std::string>(), second);
    QVERIFY(lists(proof, "changed_tensors", second + ".weight"));
  }

  void numbersWithTooFewBitsOfferTheNextType() {
    const LiveModel live("full/bert-cls");
    const fs::path folder = live.exported("huggingface", "out", "bf16").path;
    Json reference = read_json(folder / "proof/reference.json");
    reference["precision"] = "fp16";  // whose limit bf16 may miss; made sure of by changing what it is compared with
    write_json(folder / "proof/reference.json", reference);
    NamedTensors logits;
    for (const auto& [name, tensor] : read_tensors(folder / "proof/reference.safetensors"))
      logits.emplace_back(name, tensor * 1.1);
    write_tensors(folder / "proof/reference.safetensors", logits);
    const Json proof = verified(folder);
    QCOMPARE(proof.at("passed").get<bool>(), false);
    QCOMPARE(proof.at("next_precision").get<std::string>(), std::string("fp32"));
    QVERIFY(proof.at("problem").get<std::string>().find("export it again as fp32") != std::string::npos);
  }

  void aMissingTensorIsNamed() {
    for (const char* format : {"huggingface", "peft"}) {
      const LiveModel live("peft/lora-bert-cls");
      const fs::path folder = live.exported(format, "out").path, file = weights_file(folder);
      const std::string tensor = tensor_name(file, 0);
      drop_tensor(file, tensor);
      const Json proof = verified(folder);
      QCOMPARE(proof.at("passed").get<bool>(), false);
      QVERIFY2(lists(proof, "missing_tensors", tensor), proof.dump().c_str());
    }
  }

  void aChangedBaseModelIsNamed() {
    const LiveModel live("peft/lora-llama-lm");
    const fs::path folder = live.exported("peft", "out").path;
    overwrite_tensor(live.base / "model.safetensors", "model.norm.weight", 0, "\x11");
    const Json proof = verified(folder);
    QCOMPARE(proof.at("passed").get<bool>(), false);
    QVERIFY2(lists(proof, "changed_tensors", "base model: model.norm.weight"), proof.dump().c_str());
    fs::remove_all(live.base);
    QVERIFY(verified(folder).at("problem").get<std::string>().find("base model is not there") != std::string::npos);
  }

  void aCutFileFails() {
    const LiveModel live("full/bert-cls");
    const fs::path folder = live.exported("huggingface", "out").path;
    const auto size = fs::file_size(folder / "model.safetensors");
    for (const auto left : {size - 1, size / 2, std::uintmax_t{20}, std::uintmax_t{0}}) {
      fs::resize_file(folder / "model.safetensors", left);
      const Json proof = verified(folder);
      QCOMPARE(proof.at("passed").get<bool>(), false);
      QVERIFY2(proof.at("problem").get<std::string>().find("model.safetensors") != std::string::npos,
               proof.dump().c_str());
    }
  }

  void aMissingOrOtherTokenizerFails() {
    const LiveModel live("full/bert-cls");
    const fs::path folder = live.exported("huggingface", "out").path;
    std::string tokenizer = read_file(folder / "tokenizer.json");
    const auto at = tokenizer.find("\"coast\"");
    tokenizer.replace(at, 7, "\"beach\"");
    write_text(folder / "tokenizer.json", tokenizer);
    QVERIFY(verified(folder).at("problem").get<std::string>().find("other tokens for row") != std::string::npos);
    fs::remove(folder / "tokenizer.json");
    const Json proof = verified(folder);
    QCOMPARE(proof.at("passed").get<bool>(), false);
    QVERIFY2(proof.at("problem").get<std::string>().find("tokenizer") != std::string::npos, proof.dump().c_str());
  }

  void brokenConfigsAndProofsFailWithTheirFile() {
    for (const char* file :
         {"config.json", "luthier.json", "proof/reference.json", "proof/rows.json", "proof/reference.safetensors"}) {
      const LiveModel live("full/bert-cls");
      const fs::path folder = live.exported("huggingface", "out").path;
      write_text(folder / file, "{\"a\": ");
      const Json proof = verified(folder);
      QCOMPARE(proof.at("passed").get<bool>(), false);
      QVERIFY2(proof.at("problem").get<std::string>().find(fs::path(file).filename()) != std::string::npos,
               proof.dump().c_str());
      write_text(folder / file, "{}");
      QCOMPARE(verified(folder).at("passed").get<bool>(), false);
      fs::remove(folder / file);
      QCOMPARE(verified(folder).at("passed").get<bool>(), file == std::string("luthier.json"));
    }
  }

  void theCheckingProgramIsFoundBesideTheTests() { QCOMPARE(find_cli(), fs::canonical(cli_path())); }
};

QTEST_GUILESS_MAIN(ProofTest)
#include "proof_test.moc"

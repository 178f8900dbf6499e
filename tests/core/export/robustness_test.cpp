// Exports that cannot be: refused before any work, or undone without a trace.
#include <ATen/core/grad_mode.h>
#include <ATen/ops/zeros.h>

#include <limits>
#include <set>

#include "base/error.h"
#include "core/export/exported_case.h"
#include "export/before_writing.h"
#include "support/small_disk.h"

using namespace luthier;
using namespace luthier::testing;

namespace {
std::set<std::string> names_in(const fs::path& folder) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.insert(entry.path().filename().string());
  return names;
}

Exported export_with(const LiveModel& live, const ExportOptions& options, const fs::path& target,
                     const ExportProgress& progress = {}) {
  ExportInputs inputs = live.inputs();
  inputs.progress = progress;
  return export_model(*live.model, inputs, options, target);
}
}  // namespace

class RobustnessTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void tooLittleRoomIsSaidBeforeAnythingIsWritten() {
    const LiveModel live("full/bert-cls");
    const double small = bytes_while_exporting(*live.model, {});
    ExportOptions half;
    half.precision = "fp16";
    QVERIFY(bytes_while_exporting(*live.model, half) < small);
    // A weight of 10^15 numbers that are all one number in memory.
    for (const auto& parameter : live.model->named_parameters())
      if (parameter.key() == "classifier.weight")
        Tensor(parameter.value()).set_data(at::zeros({1}).expand({std::int64_t{1} << 50}));
    bool asked = false;
    LUTHIER_FAILS(export_with(live, {}, live.folder.path() / "out", [&](const std::string&, double) { asked = true; }),
                  "not enough room");
    QVERIFY(!asked);
    QCOMPARE(names_in(live.folder.path()), (std::set<std::string>{"base-model"}));
  }

  void aSmallDiskIsRefused() {
    const LiveModel live("full/bert-cls");
    const fs::path disk = live.folder.path() / "disk";
    const SmallDisk small(disk, 64 << 10);
    if (!small.mounted()) QSKIP("needs the right to mount a small tmpfs");
    ErrorKind kind = ErrorKind::internal;
    try {
      live.exported("huggingface", "disk/out");
    } catch (const Error& error) {
      kind = error.kind;
    }
    QCOMPARE(kind, ErrorKind::disk_full);
    QVERIFY(names_in(disk).empty());
  }

  void weightsThatAreNoNumbersAreRefused() {
    for (const float wrong : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
      const LiveModel live("peft/lora-bert-cls");
      for (const auto& parameter : live.model->named_parameters())
        if (parameter.key().ends_with("layer.1.attention.self.query.lora_B.weight"))
          parameter.value().detach().flatten()[3] = wrong;
      for (const char* format : {"huggingface", "peft"})
        LUTHIER_FAILS(live.exported(format, "out"), "layer.1.attention.self.query.lora_B.weight");
      QCOMPARE(names_in(live.folder.path()), (std::set<std::string>{"base-model"}));
    }
  }

  void aCancelledExportLeavesNothing() {
    const LiveModel live("full/bert-cls");
    std::vector<std::string> stages;
    export_with(live, {}, live.folder.path() / "whole", [&](const std::string& stage, double) {
      if (stages.empty() || stages.back() != stage) stages.push_back(stage);
    });
    fs::remove_all(live.folder.path() / "whole");
    QVERIFY(stages.size() >= 3);
    for (const std::string& last : stages) {
      const fs::path target = live.folder.path() / "new" / "deep" / "out";
      LUTHIER_FAILS(export_with(live, {}, target,
                                [&](const std::string& stage, double) {
                                  if (stage == last) fail(ErrorKind::cancelled, "stopped at " + stage);
                                }),
                    "stopped at " + last);
      QCOMPARE(names_in(live.folder.path()), (std::set<std::string>{"base-model"}));
    }
  }

  void anEarlierExportGivesWayOnlyWhenAsked() {
    const LiveModel live("full/bert-cls", {"a", "b", "c"});
    const fs::path folder = live.exported("huggingface", "out").path;
    const std::string before = read_file(folder / "model.safetensors");
    write_text(folder / "notes.txt", "mine");
    LUTHIER_FAILS(live.exported("huggingface", "out"), "something already");
    ExportOptions options;
    options.overwrite = true;
    options.precision = "fp16";
    // Cancelled while it is proven: the earlier one is there again, whole.
    LUTHIER_FAILS(export_with(live, options, folder,
                              [](const std::string& stage, double) {
                                if (stage.find("another process") != std::string::npos)
                                  fail(ErrorKind::cancelled, "stopped");
                              }),
                  "stopped");
    QVERIFY(read_file(folder / "model.safetensors") == before);
    QVERIFY(fs::exists(folder / "notes.txt"));
    const Exported again = export_with(live, options, folder);
    QVERIFY2(again.proven, again.proof_json.c_str());
    QVERIFY(fs::file_size(folder / "model.safetensors") < before.size());
    QVERIFY(!fs::exists(folder / "notes.txt"));
    QCOMPARE(names_in(live.folder.path()), (std::set<std::string>{"base-model", "out"}));
  }

  void whatLuthierDidNotWriteIsNeverReplaced() {
    const LiveModel live("full/bert-cls");
    ExportOptions options;
    options.overwrite = true;
    write_text(live.folder.path() / "mine/notes.txt", "keep me");
    LUTHIER_FAILS(export_with(live, options, live.folder.path() / "mine"), "no export of Luthier's");
    const fs::path folder = live.exported("huggingface", "out").path;
    fs::create_directory_symlink(folder, live.folder.path() / "link");
    LUTHIER_FAILS(export_with(live, options, live.folder.path() / "link"), "no export of Luthier's");
    QCOMPARE(read_file(live.folder.path() / "mine/notes.txt"), std::string("keep me"));
    QVERIFY(fs::exists(folder / "model.safetensors"));
  }

  void longNamesAndPathsAreWrittenOrRefused() {
    const LiveModel live("full/bert-cls");
    const std::string longest(255, 'n');
    QVERIFY(live.exported("huggingface", longest).proven);
    LUTHIER_FAILS(live.exported("huggingface", longest + "n"), "at most 255 bytes");
    std::string deep;
    for (int i = 0; i < 12; ++i) deep += std::string(200, static_cast<char>('a' + i)) + "/";
    QVERIFY(live.exported("huggingface", deep + "out").proven);
    for (int i = 0; i < 12; ++i) deep += std::string(200, static_cast<char>('a' + i)) + "/";
    LUTHIER_FAILS(live.exported("huggingface", deep + "out"), "too long");
    QVERIFY(live.exported("huggingface", "Gewichte für Übung 1 – 試験 \"x\"").proven);
  }

  void whatAFormatCannotHoldIsRefusedWithAWayOut() {
    const LiveModel classifier("full/bert-cls"), tags("full/bert-token"), fills("full/bert-mlm");
    for (const LiveModel* live : {&tags, &fills})
      LUTHIER_FAILS(live->exported("gguf", "out", "fp16"), "Hugging Face folder");
    const auto vision = load_model(fixture("full/vit-cls") / "base", {.head = Head::image_classification});
    ExportOptions gguf;
    gguf.format = "gguf";
    LUTHIER_FAILS(check_export(*vision, gguf), "do not run there");
    ExportOptions beside;
    beside.merge = false;
    LUTHIER_FAILS(export_with(classifier, beside, classifier.folder.path() / "out"), "no adapter");
    beside.format = "peft";
    LUTHIER_FAILS(export_with(classifier, beside, classifier.folder.path() / "out"), "adapter beside it");
    QCOMPARE(names_in(classifier.folder.path()), (std::set<std::string>{"base-model"}));
  }

  void tiedWeightsThatTrainingSplitStaySplit() {
    const LiveModel live("full/gpt2-lm");
    QVERIFY(live.model->config().value("tie_word_embeddings", true));
    // A checkpoint with two different matrices where its config says that they are one.
    NamedTensors tensors;
    for (const auto& [name, tensor] : read_tensors(live.base / "model.safetensors"))
      if (name != "lm_head.weight") tensors.emplace_back(name, tensor.clone());
    for (const auto& [name, tensor] : NamedTensors(tensors))
      if (name.ends_with("wte.weight")) tensors.emplace_back("lm_head.weight", tensor * 1.5 + 0.01);
    write_tensors(live.base / "model.safetensors", tensors);
    LiveModel split("full/gpt2-lm");
    split.model = load_model(live.base, {.head = Head::causal_lm});
    const Exported exported = split.exported("huggingface", "out");
    QVERIFY2(exported.proven, exported.proof_json.c_str());
    QCOMPARE(read_json(exported.path / "config.json").at("tie_word_embeddings").get<bool>(), false);
    std::set<std::string> names;
    for (const auto& [name, tensor] : read_tensors(exported.path / "model.safetensors")) names.insert(name);
    QVERIFY(names.contains("lm_head.weight") && names.contains("transformer.wte.weight"));
  }
};

QTEST_GUILESS_MAIN(RobustnessTest)
#include "robustness_test.moc"

#pragma once
// The states that the window has pictures of: see scenes.h.
#include "support/played_preflight.h"
#include "support/scenes.h"
#include "widgets/controls.h"

namespace luthier::testing {

struct Scene {
  const char* name;
  std::function<void(Stage&)> play;
};

inline Json played_proof(bool passed) {
  Json proof = {{"format", "huggingface"},
                {"passed", passed},
                {"limit", 1e-4},
                {"limit_reason", "rounding alone"},
                {"rows", 64},
                {"positions", 64},
                {"max_abs_difference", 2.5e-6},
                {"relative_difference", 1.25e-6},
                {"agreement", 1.0},
                {"kl", 3e-9},
                {"metrics",
                 {{{"name", "loss"}, {"live", 0.3172}, {"artefact", 0.31721}, {"delta", 1e-5}},
                  {{"name", "accuracy"}, {"live", 0.90625}, {"artefact", 0.90625}, {"delta", 0}}}},
                {"size_bytes", 14210000},
                {"peak_memory_bytes", 241000000},
                {"load_seconds", 0.05},
                {"latency_ms", 1.5},
                {"changed_tensors", Json::array()},
                {"missing_tensors", Json::array()},
                {"added_tensors", Json::array()},
                {"problem", ""}};
  if (passed) return proof;
  proof["relative_difference"] = 0.4;
  proof["max_abs_difference"] = 0.8;
  proof["agreement"] = 0.75;
  proof["metrics"][0]["artefact"] = 0.9127;
  proof["metrics"][1]["artefact"] = 0.734375;
  proof["changed_tensors"] = {"classifier.weight"};
  proof["problem"] = "these tensors are not what was exported: classifier.weight";
  return proof;
}

/// A GGUF file of a model that follows instructions; the numbers are those of a real one.
inline void played_text_export(Stage& stage) {
  stage.openStarter("follow-instructions");
  const std::string id = stage.play({});
  const fs::path folder = stage.document().folder() / "export/follow-instructions-q8_0";
  write_text(folder / "model.gguf", "GGUF");
  const std::string proof = R"({"format": "gguf", "passed": true, "limit": 0.1, "limit_agreement": 0.8,
    "limit_reason": "8 bits a weight and an activation, 32 share a scale", "rows": 40, "positions": 792,
    "max_abs_difference": 0.4743, "relative_difference": 0.0156, "agreement": 0.98106, "kl": 0.000638,
    "metrics": [{"name": "loss", "live": 2.32115, "artefact": 2.32133, "delta": 0.00018},
                {"name": "token_accuracy", "live": 0.64431, "artefact": 0.64228, "delta": -0.00203}],
    "answers": {"count": 16, "same": 13, "tokens": 238, "first_token_ms": 21.06, "token_ms": 4.613},
    "size_bytes": 2385047, "load_seconds": 0.041, "latency_ms": 8.54, "peak_memory_bytes": 54530048,
    "changed_tensors": [], "missing_tensors": [], "added_tensors": [], "problem": ""})";
  Store(stage.home)
      .add_artefact(id, {0, "gguf", folder.string(), proof, double(QDateTime::currentSecsSinceEpoch()) - 300});
  stage.window->workbench().runs.poll();
}

/// A finished run with two exports: one proven, one that differs.
inline void played_exports(Stage& stage) {
  stage.openStarter("classify-text");
  const std::string id = stage.play({});
  Store store(stage.home);
  const double now = double(QDateTime::currentSecsSinceEpoch());
  for (const bool passed : {false, true}) {
    const fs::path folder =
        stage.document().folder() / "export" / (passed ? "classify-text-huggingface" : "classify-text-bf16");
    write_text(folder / "config.json", "{}");
    store.add_artefact(id,
                       {0, "huggingface", folder.string(), played_proof(passed).dump(), now - (passed ? 300 : 900)});
  }
  stage.window->workbench().runs.poll();
}

/// The certificate in this row of the table.
inline std::function<void(Stage&)> certificate(void (*played)(Stage&), int row) {
  return [played, row](Stage& stage) {
    played(stage);
    stage.window->goTo(Step::exports);
    stage.at<QTableView>("exportTable")->selectRow(row);
    stage.click("exportCertificateButton");
  };
}

inline void open_microscope(Stage& stage, int row) {
  stage.rowsShown();
  auto* table = stage.at<DataTable>("dataTable");
  table->setCurrentRow(row);
  Q_EMIT table->rowOpened(row);
  QTest::qWait(700);
}

inline void choose_segment(Stage& stage, const char* control, const char* segment) {
  auto* choice = stage.at<SegmentedControl>(control);
  QTest::mouseClick(choice, Qt::LeftButton, {}, choice->segmentRect(segment).center());
}

/// The dialog with this format chosen and its size known.
inline void open_export(Stage& stage, const char* card) {
  stage.window->goTo(Step::exports);
  stage.click("exportButton");
  stage.click(card);
  stage.wait([&] { return stage.at<QPushButton>("exportConfirmButton")->text().contains("B"); }, 5000);
}

/// Rows with everything that findings are about.
inline std::string flawed_rows() {
  std::string csv = "text,label\n";
  for (int i = 0; i < 240; ++i)
    csv += "message number " + std::to_string(i) + " about " +
           (i % 2 ? "guitars and amplifiers" : "routers and cables") + (i % 2 ? ",music\n" : ",network\n");
  for (int i = 0; i < 12; ++i) csv += "the same words again,music\n";
  csv += ",network\n \"\",music\nno label here,\n";
  return csv + "a line, with, too many, fields\n";
}

/// Every scene, in the order of the pages.
inline const std::vector<Scene>& scenes() {
  const auto go = [](Step step) { return [step](Stage& s) { s.window->goTo(step); }; };
  const auto filled = [](Step step) {
    return [step](Stage& s) {
      s.openStarter("classify-text");
      s.window->goTo(step);
    };
  };
  const auto checked = [](const char* verdict) {
    return [verdict](Stage& s) {
      s.openStarter("classify-text");
      s.window->goTo(Step::preflight);
      s.window->workbench().facts.setPreflight(played_preflight(verdict));
    };
  };
  const auto trained = [](PlayedRun run) {
    return [run](Stage& s) {
      s.openStarter("classify-text");
      s.play(run);
      s.window->goTo(Step::train);
    };
  };
  const PlayedRun running{.status = RunStatus::running, .step = 430, .age_seconds = 19};
  const PlayedRun paused{.status = RunStatus::paused, .step = 430, .age_seconds = 60, .reason = "paused on demand"};
  const PlayedRun failed{.status = RunStatus::failed,
                         .step = 35,
                         .age_seconds = 60,
                         .reason = "the loss is not a number at step 35",
                         .hint = "lower the learning rate, or train with a warm-up"};
  const PlayedRun interrupted{.status = RunStatus::interrupted,
                              .step = 310,
                              .age_seconds = 60,
                              .reason = "the trainer was ended by signal 9 (killed)",
                              .signal = 9};
  static const std::vector<Scene> all = {
      {"home-empty", [](Stage& s) { s.goHome(); }},
      {"home-recents",
       [](Stage& s) {
         s.openStarter("classify-text");
         s.play({.age_seconds = 400});
         s.openStarter("follow-instructions");
         s.play({.status = RunStatus::interrupted,
                 .step = 200,
                 .total = 456,
                 .per_epoch = 57,
                 .age_seconds = 200,
                 .reason = "the trainer was ended by signal 9 (killed)",
                 .samples = true});
         s.goHome();
       }},
      {"home-refused",
       [](Stage& s) {
         write_text(fs::path(s.fixture.folder.path().toStdString()) / "recipe.json", "{\"luthier\": 1, \"model\": ");
         s.goHome();
         s.window->openPath(s.fixture.folder.filePath("recipe.json"));
       }},
      {"data-empty", [](Stage& s) { s.window->goTo(Step::data); }},
      {"data-filled", filled(Step::data)},
      {"data-findings",
       [](Stage& s) {
         s.openData("messages.csv", flawed_rows());
         s.wait([&] { return s.window->workbench().facts.data() && !s.window->workbench().facts.dataLoading(); });
       }},
      {"data-filter",
       [](Stage& s) {
         s.openStarter("classify-text");
         s.rowsShown();
         s.at<QLineEdit>("dataFilterEdit")->setText("where tokens > 20 and label = 'music'");
         QTest::keyClick(s.at("dataFilterEdit"), Qt::Key_Return);
       }},
      {"data-filter-invalid",
       [](Stage& s) {
         s.openStarter("classify-text");
         s.rowsShown();
         s.at<QLineEdit>("dataFilterEdit")->setText("where tokens >> and");
         QTest::keyClick(s.at("dataFilterEdit"), Qt::Key_Return);
       }},
      {"data-microscope",
       [](Stage& s) {
         s.openStarter("classify-text");
         open_microscope(s, 4);
       }},
      {"data-microscope-instructions",
       [](Stage& s) {
         s.openStarter("follow-instructions", {"data.max_tokens=24"});
         open_microscope(s, 2);
       }},
      {"data-microscope-serving",
       [](Stage& s) {
         s.openStarter("follow-instructions");
         open_microscope(s, 2);
         choose_segment(s, "microscopeMode", "serving");
       }},
      {"data-images", [](Stage& s) { s.openStarter("classify-images"); }},
      {"data-failed",
       [](Stage& s) {
         s.openStarter("classify-text", {"data.train=gone.csv"});
         s.wait([&] { return s.window->workbench().facts.dataError().has_value(); });
       }},
      {"model-empty",
       [](Stage& s) {
         s.openData("messages.csv", flawed_rows());
         s.window->goTo(Step::model);
       }},
      {"model-filled", filled(Step::model)},
      {"method-empty", go(Step::method)},
      {"method-filled", filled(Step::method)},
      {"method-lora",
       [](Stage& s) {
         s.openStarter("follow-instructions");
         s.window->goTo(Step::method);
         s.click("methodCard.lora");
       }},
      {"method-layerwise",
       [](Stage& s) {
         s.openStarter("classify-text");
         s.window->goTo(Step::method);
         s.click("methodCard.layerwise");
       }},
      {"preflight-empty", filled(Step::preflight)},
      {"preflight-running",
       [](Stage& s) {
         s.openStarter("classify-text");
         s.answerCommands("{\"progress\": {\"stage\": \"the longest rows\", \"share\": 0.4}}");
         s.window->goTo(Step::preflight);
         s.click("preflightRunButton");
       }},
      {"preflight-green", checked("ready")},
      {"preflight-amber", checked("warnings")},
      {"preflight-red", checked("blocked")},
      {"preflight-stale",
       [checked](Stage& s) {
         checked("ready")(s);
         s.document().set("training.epochs", 4, "Epochs");
       }},
      {"train-empty", go(Step::train)},
      {"train-running", trained(running)},
      {"train-paused", trained(paused)},
      {"train-amend",
       [trained, paused](Stage& s) {
         trained(paused)(s);
         s.click("bannerChangeButton");
       }},
      {"train-failed", trained(failed)},
      {"train-interrupted", trained(interrupted)},
      {"train-queued",
       [](Stage& s) {
         s.openStarter("follow-instructions");
         s.play({.status = RunStatus::running,
                 .step = 200,
                 .total = 456,
                 .per_epoch = 57,
                 .age_seconds = 30,
                 .samples = true});
         s.openStarter("classify-text");
         s.play({.status = RunStatus::queued});
         s.window->goTo(Step::train);
       }},
      {"train-stop-question",
       [trained, running](Stage& s) {
         trained(running)(s);
         s.click("stopButton");
       }},
      {"train-finished", trained({})},
      {"train-samples",
       [](Stage& s) {
         s.openStarter("follow-instructions");
         s.play({.status = RunStatus::running,
                 .step = 240,
                 .total = 456,
                 .per_epoch = 57,
                 .loss_to = 1.9,
                 .age_seconds = 30,
                 .samples = true});
         s.window->goTo(Step::train);
       }},
      {"try-empty", filled(Step::tryIt)},
      {"try-loading",
       [](Stage& s) {
         s.openStarter("classify-text");
         s.play({});
         s.answerCommands("{}");
         s.window->goTo(Step::tryIt);
       }},
      {"try-classify",
       [](Stage& s) {
         s.openStarter("classify-text");
         s.play({});
         s.serve("classification");
         s.window->goTo(Step::tryIt);
         s.wait([&] { return s.at("inputEdit")->isVisible(); });
         for (const char* text : {"the strings of my old guitar buzz", "my guitar is out of tune in every recording"}) {
           s.at<QPlainTextEdit>("inputEdit")->setPlainText(text);
           QTest::qWait(2300);  // answered after 200 ms, kept as tried after 1500
         }
       }},
      {"try-complete",
       [](Stage& s) {
         s.openStarter("follow-instructions");
         s.play({.total = 456, .per_epoch = 57, .loss_to = 1.9, .samples = true});
         s.serve("causal_lm");
         s.window->goTo(Step::tryIt);
         s.wait([&] { return s.at("promptEdit")->isVisible(); });
         s.at<QPlainTextEdit>("promptEdit")->setPlainText("What is a lake?");
         s.click("sendButton");
         s.wait([&] { return s.at<QPushButton>("sendButton")->text() != MainWindow::tr("Stop"); }, 3000);
       }},
      {"export-empty", filled(Step::exports)},
      {"export-nothing",
       [](Stage& s) {
         s.openStarter("classify-text");
         s.play({});
         s.window->goTo(Step::exports);
       }},
      {"export-filled",
       [](Stage& s) {
         played_exports(s);
         s.window->goTo(Step::exports);
       }},
      {"export-dialog",
       [](Stage& s) {
         played_exports(s);
         s.window->goTo(Step::exports);
         s.click("exportButton");
         s.wait([&] { return s.at<QPushButton>("exportConfirmButton")->text().contains("MB"); }, 5000);
       }},
      {"export-dialog-adapter",
       [](Stage& s) {
         s.openStarter("classify-text", {"method={\"kind\": \"lora\"}"});
         s.play({});
         open_export(s, "formatCard.peft");
       }},
      {"export-dialog-gguf",
       [](Stage& s) {
         s.openStarter("follow-instructions");
         s.play({.total = 456, .per_epoch = 57, .loss_to = 1.9, .samples = true});
         open_export(s, "formatCard.gguf");
       }},
      {"export-running",
       [](Stage& s) {
         played_exports(s);
         s.answerCommands("{\"progress\": {\"stage\": \"comparing\", \"share\": 0.6}}");
         s.window->goTo(Step::exports);
         s.click("exportButton");
         s.click("exportConfirmButton");
       }},
      {"export-certificate", certificate(played_exports, 0)},
      {"export-certificate-text", certificate(played_text_export, 0)},
      {"export-certificate-failed", certificate(played_exports, 1)},
      {"runs-empty", filled(Step::runs)},
      {"runs-filled",
       [](Stage& s) {
         s.openStarter("classify-text");
         s.play({.age_seconds = 90000});
         s.document().apply({"method={\"kind\": \"lora\"}", "training.learning_rate=0.002"}, "LoRA");
         s.play({.loss_to = 0.7, .accuracy_to = 0.79, .age_seconds = 9000});
         s.play({.status = RunStatus::failed, .step = 35, .age_seconds = 6000, .reason = "the loss is not a number"});
         s.play({.status = RunStatus::interrupted,
                 .step = 310,
                 .age_seconds = 3000,
                 .reason = "the trainer was ended by signal 9 (killed)"});
         s.play({.status = RunStatus::running, .step = 430, .age_seconds = 19});
         s.window->goTo(Step::runs);
       }},
      {"runs-compare",
       [](Stage& s) {
         s.openStarter("classify-text");
         s.play({.age_seconds = 90000});
         s.document().apply({"method={\"kind\": \"lora\"}", "training.learning_rate=0.002"}, "LoRA");
         s.play({.loss_to = 0.7, .accuracy_to = 0.79, .age_seconds = 9000});
         s.document().apply({"training.epochs=6"}, "Epochs");
         s.play({.step = 432, .total = 432, .loss_to = 0.66, .accuracy_to = 0.8, .age_seconds = 3000});
         s.window->goTo(Step::runs);
         auto* table = s.at<QTableView>("runTable");
         for (const int row : {0, 1, 2})
           table->model()->setData(table->model()->index(row, RunModel::tick), Qt::Checked, Qt::CheckStateRole);
       }},
      {"settings", go(Step::settings)},
      {"find",
       [](Stage& s) {
         s.openStarter("classify-text");
         QTest::keyClick(s.window.get(), Qt::Key_K, Qt::ControlModifier);
         QTest::keyClicks(s.at("paletteEdit"), "rate");
       }},
  };
  return all;
}

}  // namespace luthier::testing

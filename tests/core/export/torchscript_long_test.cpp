// Python's torch.jit.load opens what was written of every family and head, with nothing of Luthier, and computes what
// transformers computes with the same weights (tests/reference/open_torchscript.py).
#include <sstream>

#include "export/formats.h"
#include "models/families.h"
#include "recipe/catalog.h"
#include "support/testing.h"
#include "support/tiny_models.h"

using namespace luthier;
using namespace luthier::testing;

class TorchScriptLongTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void pythonComputesWhatTransformersComputes() {
    if (!has_python("torch, transformers")) QSKIP("needs Python with transformers");
    const TemporaryFolder place;
    std::vector<std::string> words = {"python3", (source_folder() / "tests/reference/open_torchscript.py").string()};
    std::vector<bool> writes;
    for (const FamilyModules& modules : family_modules())
      for (const std::string& head : family_of_model_type(modules.model_type).heads) {
        const auto model = tiny_model(modules.model_type, head);
        const fs::path folder = place.path() / (modules.model_type + "-" + head);
        fs::create_directories(folder);
        ExportInputs inputs{};
        ExportOptions options;
        options.format = "torchscript";
        write_torchscript(*model, inputs, options, folder);
        save_model(*model, folder);
        words.push_back(folder.string());
        writes.push_back(head == "causal_lm" || head == "seq2seq_lm");
      }
    const Output output = run_program(words, {}, 900);
    std::istringstream lines(output.out);
    std::size_t seen = 0;
    for (std::string line; std::getline(lines, line);) {
      if (line.empty() || line[0] != '{') continue;
      const Json told = Json::parse(line);
      const std::string what = words.at(seen + 2) + ": " + line;
      QVERIFY2(told.at("difference").get<double>() <= 1e-4, what.c_str());
      if (writes.at(seen)) QVERIFY2(told.at("step_difference").get<double>() <= 1e-4, what.c_str());
      qInfo("%s", what.c_str());
      ++seen;
    }
    QVERIFY2(seen == writes.size(), output.err.c_str());
  }
};

QTEST_GUILESS_MAIN(TorchScriptLongTest)
#include "torchscript_long_test.moc"

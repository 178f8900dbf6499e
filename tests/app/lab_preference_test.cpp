// `lab preference` on the public case of TRL's losses (../shared/fixtures/dpo), as a script from outside calls it.
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "support/testing.h"
#include "weights/weights.h"

using namespace luthier;
using namespace luthier::testing;

class LabPreferenceTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void givesTheNumbersOfTrl() {
    if (!fs::exists(cli_path())) QSKIP("luthier-cli is not built");
    LUTHIER_NEEDS(folder, "fixtures/dpo");
    const TemporaryFolder out;
    const Output run = run_cli({"lab", "preference", "--policy", (folder / "policy").string(), "--reference",
                                (folder / "reference").string(), "--inputs", (folder / "io.safetensors").string(),
                                "--out", (out.path() / "told.json").string()});
    QVERIFY2(run.exit_code == 0, run.err.c_str());
    const Json told = read_json(out.path() / "told.json"), expected = read_json(folder / "expect.json");
    const auto compare = [&](const std::string& name, const std::vector<double>& wanted) {
      const auto got = told.at(name).get<std::vector<double>>();
      QCOMPARE(got.size(), wanted.size());
      for (std::size_t i = 0; i < got.size(); ++i)
        QVERIFY2(std::abs(got[i] - wanted[i]) <= 1e-5 * std::max(1.0, std::abs(wanted[i])),
                 qPrintable(QString("%1[%2]: %3, not %4").arg(name.c_str()).arg(i).arg(got[i]).arg(wanted[i])));
    };
    for (const auto& [name, values] : expected.items())
      if (values.is_array()) compare(name, values.get<std::vector<double>>());
    const Weights inputs = Weights::open(folder / "io.safetensors");
    for (const char* name :
         {"policy.chosen.logp", "policy.rejected.logp", "reference.chosen.logp", "reference.rejected.logp"}) {
      const TensorEntry* entry = inputs.find(std::string("expect.") + name);
      QVERIFY(entry && entry->type == DType::f32);
      const auto* first = reinterpret_cast<const float*>(entry->bytes.data());
      compare(name, {first, first + entry->elements()});
    }
  }

  void saysWhatIsMissing() {
    if (!fs::exists(cli_path())) QSKIP("luthier-cli is not built");
    const Output run = run_cli({"lab", "preference", "--policy", "a"});
    QCOMPARE(run.exit_code, 2);
    QVERIFY2(run.err.find("--inputs") != std::string::npos, run.err.c_str());
  }
};

QTEST_APPLESS_MAIN(LabPreferenceTest)
#include "lab_preference_test.moc"

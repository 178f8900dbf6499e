#include "recipe/catalog.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "base/error.h"
#include "recipe/recipe.h"
#include "support/testing.h"

using namespace luthier;

namespace {

template <class Entry>
std::set<std::string> kinds_of(const std::vector<Entry>& table) {
  std::set<std::string> kinds;
  for (const Entry& entry : table) kinds.insert(entry.kind);
  return kinds;
}

void check_specs(const std::vector<OptionSpec>& specs, const std::string& path, std::vector<std::string>& bad) {
  std::set<std::string> keys;
  for (const OptionSpec& spec : specs) {
    const std::string here = path + "." + spec.info.key;
    if (!keys.insert(spec.info.key).second) bad.push_back(here + " is declared twice");
    if (spec.info.label.empty() || spec.info.help.size() < 10 || spec.info.help.back() != '.')
      bad.push_back(here + " has no proper label and help");
    check_specs(spec.children, here, bad);
  }
}

}  // namespace

class CatalogTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void describesEveryOptionWithLabelAndHelp() {
    std::vector<std::string> bad;
    check_specs(option_specs<ModelOptions>(), "model", bad);
    check_specs(option_specs<DataOptions>(), "data", bad);
    check_specs(option_specs<TrainingOptions>(), "training", bad);
    check_specs(option_specs<ExportOptions>(), "export", bad);
    for (const ObjectiveEntry& entry : objectives()) check_specs(entry.options, entry.kind, bad);
    for (const MethodEntry& entry : methods()) check_specs(entry.options, entry.kind, bad);
    QVERIFY2(bad.empty(), bad.empty() ? "" : bad.front().c_str());
  }

  void roundTripsTheDefaultsOfEveryOptionsStruct() {
    check_defaults<ModelOptions>(Json{{"path", "m"}});
    check_defaults<DataOptions>(Json{{"train", "t"}, {"roles", {{"text", "a"}}}});
    check_defaults<TrainingOptions>(Json::object());
    check_defaults<EarlyStoppingOptions>(Json::object());
    check_defaults<ExportOptions>(Json{{"format", "peft"}});
    check_defaults<TaggingOptions>(Json::object());
    check_defaults<MaskedLmOptions>(Json::object());
    check_defaults<CausalLmOptions>(Json::object());
    check_defaults<FullOptions>(Json::object());
    check_defaults<LoraOptions>(Json::object());
  }

  void namesOnlyWhatExists() {
    const auto known_metrics = kinds_of(metrics());
    const auto known_methods = kinds_of(methods());
    std::set<std::string> heads;
    for (const FamilyEntry& entry : families()) heads.insert(entry.heads.begin(), entry.heads.end());
    for (const ObjectiveEntry& entry : objectives()) {
      for (const std::string& head : entry.heads) QVERIFY2(heads.contains(head), head.c_str());
      for (const auto& list : {entry.metrics, entry.audio_metrics})
        for (const std::string& metric : list) QVERIFY2(known_metrics.contains(metric), metric.c_str());
      QVERIFY(std::find(entry.metrics.begin(), entry.metrics.end(), "loss") != entry.metrics.end());
    }
    for (const ExporterEntry& entry : exporters())
      for (const std::string& method : methods_for(entry)) QVERIFY2(known_methods.contains(method), method.c_str());
    std::set<std::string> fields;
    for (const OptionSpec& spec : option_specs<ExportOptions>()) fields.insert(spec.info.key);
    for (const ExporterEntry& entry : exporters())
      for (const std::string& field : entry.fields) QVERIFY2(fields.contains(field), field.c_str());
    QCOMPARE(kinds_of(metrics()).size(), metrics().size());
    QCOMPARE(kinds_of(families()).size(), families().size());
  }

  void keepsTheOrderOfTheVariants() {
    QCOMPARE(objectives().size(), std::variant_size_v<ObjectiveOptions>);
    QCOMPARE(methods().size(), std::variant_size_v<MethodOptions>);
    QCOMPARE(kind_of(ObjectiveOptions(MaskedLmOptions{})), std::string("masked_lm"));
    QCOMPARE(kind_of(ObjectiveOptions(CausalLmOptions{})), std::string("causal_lm"));
    QCOMPARE(kind_of(MethodOptions(LoraOptions{})), std::string("lora"));
    QCOMPARE(kind_of(MethodOptions(FeatureExtractionOptions{})), std::string("feature_extraction"));
  }

  void findsEntriesAndSuggestsNames() {
    QCOMPARE(family_of_model_type("qwen2").kind, std::string("llama"));
    QCOMPARE(family_of_model_type("xlm-roberta").kind, std::string("roberta"));
    QCOMPARE(metric_entry("loss").higher_is_better, false);
    LUTHIER_FAILS(family_of_model_type("mamba"), "of type \"mamba\" are not supported");
    LUTHIER_FAILS(method_entry("lorra"), "did you mean \"lora\"?");
    LUTHIER_FAILS(objective_entry("x"), "known are: classification");
  }

  void describesItselfAsJson() {
    const Json all = describe_catalogs();
    QCOMPARE(all["luthier"], Json(1));
    QCOMPARE(all["methods"].size(), methods().size());
    const auto& known = all["methods"];
    const auto lora = std::find_if(known.begin(), known.end(), [](const Json& one) { return one["kind"] == "lora"; });
    QVERIFY(lora != known.end());
    QCOMPARE((*lora)["options"][0]["key"], Json("rank"));
    QCOMPARE((*lora)["options"][0]["default"], Json(8));
    QVERIFY(all["recipe"]["training"].size() > 20);
  }

 private:
  template <class Options>
  static void check_defaults(const Json& required) {
    Options value;
    std::vector<Problem> problems;
    read_options(required, "", value, problems);
    QVERIFY2(problems.empty(), problems.empty() ? "" : (problems[0].path + problems[0].message).c_str());
    const Json written = write_options(value);
    Options again;
    read_options(written, "", again, problems);
    QVERIFY2(problems.empty(), problems.empty() ? "" : (problems[0].path + problems[0].message).c_str());
    QCOMPARE(write_options(again), written);
  }
};

QTEST_GUILESS_MAIN(CatalogTest)
#include "catalog_test.moc"

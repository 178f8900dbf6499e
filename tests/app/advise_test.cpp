// luthier-cli advise as people and other programs call it.
#include <nlohmann/json.hpp>
#include <set>

#include "recipe/catalog.h"
#include "support/tiny_task.h"

using namespace luthier;
using namespace luthier::testing;

class AdviseTest : public QObject {
  Q_OBJECT
  TemporaryFolder folder_;
  std::string recipe() const { return (folder_.path() / "recipe.json").string(); }

  Json advise(std::vector<std::string> more) {
    std::vector<std::string> words = {"advise", recipe(), "--json"};
    words.insert(words.end(), more.begin(), more.end());
    const Output output = run_cli(words);
    return output.exit_code == 0 ? Json::parse(output.out, nullptr, false) : Json{{"failed", output.err}};
  }

 private Q_SLOTS:
  void initTestCase() {
    write_tiny_task(folder_.path());
    Json json = tiny_recipe(folder_.path());
    json["model"]["from_config"] = false;
    write_text(recipe(), json.dump());
  }

  void ranksEveryMethodWithReasonAndCost() {
    const Json advice = advise({});
    QVERIFY2(advice.contains("methods"), advice.dump().c_str());
    std::set<std::string> kinds;
    for (const Json& method : advice.at("methods")) {
      kinds.insert(method.at("kind").get<std::string>());
      QVERIFY(!method.at("reason").get<std::string>().empty());
      QVERIFY(method.at("cost").at("memory_bytes").get<std::int64_t>() > 0);
      QVERIFY(method.at("cost").at("trainable").get<std::int64_t>() > 0);
      QVERIFY(method.at("cost").at("relative_time").get<double>() > 0.2);
    }
    QCOMPARE(kinds.size(), methods().size());
    QCOMPARE(advice.at("rows").get<int>(), 96);
    // 96 rows with labels: the head alone is the safest.
    QCOMPARE(advice.at("recommended").get<std::string>(), std::string("feature_extraction"));
    QCOMPARE(advice.at("methods").at(0).at("kind").get<std::string>(), std::string("feature_extraction"));
    QVERIFY(advice.at("before").is_null());
  }

  void saysWhenNotToFineTune() {
    QCOMPARE(advise({"--cite"}).at("before").at("title").get<std::string>(), std::string("Use retrieval first"));
    QCOMPARE(advise({"--set", "data.max_rows=20"}).at("before").at("title").get<std::string>(),
             std::string("Write a prompt first"));
    QVERIFY(advise({"--facts-change", "yearly"}).at("before").is_null());
  }

  void peopleReadATable() {
    const Output output = run_cli({"advise", recipe()});
    QCOMPARE(output.exit_code, 0);
    for (const char* part : {"METHOD", "MEMORY", "Feature extraction", "QLoRA", "rule of thumb"})
      QVERIFY2(output.out.find(part) != std::string::npos, (std::string(part) + "\n" + output.out).c_str());
  }

  void badInputIsNamed() {
    QCOMPARE(run_cli({"advise"}).exit_code, 2);
    QCOMPARE(run_cli({"advise", (folder_.path() / "none.json").string()}).exit_code, 2);
    const Output output = run_cli({"advise", recipe(), "--facts-change", "hourly"});
    QCOMPARE(output.exit_code, 2);
    QVERIFY(output.err.find("never, yearly, monthly or daily") != std::string::npos);
  }
};

QTEST_GUILESS_MAIN(AdviseTest)
#include "advise_test.moc"
